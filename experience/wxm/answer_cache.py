"""What the answers of one scope say, kept to be counted: by day, with the ids of all that WxM told."""

import math
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from cachetools import LRUCache

from experience.model.figures import RESPONSES, Figures, Tally
from experience.model.period import Period
from experience.model.scope import Scope
from experience.model.scores import CSAT_SCALE, NPS_SCALE, Scale
from experience.model.timestamps import day_number, to_micros

# Answers are added; that one was changed or taken away is seen when all are read anew.
REREAD_SECONDS = 900.0
COUNTED_KEPT = 64

Mark = tuple[str, Scale, int]
FiguresQuery = tuple[Period, str | None, bool]


class Fact(NamedTuple):
    """What counts of one answer; `marks` are (metric, scale, value)."""

    day: int
    responded_at: int
    team: str
    agent: str
    questionnaire: str
    marks: tuple[Mark, ...]


@dataclass(slots=True)
class AnswerQuery:
    """The answers that hold one of `values` to one question, by their ids; None stands for what does not count."""

    question: str
    values: tuple[str, ...]
    facts: dict[str, Fact | None] = field(default_factory=dict)


@dataclass(slots=True)
class AnswerCache:
    """A scope's answers from the day `first` on, as one version of the questions reads them."""

    scope: Scope
    version: str = ""
    first: date | None = None
    newest: int = 0
    queries: list[AnswerQuery] = field(default_factory=list)
    fresh_until: float = 0.0
    reread_at: float = 0.0
    _by_day: dict[int, list[Fact]] = field(default_factory=dict)
    _counted: LRUCache[FiguresQuery, Figures] = field(default_factory=lambda: LRUCache(COUNTED_KEPT))

    @property
    def weight(self) -> int:
        return 1 + sum(len(query.facts) for query in self.queries)

    def begin(self, version: str, queries: list[AnswerQuery]) -> None:
        """Forget everything that was read."""
        self.version, self.queries = version, queries
        self.first, self.newest, self.fresh_until = None, 0, 0.0
        self._by_day = {}
        self._counted.clear()
        self.reread_at = time.monotonic() + REREAD_SECONDS

    def add(self, query: AnswerQuery, facts: Mapping[str, Fact | None]) -> None:
        """Keep what is new; an answer that two queries hold counts once."""
        for identity in facts.keys() - query.facts.keys():
            fact = facts[identity]
            if fact is not None and not any(identity in other.facts for other in self.queries):
                self._by_day.setdefault(fact.day, []).append(fact)
                self.newest = max(self.newest, fact.day)
                self._counted.clear()
            query.facts[identity] = fact

    def fact(self, row: Mapping[str, Any]) -> Fact | None:
        """What counts of an answer; None for one outside the scope, whatever WxM says it filtered."""
        if not self.scope.holds(row["team_id"], row["agent_id"]):
            return None
        place = row["team_id"] or "", row["agent_id"] or "", row["questionnaire"]
        return Fact(row["day"], row["responded_at"], *place, _marks(row))

    def figures(self, period: Period, questionnaire: str | None, *, trend: bool) -> Figures:
        """Counted once for as long as no answer comes."""
        query = (period, questionnaire, trend)
        counted = self._counted.get(query)
        if counted is None:
            counted = self._counted[query] = self._count(*query)
        return counted

    def _count(self, period: Period, questionnaire: str | None, trend: bool) -> Figures:
        days = {day_number(day): day for day in period.dates()}
        until = to_micros(period.until) if period.until else math.inf
        facts = [
            fact
            for day in days
            for fact in self._by_day.get(day, ())
            if (questionnaire is None or fact.questionnaire == questionnaire) and fact.responded_at < until
        ]
        by_day = {days[day]: tally for day, tally in _tallied(facts, lambda fact: fact.day).items()} if trend else {}
        total = _tallied(facts, lambda _: None).get(None, Tally())
        if self.scope.teams is None:
            return Figures(total, by_day, {}, {})
        by_agent = _tallied([fact for fact in facts if fact.agent], lambda fact: fact.agent)
        return Figures(total, by_day, _tallied(facts, lambda fact: fact.team), by_agent)


def _marks(row: Mapping[str, Any]) -> tuple[Mark, ...]:
    scales: dict[str, Scale] = {"nps": NPS_SCALE, "csat": CSAT_SCALE, "ces": (row["ces_low"], row["ces_high"])}
    scored = ((metric, scale, row[metric]) for metric, scale in scales.items() if row[metric] is not None)
    return ((RESPONSES, (0, 0), 0), *scored)


def _tallied(facts: Iterable[Fact], key: Callable[[Fact], Hashable]) -> dict[Any, Tally]:
    counts = Counter((key(fact), mark) for fact in facts for mark in fact.marks)
    tallies: dict[Any, Tally] = {}
    for (of, mark), count in counts.items():
        tallies.setdefault(of, Tally()).add(*mark, count)
    return tallies
