"""A scope's comments from a WxM: asked for where one was written, read backwards in time, a stretch of days at once.

Every answer is held against the scope, the days and the questionnaire here, whatever WxM says it filtered.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from experience.model.answer import AnswerRow
from experience.model.cursors import Position, read_cursor
from experience.model.journey import Comments, comments_page
from experience.model.period import Period
from experience.model.scope import Scope
from experience.model.timestamps import day_number, moment
from experience.wxm.answers import Answer, Where, WxmAnswers, question_ids
from experience.wxm.journeys import Reading
from experience.wxm.questions import WxmQuestions
from experience.wxm.recent import Recent

SECONDS = 10.0
FRESH_SECONDS = 2.0
# Pages whose answers are read in one go: an answer that is read costs more than a call that counts.
FEW, MANY = 3, 10
SHORTEST_PAGE = 20
# A team writes much: the first look is short. An agent's comments are few: the first look is the whole period.
FIRST_DAYS = 14
KEPT_BYTES = 32 * 1024 * 1024
NOTHING = Comments([], None)


@dataclass(frozen=True, slots=True)
class CommentQuery:
    """One page that may be asked for; nobody gets a page of another scope."""

    scope: Scope
    period: Period
    questionnaire: str | None
    limit: int
    before: str | None

    def holds(self, row: dict[str, Any]) -> bool:
        """Whether an answer is among those asked for, but for the cursor."""
        return (
            row["commented_at"] is not None
            and self.scope.holds(row["team_id"], row["agent_id"])
            and (self.questionnaire is None or row["questionnaire"] == self.questionnaire)
            and day_number(self.period.first) <= row["day"] <= day_number(self.period.last)
        )


class WxmComments:
    """Comments of one WxM; the same page is asked for once, whoever looks, and kept for seconds."""

    def __init__(self, questions: WxmQuestions, answers: WxmAnswers, reading: Reading) -> None:
        self._questions = questions
        self._answers = answers
        self._reading = reading
        self._recent: Recent[CommentQuery, Comments] = Recent(KEPT_BYTES, FRESH_SECONDS, _size)

    def comments(
        self, scope: Scope, period: Period, questionnaire: str | None, limit: int, before: str | None
    ) -> Comments:
        """Raises BadCursor, WxmUnavailable."""
        if scope.is_empty:
            return NOTHING
        query, deadline = CommentQuery(scope, period, questionnaire, limit, before), time.monotonic() + SECONDS
        behind = None if before is None else read_cursor(before)
        return self._recent.get(query, lambda: self._read(query, behind, deadline), deadline)

    def _read(self, query: CommentQuery, behind: Position | None, deadline: float) -> Comments:
        """Back from the newest day until the page is full, or the period is over."""
        rows: dict[str, AnswerRow] = {}
        for answers in self._stretches(query, self._last(query.period, behind), deadline):
            catalogue = self._questions.knowing(question_ids(answers), deadline)
            for row in self._reading.rows(answers, catalogue):
                if query.holds(row) and (behind is None or (row["responded_at"], row["id"]) < behind):
                    rows[row["id"]] = AnswerRow(*(row[name] for name in AnswerRow._fields))
            if len(rows) > query.limit:
                break
        ordered = sorted(rows.values(), key=lambda row: row.position, reverse=True)
        return comments_page(ordered, self._questions.catalogue(deadline), query.limit)

    def _last(self, period: Period, behind: Position | None) -> date:
        """The newest day that can hold what the query asks for."""
        return min(period.last, _local(behind.at, self._reading)) if behind else period.last

    def _stretches(self, query: CommentQuery, last: date, deadline: float) -> Iterator[list[Answer]]:
        """The answers with a comment, back from `last`; so many days at once that they are neither many nor few."""
        first, end = query.period.first, last + timedelta(days=1)
        page = max(query.limit, SHORTEST_PAGE)
        days = (end - first).days if query.scope.agent else FIRST_DAYS
        while end > first:
            wheres = self._wheres(query, max(first, end - timedelta(days=days)), end, deadline)
            total = sum(self._answers.page(where, 0, 1, deadline).total for where in wheres)
            if total > MANY * page and days > 1:
                days = max(1, min(days // 2, days * FEW * page // total))
                continue
            if total:
                yield [answer for where in wheres for answer in self._answers.every(where, deadline)]
            end -= timedelta(days=days)
            days *= 4 if total < page else 1

    def _wheres(self, query: CommentQuery, first: date, end: date, deadline: float) -> list[Where]:
        """One for each question that a comment is written to, and each part of the scope."""
        zone = self._reading.zone
        return [
            Where(question, values, zone, first, end, filled=comment.id)
            for question, values in self._questions.carrying(query.scope, deadline)
            for comment in self._questions.for_comments(deadline)
        ]


def _size(page: Comments) -> int:
    return 1000 + sum(1000 + len(answer.comment or "") for answer in page.answers)


def _local(microseconds: int, reading: Reading) -> date:
    try:
        return moment(microseconds).astimezone(reading.zone).date()
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC).date() if microseconds > 0 else datetime.min.date()
