"""The rows of a pulse as CSV, for a spreadsheet."""

from typing import Any

from experience.model import scores
from experience.model.figures import Tally
from experience.model.timestamps import format_utc
from foundation import csv_files
from gadgets.pulse.figures import Pulse, row
from gadgets.pulse.trend import NOTHING

BANDS = ("promoters", "passives", "detractors")
COLUMNS = (
    *("row", "id", "name", "from", "to", "compared_from", "compared_to", "compared_until"),
    *("responses", "nps", "nps_change", *BANDS),
    *("csat", "csat_change", "ces", "ces_change", "ces_scale"),
)


def sheet(pulse: Pulse) -> bytes:
    """The total, then each team and each agent, one row each."""
    period, before_it = pulse.query.period, pulse.query.before
    days = {
        **{"from": period.first, "to": period.last, "compared_from": before_it.first, "compared_to": before_it.last},
        "compared_until": format_utc(before_it.until) if before_it.until else "",
    }
    rows = [
        {"row": kind, "id": identity, "name": name, **days, **_figures(now, before)}
        for kind, identity, name, now, before in _rows(pulse)
    ]
    return csv_files.write([COLUMNS, *([row[column] for column in COLUMNS] for row in rows)]).encode()


def filename(pulse: Pulse) -> str:
    return f"pulse_{pulse.query.period.first}_{pulse.query.period.last}.csv"


def _rows(pulse: Pulse) -> list[tuple[str, str, str, Tally, Tally]]:
    """Kind, id, name, and the counts of the period and of the one before."""
    now, before, names = pulse.now, pulse.before, pulse.names
    rows = [("total", "", "", now.total, before.total)]
    if not pulse.query.is_of_teams:
        return rows
    teams, agents = names.sorted_teams(pulse.query.scope.teams or ()), names.sorted_agents(now.by_agent)
    rows += [
        ("team", team, names.teams[team], now.by_team.get(team, NOTHING), before.by_team.get(team, NOTHING))
        for team in teams
    ]
    rows += [
        (
            "agent",
            agent,
            names.agents.get(agent) or f"Agent {agent}",
            now.by_agent[agent],
            before.by_agent.get(agent, NOTHING),
        )
        for agent in agents
    ]
    return rows


def _figures(now: Tally, before: Tally) -> dict[str, Any]:
    """A cell without a figure stays empty: none is not nought."""
    comparison = scores.compare(now.counts, before.counts)
    figures = {name: value for name, value in row(now, comparison).items() if name not in {"bases", "margin"}}
    changes = {f"{name}_change": change for name, change in figures.pop("change").items()}
    ces = comparison.scores.ces
    scale = f"{ces.of[0]} to {ces.of[1]}" if ces else None
    return {**figures, **changes, **comparison.scores.bands._asdict(), "ces_scale": scale}
