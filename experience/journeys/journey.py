"""A customer's answers, newest first, with a summary; found by customer id, phone number or e-mail address."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, and_, bindparam, or_, select

from experience.answers.schema import answers
from experience.journeys import customer_summary
from experience.model.answer import AnswerRow
from experience.model.cursors import read_cursor
from experience.model.customer import Customer
from experience.model.customer_summary import summary_of
from experience.model.journey import Journey, journey_page
from experience.questionnaires.catalogue import Catalogue
from foundation.db.prepared import Prepared

_COLUMNS: dict[str, Column[Any]] = {
    "customerId": answers.c.customer_id,
    "mobile": answers.c.mobile,
    "email": answers.c.email,
}
_FORMS = 8


def journey(
    connection: Connection, catalogue: Catalogue, customer: Customer, limit: int, before: str | None = None
) -> Journey:
    """The newest `limit` answers older than the cursor `before`. Raises BadCursor."""
    forms = _bound_forms(customer)
    after = {} if before is None else read_cursor(before)._asdict()
    kind = customer.known_by
    rows = _paging(kind, bool(after)).rows(connection, {**forms, **after, "limit": limit + 1})
    page = rows[:limit]
    # Most customers fit on one page: then it holds all that their standing needs, and nothing more is asked.
    whole = before is None and len(rows) <= limit
    summary = summary_of(page) if whole else customer_summary.load(connection, theirs(kind), forms)
    return journey_page(kind, page, summary, catalogue, more=len(rows) > limit)


@lru_cache(maxsize=4096)
def _bound_forms(customer: Customer) -> dict[str, str]:
    """Always the same number of them, so that the statement stays one and the same."""
    forms = customer.forms()
    padded = (*forms, *[forms[0]] * (_FORMS - len(forms)))
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
