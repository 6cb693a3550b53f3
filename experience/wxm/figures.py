"""Figures from a WxM, counted exactly: the answers of a scope are read once, then only what came since.

WxM's own summaries count by option and by prefill, but not by day, and count an answer twice in which two questions
of one metric were answered: no exact figure can be made of them. So each scope has a ledger of what its answers say.
One small call tells how many answers there are and shows the newest; where that number is not ours, what is missing
is read. Every answer is held against the scope here, whatever WxM says it filtered.
"""

import time
from dataclasses import replace
from datetime import date, datetime, timedelta

from experience.model.figures import Figures, Tally
from experience.model.period import Period
from experience.model.scope import Scope
from experience.wxm.answers import Answer, Where, WxmAnswers, question_ids
from experience.wxm.calls import WxmUnavailable
from experience.wxm.journeys import Reading
from experience.wxm.ledger import Ledger, Strand
from experience.wxm.questions import WxmQuestions
from experience.wxm.turns import Shelf

SECONDS = 10.0
FRESH_SECONDS = 0.5
NEWEST_ROWS = 25
# So many answers are read in one go; of a longer time what was read is kept where WxM is too slow for the rest.
SLICE = 2_500
KEPT_FACTS = 400_000
READINGS = 3


class WxmFigures:
    """Counts of one WxM, by scope; no scope's ledger is ever used for another's."""

    def __init__(self, questions: WxmQuestions, answers: WxmAnswers, reading: Reading) -> None:
        self._questions = questions
        self._answers = answers
        self._reading = reading
        # No source says in which order pages run: where the newest are not found at one end, they are at the other.
        self._newest_last = True
        self._shelf: Shelf[Ledger] = Shelf(KEPT_FACTS, lambda ledger: ledger.weight)

    def figures(self, scope: Scope, period: Period, questionnaire: str | None, *, trend: bool) -> Figures:
        """Raises WxmUnavailable."""
        if scope.is_empty:
            return Figures(Tally(), {}, {}, {})
        deadline = time.monotonic() + SECONDS
        ledger = self._shelf.get(scope, lambda: Ledger(scope))
        # Whoever wants the days of a period asks for the period before next: both are read in one go.
        first = period.previous.first if trend else period.first
        with ledger.turn.taken(deadline):
            self._bring_up(ledger, first, deadline)
            return ledger.figures(period, questionnaire, trend=trend)

    def _bring_up(self, ledger: Ledger, first: date, deadline: float) -> None:
        """Everything from `first` on; begun anew where questions turned up that the answers are read by."""
        for _ in range(READINGS):
            strands = [Strand(*each) for each in self._questions.carrying(ledger.scope, deadline)]
            version = self._questions.catalogue(deadline).version
            if version != ledger.version or ledger.reread_at <= time.monotonic():
                ledger.begin(version, strands)
            if self._is_refreshed(ledger, deadline) and self._is_extended(ledger, first, deadline):
                return
        raise WxmUnavailable("WxM's answers change faster than they can be counted.", status=503, retry_after=1)

    def _is_refreshed(self, ledger: Ledger, deadline: float) -> bool:
        """Read what came since; False where the ledger had to be begun anew."""
        if ledger.first is None or ledger.fresh_until > time.monotonic():
            return True
        for strand in ledger.strands:
            if not self._is_whole(ledger, strand, deadline):
                ledger.begin("", [])
                return False
        ledger.fresh_until = time.monotonic() + FRESH_SECONDS
        return True

    def _is_whole(self, ledger: Ledger, strand: Strand, deadline: float) -> bool:
        """Whether no answer is missing after the newest were read, and none too many is here."""
        where = self._where(strand, ledger.first)
        known = len(strand.facts)
        number = known // NEWEST_ROWS if self._newest_last else 0
        page = self._answers.page(where, number, NEWEST_ROWS, deadline)
        if not self._add(ledger, strand, page.answers, deadline):
            return False
        if page.total <= len(strand.facts):
            return page.total == len(strand.facts)
        self._newest_last ^= len(strand.facts) == known
        recent = date.fromisoformat(str(ledger.newest)) if ledger.newest else ledger.first
        since = self._answers.every(replace(where, first=recent), deadline)
        return self._add(ledger, strand, since, deadline) and page.total <= len(strand.facts)

    def _is_extended(self, ledger: Ledger, first: date, deadline: float) -> bool:
        """Read back to `first`, a part of the time at once where it holds much; False as in `_is_refreshed`."""
        while ledger.first is None or first < ledger.first:
            start = self._start(ledger, first, deadline)
            wheres = [self._where(strand, start, ledger.first) for strand in ledger.strands]
            found = [self._answers.every(where, deadline) for where in wheres]
            for strand, answers in zip(ledger.strands, found, strict=True):
                if not self._add(ledger, strand, answers, deadline):
                    return False
            ledger.first = start
            ledger.fresh_until = time.monotonic() + FRESH_SECONDS
        return True

    def _start(self, ledger: Ledger, first: date, deadline: float) -> date:
        """As far back as answers can be read at once, as if they came evenly."""
        wheres = [self._where(strand, first, ledger.first) for strand in ledger.strands]
        total = sum(self._answers.page(where, 0, 1, deadline).total for where in wheres)
        if ledger.weight + total > KEPT_FACTS:
            raise WxmUnavailable("WxM holds more answers than can be counted.")
        if total <= SLICE:
            return first
        end = ledger.first or datetime.now(self._reading.zone).date()
        return max(first, end - timedelta(days=max(1, (end - first).days * SLICE // total)))

    def _add(self, ledger: Ledger, strand: Strand, answers: list[Answer], deadline: float) -> bool:
        """Read answers into the ledger; False where they name questions by which the ledger is read otherwise."""
        new = {answer["id"]: answer for answer in answers if answer["id"] not in strand.facts}
        catalogue = self._questions.knowing(question_ids(new.values()), deadline)
        if catalogue.version != ledger.version:
            return False
        facts = dict.fromkeys(new, None) | {
            row["id"]: ledger.fact(row) for row in self._reading.rows(list(new.values()), catalogue)
        }
        ledger.add(strand, facts)
        return True

    def _where(self, strand: Strand, first: date | None, end: date | None = None) -> Where:
        return Where(strand.question, strand.values, self._reading.zone, first, end)
