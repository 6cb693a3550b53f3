"""Counts as the figures that a gadget shows (docs/api.md, Pulse); pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experience.figures.tallies import Figures, Tally
from experience.model import scores
from gadgets.pulse.periods import Period
from gadgets.pulse.scope import Scope

METRICS = ("nps", "csat", "ces")
NOTHING = Tally()

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """What teams and agents are called, by id; of an agent whom nobody told us of, nothing.

    Each gadget has its own words for such an agent.
    """

    teams: Mapping[str, str]
    agents: Mapping[str, str]

    def sorted_teams(self, ids: Iterable[str]) -> list[str]:
        return sorted(ids, key=lambda team: (self.teams[team], team))

    def sorted_agents(self, ids: Iterable[str]) -> list[str]:
        """By name, those without one last."""
        return sorted(ids, key=lambda agent: (not self.agents.get(agent), self.agents.get(agent) or "", agent))


@dataclass(frozen=True, slots=True)
class Pulse:
    """One scope over one period: its figures, those of the period before, and the names in them.

    `invited` is None where the source of the figures cannot know it.
    """

    scope: Scope
    period: Period
    time_zone: str
    now: Figures
    before: Figures
    names: Names
    invited: int | None = 0

    def to_dict(self, poll_after: int) -> Body:
        """The whole body; `teams` and `agents` are absent where the scope is one person's own."""
        body = {
            "scope": self.scope.to_dict(),
            "period": {
                "from": self.period.first.isoformat(),
                "to": self.period.last.isoformat(),
                "timeZone": self.time_zone,
            },
            "pollAfter": poll_after,
            "responses": self.now.total.responses,
            "invited": self.invited,
            "responseRate": None,
            "metrics": metrics(self.now.total, self.before.total),
            "trend": trend(self.now, self.period),
        }
        return body | {"teams": self.teams(), "agents": self.agents()} if self.scope.is_of_teams else body

    def teams(self) -> list[Body]:
        """A row for each team of the scope, those without answers too."""
        return [
            {"id": team, "name": self.names.teams[team], **compared(self.now.by_team, self.before.by_team, team)}
            for team in self.names.sorted_teams(self.scope.teams or ())
        ]

    def agents(self) -> list[Body]:
        """A row for each agent with answers in the period that carry a team of the scope."""
        return [
            {
                "id": agent,
                "name": self.names.agents.get(agent),
                **compared(self.now.by_agent, self.before.by_agent, agent),
                "counts": scores.bands(self.now.by_agent[agent].nps)._asdict(),
            }
            for agent in self.names.sorted_agents(self.now.by_agent)
        ]


def metrics(now: Tally, before: Tally) -> Body:
    """The three metrics with their base, their spread and the period before."""
    return {"nps": _nps(now, before), "csat": _csat(now, before), "ces": _ces(now, before)}


def trend(figures: Figures, period: Period) -> list[Body]:
    """A point for each day of the period, days without answers too; CES on the scale of the whole period."""
    ces = scores.ces(figures.total.ces)
    tallies = ((day, figures.by_day.get(day, NOTHING)) for day in period.dates())
    return [
        {"date": day.isoformat(), "responses": tally.responses, **_scores(tally, ces.of if ces else None)}
        for day, tally in tallies
    ]


def compared(now: Mapping[str, Tally], before: Mapping[str, Tally], key: str) -> Body:
    """The headline of one row, with the change of each score since the period before."""
    tally = now.get(key, NOTHING)
    ces = scores.ces(tally.ces)
    scored, was = _scores(tally), _scores(before.get(key, NOTHING), ces.of if ces else None)
    return {
        "responses": tally.responses,
        **scored,
        "change": {name: scores.change(scored[name], was[name]) for name in METRICS},
    }


def _scores(tally: Tally, scale: scores.Scale | None = None) -> Body:
    """The three scores; CES on `scale`, where figures are compared, else on the scale with more answers."""
    csat, ces = scores.csat(tally.csat), scores.ces(tally.ces)
    on_scale = scores.mean(tally.ces.get(scale, {})) if scale else ces.score if ces else None
    return {"nps": scores.nps(tally.nps), "csat": csat.score if csat else None, "ces": on_scale}


def _moved(score: float | None, previous: float | None) -> Body:
    return {"previous": previous, "change": scores.change(score, previous)}


def _nps(now: Tally, before: Tally) -> Body:
    score = scores.nps(now.nps)
    return {
        "score": score,
        "responses": sum(now.nps.values()),
        **_moved(score, scores.nps(before.nps)),
        "counts": _spread(now.nps),
        **scores.bands(now.nps)._asdict(),
    }


def _csat(now: Tally, before: Tally) -> Body:
    csat, was = scores.csat(now.csat), scores.csat(before.csat)
    score = csat.score if csat else None
    return {
        "score": score,
        "mean": csat.mean if csat else None,
        "responses": sum(now.csat.values()),
        **_moved(score, was.score if was else None),
        "counts": _spread(now.csat),
    }


def _ces(now: Tally, before: Tally) -> Body:
    """On the scale with more answers; the period before is compared on that same scale."""
    ces = scores.ces(now.ces)
    if ces is None:
        last = scores.ces(before.ces)
        empty = {"score": None, "mean": None, "of": None, "responses": 0}
        return {**empty, **_moved(None, last.score if last else None), "counts": {}, "others": []}
    was = scores.mean(before.ces.get(ces.of, {}))
    return {**_on_scale(ces), **_moved(ces.score, was), "others": [_on_scale(other) for other in ces.others]}


def _on_scale(ces: scores.Ces) -> Body:
    return {
        "score": ces.score,
        "mean": ces.score,
        "of": list(ces.of),
        "responses": ces.responses,
        "counts": _spread(ces.counts),
    }


def _spread(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(value): counts[value] for value in sorted(counts)}
