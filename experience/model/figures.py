"""Counts of answers, and those of one scope and period: by day, team and agent; never averages; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from experience.model.scores import CSAT_SCALE, NPS_SCALE, Scale

# The metric that counts every answer, scored or not.
RESPONSES = "responses"


@dataclass(slots=True)
class Tally:
    """Counts of answers: `counts[metric][low, high][value]`."""

    responses: int = 0
    counts: dict[str, dict[Scale, dict[int, int]]] = field(default_factory=dict)

    def add(self, metric: str, scale: Scale, value: int, count: int) -> None:
        """Count `count` answers more."""
        if metric == RESPONSES:
            self.responses += count
            return
        values = self.counts.setdefault(metric, {}).setdefault(scale, {})
        values[value] = values.get(value, 0) + count

    def include(self, other: Tally) -> None:
        """Count all that another tally counted."""
        self.responses += other.responses
        for metric, scales in other.counts.items():
            for scale, values in scales.items():
                for value, count in values.items():
                    self.add(metric, scale, value, count)

    def of(self, metric: str, scale: Scale) -> dict[int, int]:
        """The counts of one metric on one scale; empty where there is none."""
        return self.counts.get(metric, {}).get(scale, {})

    @property
    def nps(self) -> dict[int, int]:
        """Counts for `scores.nps`."""
        return self.of("nps", NPS_SCALE)

    @property
    def csat(self) -> dict[int, int]:
        """Counts for `scores.csat`."""
        return self.of("csat", CSAT_SCALE)

    @property
    def ces(self) -> dict[Scale, dict[int, int]]:
        """Counts of every scale for `scores.ces`."""
        return self.counts.get("ces", {})


@dataclass(frozen=True, slots=True)
class Invitations:
    """How many deferred invitations of a scope and period were delivered, and how many of those people did what."""

    delivered: int = 0
    answered: int = 0
    opted_out: int = 0

    @property
    def rate(self) -> float | None:
        """The share that was answered, to three places; None where nobody was invited."""
        return round(self.answered / self.delivered, 3) if self.delivered else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Tallies of one scope and period; the maps hold only days, teams and agents that have answers."""

    total: Tally
    by_day: dict[date, Tally]
    by_team: dict[str, Tally]
    by_agent: dict[str, Tally]
