"""A customer's answers from a WxM: found by prefill, read in full, told page by page as the embedded platform does."""

import time
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import orjson

from experience.answers import past
from experience.answers.parse import Reader
from experience.model.answer import AnswerRow
from experience.model.cursors import read_cursor
from experience.model.customer import Customer
from experience.model.customer_summary import summary_of
from experience.model.errors import BadAnswer
from experience.model.journey import Journey, journey_page
from experience.questionnaires.catalogue import Catalogue
from experience.wxm.answers import Answer, Where, WxmAnswers, question_ids
from experience.wxm.questions import WxmQuestions
from experience.wxm.recent import Recent

SECONDS = 10.0
FRESH_SECONDS = 1.0
MOST_ANSWERS = 5_000
# As much as our own API takes in; what is read of an answer is kept for a while, so it has to have an end.
LARGEST_ANSWER = 64 * 1024
KEPT_BYTES = 64 * 1024 * 1024
# What WxM takes for a condition of its own wherever it stands.
ANY_TEXT = "any text"
COLUMNS = {"customerId": "customer_id", "mobile": "mobile", "email": "email"}


@dataclass(frozen=True, slots=True)
class Reading:
    """How answers are read: local days, and one form for each phone number."""

    zone: tzinfo
    region: str | None = None
    prefixes: tuple[str, ...] = ()

    def rows(self, answers: list[Answer], catalogue: Catalogue) -> list[dict[str, Any]]:
        """Answers as the platform would keep them; what it would not take is left out."""
        reader = Reader(catalogue, self.zone, self.region, self.prefixes)
        return [row for answer in answers if (row := _row(reader, answer))]


Answers = tuple[list[AnswerRow], Catalogue]


class WxmJourneys:
    """Journeys of one WxM; customers looked up a moment ago are kept for paging and for the colleague on the call."""

    def __init__(self, questions: WxmQuestions, answers: WxmAnswers, reading: Reading) -> None:
        self._questions = questions
        self._answers = answers
        self._reading = reading
        self._recent: Recent[Customer, Answers] = Recent(KEPT_BYTES, FRESH_SECONDS, _size)

    def journey(self, customer: Customer, limit: int, before: str | None) -> Journey:
        """Raises BadCursor, WxmUnavailable."""
        deadline = time.monotonic() + SECONDS
        rows, catalogue = self._recent.get(customer, lambda: self._look(customer, deadline), deadline)
        rest = rows if before is None else _older(rows, before)
        return journey_page(customer.known_by, rest[:limit], summary_of(rows), catalogue, more=len(rest) > limit)

    def _look(self, customer: Customer, deadline: float) -> Answers:
        """Newest first; an answer that WxM gives without its carrying the customer is not the customer's."""
        column, wanted = COLUMNS[customer.known_by], customer.forms()
        # The hashes go first: WxM takes a first text such as `gt` for a comparison, and a customer id may be any text.
        answers: dict[str, Answer] = {}
        for question in self._questions.with_role(column, deadline):
            where = Where(question.id, tuple(form for form in reversed(wanted) if form.lower() != ANY_TEXT))
            answers |= {answer["id"]: answer for answer in self._answers.every(where, deadline, MOST_ANSWERS)}
        catalogue = self._questions.knowing(question_ids(answers.values()), deadline)
        read = self._reading.rows(list(answers.values()), catalogue)
        rows = [AnswerRow(*(row[name] for name in AnswerRow._fields)) for row in read if row[column] in wanted]
        return sorted(rows, key=lambda row: row.position, reverse=True), catalogue


def _size(answers: Answers) -> int:
    return 1000 + sum(len(row.document) for row in answers[0])


def _row(reader: Reader, answer: Answer) -> dict[str, Any] | None:
    try:
        return past.read(reader, answer) if len(orjson.dumps(answer)) <= LARGEST_ANSWER else None
    except (BadAnswer, orjson.JSONEncodeError):
        return None


def _older(rows: list[AnswerRow], before: str) -> list[AnswerRow]:
    behind = read_cursor(before)
    return [row for row in rows if row.position < behind]
