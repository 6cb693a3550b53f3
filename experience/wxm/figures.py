"""Figures from a WxM, counted exactly: the answers of a scope are read once, then only what came since.

WxM's own summaries count by option and by prefill, but not by day, and count an answer twice in which two questions
of one metric were answered: no exact figure can be made of them. So what the answers of each scope say is kept here.
One small call tells how many answers there are and shows the newest; where that number is not ours, what is missing
is read. Every answer is held against the scope here, whatever WxM says it filtered.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from cachetools import LRUCache

from experience.model.figures import Figures, Tally
from experience.model.period import Period
from experience.model.scope import Scope
from experience.wxm.answer_cache import AnswerCache, AnswerQuery
from experience.wxm.answers import Answer, Where, WxmAnswers, question_ids
from experience.wxm.calls import WxmUnavailable, single_flight
from experience.wxm.journeys import Reading
from experience.wxm.questions import WxmQuestions

SECONDS = 10.0
FRESH_SECONDS = 0.5
NEWEST_ROWS = 25
# So many answers are read in one go; of a longer time what was read is kept where WxM is too slow for the rest.
SLICE = 2_500
KEPT_FACTS = 400_000
READINGS = 3


class WxmFigures:
    """Counts of one WxM, by scope; what is kept of one scope is never used for another."""

    def __init__(self, questions: WxmQuestions, answers: WxmAnswers, reading: Reading) -> None:
        self._questions = questions
        self._answers = answers
        self._reading = reading
        # No source says in which order pages run: where the newest are not found at one end, they are at the other.
        self._newest_last = True
        self._flights = single_flight()
        self._lock = threading.Lock()
        self._caches: LRUCache[Scope, AnswerCache] = LRUCache(KEPT_FACTS, getsizeof=lambda cache: cache.weight)

    def figures(self, scope: Scope, period: Period, questionnaire: str | None, *, trend: bool) -> Figures:
        """Raises WxmUnavailable."""
        if scope.is_empty:
            return Figures(Tally(), {}, {}, {})
        deadline = time.monotonic() + SECONDS
        # Whoever wants the days of a period asks for the period before next: both are read in one go.
        first = period.previous.first if trend else period.first

        def count() -> Figures:
            with self._cache(scope) as cache:
                self._update(cache, first, deadline)
                return cache.figures(period, questionnaire, trend=trend)

        return self._flights.run_alone(scope, count, deadline)

    @contextmanager
    def _cache(self, scope: Scope) -> Iterator[AnswerCache]:
        """Taken out while it grows, and weighed anew where it is put back; what was read stays after a failure."""
        with self._lock:
            cache = self._caches.pop(scope, None) or AnswerCache(scope)
        try:
            yield cache
        finally:
            # One that is larger than all that may be kept is read anew.
            with self._lock, suppress(ValueError):
                self._caches[scope] = cache

    def _update(self, cache: AnswerCache, first: date, deadline: float) -> None:
        """Everything from `first` on; begun anew where questions turned up that the answers are read by."""
        for _ in range(READINGS):
            queries = [AnswerQuery(*fields) for fields in self._questions.carrying(cache.scope, deadline)]
            version = self._questions.catalogue(deadline).version
            if version != cache.version or cache.reread_at <= time.monotonic():
                cache.begin(version, queries)
            if self._is_refreshed(cache, deadline) and self._is_extended(cache, first, deadline):
                return
        raise WxmUnavailable("WxM's answers change faster than they can be counted.", status=503, retry_after=1)

    def _is_refreshed(self, cache: AnswerCache, deadline: float) -> bool:
        """Read what came since; False where the cache had to be begun anew."""
        if cache.first is None or cache.fresh_until > time.monotonic():
            return True
        for query in cache.queries:
            if not self._is_whole(cache, query, deadline):
                cache.begin("", [])
                return False
        cache.fresh_until = time.monotonic() + FRESH_SECONDS
        return True

    def _is_whole(self, cache: AnswerCache, query: AnswerQuery, deadline: float) -> bool:
        """Whether no answer is missing after the newest were read, and none too many is here."""
        where = self._where(query, cache.first)
        known = len(query.facts)
        number = known // NEWEST_ROWS if self._newest_last else 0
        page = self._answers.page(where, number, NEWEST_ROWS, deadline)
        if not self._add(cache, query, page.answers, deadline):
            return False
        if page.total <= len(query.facts):
            return page.total == len(query.facts)
        self._newest_last ^= len(query.facts) == known
        recent = date.fromisoformat(str(cache.newest)) if cache.newest else cache.first
        since = self._answers.every(replace(where, first=recent), deadline)
        return self._add(cache, query, since, deadline) and page.total <= len(query.facts)

    def _is_extended(self, cache: AnswerCache, first: date, deadline: float) -> bool:
        """Read back to `first`, a part of the time at once where it holds much; False as in `_is_refreshed`."""
        while cache.first is None or first < cache.first:
            start = self._start(cache, first, deadline)
            wheres = [self._where(query, start, cache.first) for query in cache.queries]
            pages = [self._answers.every(where, deadline) for where in wheres]
            for query, answers in zip(cache.queries, pages, strict=True):
                if not self._add(cache, query, answers, deadline):
                    return False
            cache.first = start
            cache.fresh_until = time.monotonic() + FRESH_SECONDS
        return True

    def _start(self, cache: AnswerCache, first: date, deadline: float) -> date:
        """As far back as answers can be read at once, as if they came evenly."""
        wheres = [self._where(query, first, cache.first) for query in cache.queries]
        total = sum(self._answers.page(where, 0, 1, deadline).total for where in wheres)
        if cache.weight + total > KEPT_FACTS:
            raise WxmUnavailable("WxM holds more answers than can be counted.")
        if total <= SLICE:
            return first
        end = cache.first or datetime.now(self._reading.zone).date()
        return max(first, end - timedelta(days=max(1, (end - first).days * SLICE // total)))

    def _add(self, cache: AnswerCache, query: AnswerQuery, answers: list[Answer], deadline: float) -> bool:
        """Read answers into the cache; False where they name questions by which it is read otherwise."""
        new = {answer["id"]: answer for answer in answers if answer["id"] not in query.facts}
        catalogue = self._questions.knowing(question_ids(new.values()), deadline)
        if catalogue.version != cache.version:
            return False
        facts = dict.fromkeys(new, None) | {
            row["id"]: cache.fact(row) for row in self._reading.rows(list(new.values()), catalogue)
        }
        cache.add(query, facts)
        return True

    def _where(self, query: AnswerQuery, first: date | None, end: date | None = None) -> Where:
        return Where(query.question, query.values, self._reading.zone, first, end)
