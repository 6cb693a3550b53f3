"""A customer's answers, newest first, with a summary; found by customer id, phone number or e-mail address."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Literal, get_args

import orjson
from sqlalchemy import Column, ColumnElement, Connection, and_, bindparam, or_, select

from experience.journeys import customer_summary
from experience.model import answer_json, scores
from experience.model.questions import METRICS
from experience.model.timestamps import moment
from experience.privacy import pii
from experience.questionnaires.catalogue import Catalogue
from experience.schema import AnswerRow, answers
from foundation.db.prepared import Prepared

Key = Literal["customerId", "mobile", "email"]

_COLUMNS: dict[str, Column[Any]] = {
    "customerId": answers.c.customer_id,
    "mobile": answers.c.mobile,
    "email": answers.c.email,
}
_FORMS = 8
LARGEST_KEPT = 16 * 1024
_CURSOR = re.compile(r"(-?\d{1,18}):(.+)", re.DOTALL)


class UnknownCursor(ValueError):
    """`before` is not a cursor that a journey gave out."""


@dataclass(frozen=True, slots=True)
class Who:
    """A customer: by which key, and its value in its one form (`pii.phone`, `pii.email`) or its hash."""

    kind: Key
    value: str

    def __post_init__(self) -> None:
        if self.kind not in get_args(Key) or not self.value:
            raise ValueError("a customer is known by a customerId, mobile or email that is not empty")


@dataclass(frozen=True, slots=True)
class JourneyAnswer:
    """One answer: `scores` by metric, `band` of its NPS, `answers` as {question, kind, value, of} without prefills."""

    id: str
    responded_at: datetime
    channel: str | None
    questionnaire: str
    scores: dict[str, int | float]
    band: str | None
    answers: list[dict[str, Any]]
    comment: str | None
    agent_id: str | None
    team_id: str | None


@dataclass(frozen=True, slots=True)
class Journey:
    """A page of a customer's answers; `shared_by` customers where the key is not one customer's, then no answers."""

    shared_by: int | None
    total: int
    first: datetime | None
    last: datetime | None
    summary: Mapping[str, customer_summary.Standing]
    answers: list[JourneyAnswer]
    next: str | None


def journey(connection: Connection, catalogue: Catalogue, who: Who, limit: int, before: str | None = None) -> Journey:
    """The newest `limit` answers older than the cursor `before`. Raises UnknownCursor."""
    asked = _bound_forms(who)
    after = {} if before is None else position(before)
    rows = _paging(who.kind, bool(after)).rows(connection, {**asked, **after, "limit": limit + 1})
    page = rows[:limit]
    # Most customers fit on one page: then it holds all that their standing needs, and nothing more is asked.
    whole = before is None and len(rows) <= limit
    standing = customer_summary.of(page) if whole else customer_summary.asked(connection, theirs(who.kind), asked)
    return composed(who.kind, page, standing, catalogue, more=len(rows) > limit)


def composed(
    kind: str, page: Sequence[AnswerRow], standing: customer_summary.Summary, catalogue: Catalogue, *, more: bool
) -> Journey:
    """A page with the customer's standing over all pages; no answers where several customers share the key."""
    if kind != "customerId" and standing.customers > 1:
        return Journey(standing.customers, 0, None, None, customer_summary.NOBODY.metrics, [], None)
    return Journey(
        shared_by=None,
        total=standing.total,
        first=moment(standing.first) if standing.total else None,
        last=moment(standing.last) if standing.total else None,
        summary=standing.metrics,
        answers=[from_row(row, catalogue) for row in page],
        next=cursor(page[-1]) if more else None,
    )


def from_row(row: AnswerRow, catalogue: Catalogue) -> JourneyAnswer:
    """A row of `answers` as people read it.

    Kept: a customer on the phone is looked up as the phone rings, on a transfer and for the wrap-up. Thousands are
    kept, so a large one is not.
    """
    return (_kept if len(row.document) <= LARGEST_KEPT else _read)(row, catalogue)


def _read(row: AnswerRow, catalogue: Catalogue) -> JourneyAnswer:
    given, comment = answer_json.to_json(orjson.loads(row.document), catalogue)
    return JourneyAnswer(
        id=row.id,
        responded_at=moment(row.responded_at),
        channel=row.channel,
        questionnaire=row.questionnaire,
        scores={metric: value for metric in METRICS if (value := getattr(row, metric)) is not None},
        band=None if row.nps is None else scores.band(row.nps),
        answers=given,
        comment=comment,
        agent_id=row.agent_id,
        team_id=row.team_id,
    )


_kept = lru_cache(maxsize=4096)(_read)


def forms(who: Who) -> tuple[str, ...]:
    """The values to look for."""
    return pii.forms(who.value) if who.kind == "mobile" else pii.hashed_forms(who.value)


@lru_cache(maxsize=4096)
def _bound_forms(who: Who) -> dict[str, str]:
    """Always the same number of them, so that the statement stays one and the same."""
    found = forms(who)
    padded = (*found, *[found[0]] * (_FORMS - len(found)))
    return {f"form{position}": form for position, form in enumerate(padded)}


@cache
def theirs(kind: str) -> ColumnElement[bool]:
    """Answers of one customer, under any of the forms."""
    return _COLUMNS[kind].in_([bindparam(f"form{position}") for position in range(_FORMS)])


@cache
def _paging(kind: str, older: bool) -> Prepared[AnswerRow]:
    columns = answers.c
    statement = select(*(columns[name] for name in AnswerRow._fields)).where(theirs(kind))
    if older:
        same, earlier = columns.responded_at == bindparam("at"), columns.responded_at < bindparam("at")
        statement = statement.where(or_(earlier, and_(same, columns.id < bindparam("id"))))
    ordered = statement.order_by(columns.responded_at.desc(), columns.id.desc())
    return Prepared(ordered.limit(bindparam("limit")), AnswerRow)


def cursor(row: AnswerRow) -> str:
    """Where a page goes on behind a row."""
    return urlsafe_b64encode(f"{row.responded_at}:{row.id}".encode()).decode().rstrip("=")


def position(before: str) -> dict[str, Any]:
    """The moment `at` and the `id` of the answer that a cursor stands behind. Raises UnknownCursor."""
    try:
        text = urlsafe_b64decode(before.encode("ascii") + b"=" * (-len(before) % 4)).decode()
    except (UnicodeError, binascii.Error):
        raise UnknownCursor("before: not a cursor of ours") from None
    found = _CURSOR.fullmatch(text)
    if not found or "\0" in text:
        raise UnknownCursor("before: not a cursor of ours")
    return {"at": int(found[1]), "id": found[2]}
