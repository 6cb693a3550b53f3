"""A customer's answers, newest first, with a summary; found by customer id, phone number or e-mail address."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

import orjson
from sqlalchemy import Column, Connection, Row, Select, and_, bindparam, distinct, func, or_, select

from experience import pii, scores, telling
from experience.questionnaires import Catalogue
from experience.questions import METRICS
from experience.schema import answers

Key = Literal["customerId", "mobile", "email"]

_COLUMNS: dict[str, Column[Any]] = {
    "customerId": answers.c.customer_id,
    "mobile": answers.c.mobile,
    "email": answers.c.email,
}
_FORMS = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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


class Standing(NamedTuple):
    """A metric of one customer: the newest value, and the mean with one decimal."""

    last: int | float | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class Journey:
    """A page of a customer's answers; `shared_by` customers where the key is not one customer's, then no answers."""

    shared_by: int | None
    total: int
    first: datetime | None
    last: datetime | None
    summary: dict[str, Standing]
    answers: list[JourneyAnswer]
    next: str | None


NOBODY = {metric: Standing(None, None) for metric in METRICS}


def journey(connection: Connection, catalogue: Catalogue, who: Who, limit: int, before: str | None = None) -> Journey:
    """The newest `limit` answers older than the cursor `before`. Raises UnknownCursor."""
    asked = _forms(who)
    after = {} if before is None else _position(before)
    rows = connection.execute(_paging(who.kind, bool(after)), {**asked, **after, "limit": limit + 1}).all()
    page = rows[:limit]
    # Most customers fit on one page: then it holds all that the sums would say, and they need not be asked for.
    whole = before is None and len(rows) <= limit
    if who.kind != "customerId":
        sharing = _customers_on(page) if whole else _customers(connection, who.kind, asked)
        if sharing > 1:
            return Journey(sharing, 0, None, None, NOBODY, [], None)
    sums = _summed(page) if whole else connection.execute(_summing(who.kind), asked).all()
    total = sum(row.total for row in sums)
    if not total:
        return Journey(None, 0, None, None, NOBODY, [], None)
    lasts = _lasts(connection, who.kind, asked, page if before is None else [], sums)
    return Journey(
        shared_by=None,
        total=total,
        first=moment(min(row.first for row in sums)),
        last=moment(max(row.last for row in sums)),
        summary={metric: Standing(lasts[metric], mean) for metric, mean in _means(sums).items()},
        answers=[told(row, catalogue) for row in page],
        next=_cursor(page[-1]) if len(rows) > limit and page else None,
    )


def told(row: Row[Any], catalogue: Catalogue) -> JourneyAnswer:
    """A row of `answers` (the columns that `_paging` selects) as people read it."""
    given, comment = telling.tell(orjson.loads(row.document), catalogue)
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


def moment(microseconds: int) -> datetime:
    """A moment as the tables keep it, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _forms(who: Who) -> dict[str, str]:
    """The values to look for, always the same number of them, so that the statement stays one and the same."""
    found = pii.forms(who.value) if who.kind == "mobile" else pii.hashed_forms(who.value)
    padded = (*found, *[found[0]] * (_FORMS - len(found)))
    return {f"form{position}": form for position, form in enumerate(padded)}


def _customers(connection: Connection, kind: str, asked: Mapping[str, str]) -> int:
    found: int = connection.execute(_sharing(kind), asked).scalar_one()
    return found


def _customers_on(page: Iterable[Row[Any]]) -> int:
    return len({row.customer_id for row in page if row.customer_id is not None})


class Sums(NamedTuple):
    """Counts and sums over answers with one CES scale, as `_summing` selects them."""

    ces_low: int | None
    ces_high: int | None
    total: int
    first: int
    last: int
    nps_count: int
    csat_count: int
    ces_count: int
    nps_sum: int
    csat_sum: int
    ces_sum: int


def _summed(page: Iterable[Row[Any]]) -> list[Sums]:
    """What `_summing` would select, from all answers at hand."""
    scales: dict[tuple[int | None, int | None], list[Row[Any]]] = {}
    for row in page:
        scales.setdefault((row.ces_low, row.ces_high), []).append(row)
    return [Sums(*scale, *_sums_of(rows)) for scale, rows in scales.items()]


def _sums_of(rows: list[Row[Any]]) -> tuple[int, ...]:
    moments = [row.responded_at for row in rows]
    values = [[value for row in rows if (value := getattr(row, metric)) is not None] for metric in METRICS]
    return len(rows), min(moments), max(moments), *map(len, values), *map(sum, values)


@cache
def _theirs(kind: str) -> Any:
    return _COLUMNS[kind].in_([bindparam(f"form{position}") for position in range(_FORMS)])


@cache
def _sharing(kind: str) -> Select[Any]:
    return select(func.count(distinct(answers.c.customer_id))).where(_theirs(kind))


@cache
def _summing(kind: str) -> Select[Any]:
    """Counts and sums for each CES scale, so that scales are never mixed."""
    columns = answers.c
    return (
        select(
            columns.ces_low,
            columns.ces_high,
            func.count().label("total"),
            func.min(columns.responded_at).label("first"),
            func.max(columns.responded_at).label("last"),
            *(func.count(columns[metric]).label(f"{metric}_count") for metric in METRICS),
            *(func.sum(columns[metric]).label(f"{metric}_sum") for metric in METRICS),
        )
        .where(_theirs(kind))
        .group_by(columns.ces_low, columns.ces_high)
    )


@cache
def _paging(kind: str, older: bool) -> Select[Any]:
    columns = answers.c
    statement = select(
        columns.id, columns.responded_at, columns.channel, columns.questionnaire, columns.customer_id,
        columns.agent_id, columns.team_id, columns.nps, columns.csat, columns.ces, columns.ces_low, columns.ces_high,
        columns.document,
    ).where(_theirs(kind))  # fmt: skip
    if older:
        same, earlier = columns.responded_at == bindparam("at"), columns.responded_at < bindparam("at")
        statement = statement.where(or_(earlier, and_(same, columns.id < bindparam("id"))))
    return statement.order_by(columns.responded_at.desc(), columns.id.desc()).limit(bindparam("limit"))


@cache
def _newest(kind: str, metric: str) -> Select[Any]:
    scored = answers.c[metric]
    order = answers.c.responded_at.desc(), answers.c.id.desc()
    return select(scored).where(_theirs(kind), scored.is_not(None)).order_by(*order).limit(1)


def _lasts(
    connection: Connection,
    kind: str,
    asked: Mapping[str, str],
    newest: Iterable[Row[Any]],
    sums: Iterable[Row[Any] | Sums],
) -> dict[str, int | None]:
    """The newest value of each metric: mostly on the page that is read anyway, else asked for."""
    found: dict[str, int | None] = dict.fromkeys(METRICS)
    for metric in METRICS:
        if any(getattr(row, f"{metric}_count") for row in sums):
            values = (value for row in newest if (value := getattr(row, metric)) is not None)
            found[metric] = next(values, None)
            if found[metric] is None:
                found[metric] = connection.execute(_newest(kind, metric), asked).scalar()
    return found


def _means(sums: Iterable[Row[Any] | Sums]) -> dict[str, float | None]:
    """The mean of each metric; of CES on the scale with more answers alone."""
    rows = list(sums)
    scale = max((row for row in rows if row.ces_count), key=_weight_of_scale, default=None)
    return {
        "nps": scores.mean_of(sum(row.nps_sum or 0 for row in rows), sum(row.nps_count for row in rows)),
        "csat": scores.mean_of(sum(row.csat_sum or 0 for row in rows), sum(row.csat_count for row in rows)),
        "ces": scores.mean_of(scale.ces_sum, scale.ces_count) if scale else None,
    }


def _weight_of_scale(row: Row[Any] | Sums) -> tuple[int, int, int]:
    low, high = row.ces_low or 0, row.ces_high or 0
    return row.ces_count, high - low, high


def _cursor(row: Row[Any]) -> str:
    return urlsafe_b64encode(f"{row.responded_at}:{row.id}".encode()).decode().rstrip("=")


def _position(cursor: str) -> dict[str, Any]:
    try:
        text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
    except (UnicodeError, binascii.Error):
        raise UnknownCursor("before: not a cursor of ours") from None
    found = _CURSOR.fullmatch(text)
    if not found or "\0" in text:
        raise UnknownCursor("before: not a cursor of ours")
    return {"at": int(found[1]), "id": found[2]}
