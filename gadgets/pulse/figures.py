"""Counts as the figures that a gadget shows (docs/api.md, Pulse); pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experience.model import scores
from experience.model.figures import Figures, Invitations, Tally
from experience.model.questions import METRICS
from experience.model.timestamps import format_utc
from gadgets.pulse.query import PulseQuery
from gadgets.pulse.trend import NOTHING, trend

Body = dict[str, Any]
NONE_INVITED = Invitations()


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
    """What was asked: its figures, those of the period before, and the names in them.

    `invitations` is None where the platform cannot know them.
    """

    query: PulseQuery
    time_zone: str
    now: Figures
    before: Figures
    names: Names
    invitations: Invitations | None = NONE_INVITED

    def to_dict(self, poll_after: int) -> Body:
        """The whole body; `teams` and `agents` are absent where the scope is one person's own."""
        scope, period, before = self.query.scope, self.query.period, self.query.before
        body = {
            "scope": {"tag": self.query.tag, "teams": sorted(scope.teams or ()), "agent": scope.agent},
            "period": {
                "from": period.first.isoformat(),
                "to": period.last.isoformat(),
                "timeZone": self.time_zone,
                "previous": {
                    "from": before.first.isoformat(),
                    "to": before.last.isoformat(),
                    "until": format_utc(before.until) if before.until else None,
                },
            },
            "pollAfter": poll_after,
            "responses": self.now.total.responses,
            **invitations(self.invitations),
            "metrics": metrics(self.now.total, self.before.total),
            "trend": trend(self.now, period),
        }
        return body | {"teams": self.teams(), "agents": self.agents()} if self.query.is_of_teams else body

    def teams(self) -> list[Body]:
        """A row for each team of the scope, those without answers too."""
        teams = self.names.sorted_teams(self.query.scope.teams or ())
        comparisons = self._compared(self.now.by_team, self.before.by_team, teams)
        return [
            {"id": team, "name": self.names.teams[team], **row(self.now.by_team.get(team, NOTHING), comparison)}
            for team, comparison in zip(teams, comparisons, strict=True)
        ]

    def agents(self) -> list[Body]:
        """A row for each agent with answers in the period that carry a team of the scope."""
        agents = self.names.sorted_agents(self.now.by_agent)
        comparisons = self._compared(self.now.by_agent, self.before.by_agent, agents)
        return [
            {
                "id": agent,
                "name": self.names.agents.get(agent),
                **row(self.now.by_agent[agent], comparison),
                "counts": comparison.scores.bands._asdict(),
            }
            for agent, comparison in zip(agents, comparisons, strict=True)
        ]

    def _compared(
        self, now: Mapping[str, Tally], before: Mapping[str, Tally], keys: Iterable[str]
    ) -> list[scores.Comparison]:
        """The scores under each key, beside those of the period before; CES of all on one scale, that of the total."""
        ces = scores.ces(self.now.total.ces)
        scale = ces.of if ces else None
        return [scores.compare(now.get(key, NOTHING).counts, before.get(key, NOTHING).counts, scale) for key in keys]


def invitations(known: Invitations | None) -> Body:
    """How many were invited, how many and which share of them answered, and how many opted out; null: nobody knows."""
    if known is None:
        return dict.fromkeys(("invited", "invitedAnswered", "responseRate", "optedOut"))
    return {
        "invited": known.delivered,
        "invitedAnswered": known.answered,
        "responseRate": known.rate,
        "optedOut": known.opted_out,
    }


def metrics(now: Tally, before: Tally) -> Body:
    """The three metrics with their base, their spread and the period before."""
    comparison = scores.compare(now.counts, before.counts)
    moved = {
        name: {
            "previous": getattr(comparison.was, name),
            "change": getattr(comparison.change, name),
            "margin": getattr(comparison.margin, name),
        }
        for name in METRICS
    }
    return {
        "nps": _nps(comparison.scores, now.nps, moved["nps"]),
        "csat": _csat(comparison.scores.csat, now.csat, moved["csat"]),
        "ces": _ces(comparison.scores.ces, moved["ces"]),
    }


def row(tally: Tally, comparison: scores.Comparison) -> Body:
    """The headline of a team, an agent or the total, with the base and the change of each score."""
    return {
        "responses": tally.responses,
        **comparison.now._asdict(),
        "bases": comparison.bases._asdict(),
        "change": comparison.change._asdict(),
        "margin": comparison.margin._asdict(),
    }


def _nps(total: scores.Scores, counts: Mapping[int, int], moved: Body) -> Body:
    return {
        "score": total.nps,
        "responses": sum(counts.values()),
        **moved,
        "counts": _spread(counts),
        **total.bands._asdict(),
    }


def _csat(csat: scores.Csat | None, counts: Mapping[int, int], moved: Body) -> Body:
    return {
        "score": csat.score if csat else None,
        "mean": csat.mean if csat else None,
        "responses": sum(counts.values()),
        **moved,
        "counts": _spread(counts),
    }


def _ces(ces: scores.Ces | None, moved: Body) -> Body:
    """On the scale with more answers; the period before is compared on that same scale."""
    if ces is None:
        return {"score": None, "mean": None, "of": None, "responses": 0, **moved, "counts": {}, "others": []}
    return {**_on_scale(ces), **moved, "others": [_on_scale(other) for other in ces.others]}


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
