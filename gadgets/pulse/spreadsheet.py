"""The rows of a pulse as CSV (RFC 4180), as spreadsheets open it: nothing in it runs, and nothing turns into a date."""

import csv
import io
from typing import Any

from experience.model import scores
from experience.model.figures import Tally
from experience.model.period import Period
from experience.model.timestamps import format_utc
from gadgets.pulse.figures import Pulse, row
from gadgets.pulse.trend import NOTHING

# Wide signs, too: where Chinese or Japanese is written, spreadsheets take them for the narrow ones.
RUNNABLE = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
BANDS = ("promoters", "passives", "detractors")
COLUMNS = (
    *("row", "id", "name", "from", "to", "compared_from", "compared_to", "compared_until"),
    *("responses", "nps", "nps_change", *BANDS),
    *("csat", "csat_change", "ces", "ces_change", "ces_scale"),
)


def sheet(pulse: Pulse) -> bytes:
    """The total, then each team and each agent, one row each; with a mark by which a spreadsheet knows UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    days = _days(pulse.asked.period) | {f"compared_{end}": day for end, day in _days(pulse.asked.before).items()}
    until = pulse.asked.before.until
    days["compared_until"] = format_utc(until) if until else ""
    for kind, identity, name, now, before in _rows(pulse):
        named = {"row": kind, "id": harmless(identity), "name": harmless(name)}
        writer.writerow({**named, **days, **_figures(now, before)})
    return out.getvalue().encode("utf-8-sig")


def _days(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def filename(pulse: Pulse) -> str:
    return f"pulse_{pulse.asked.period.first}_{pulse.asked.period.last}.csv"


def harmless(cell: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip().startswith(RUNNABLE) or cell.startswith(RUNNABLE) else cell


def _rows(pulse: Pulse) -> list[tuple[str, str, str, Tally, Tally]]:
    """Kind, id, name, and the counts of the period and of the one before."""
    now, before, names = pulse.now, pulse.before, pulse.names
    rows = [("total", "", "", now.total, before.total)]
    if not pulse.asked.is_of_teams:
        return rows
    teams, agents = names.sorted_teams(pulse.asked.scope.teams or ()), names.sorted_agents(now.by_agent)
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
