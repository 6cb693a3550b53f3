"""A customer's journey and a page of comments, as every back end gives them; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from experience.model import customer_summary
from experience.model.answer import AnswerRow, JourneyAnswer, from_row
from experience.model.answer_json import Questions
from experience.model.cursors import cursor
from experience.model.customer_summary import MetricSummary, Summary
from experience.model.timestamps import moment


@dataclass(frozen=True, slots=True)
class Journey:
    """A page of a customer's answers; `shared_by` customers where the key is not one customer's, then no answers."""

    shared_by: int | None
    total: int
    first: datetime | None
    last: datetime | None
    summary: Mapping[str, MetricSummary]
    answers: list[JourneyAnswer]
    next: str | None


@dataclass(frozen=True, slots=True)
class Comments:
    """A page of answers with a comment, newest first, and the cursor of the next page."""

    answers: list[JourneyAnswer]
    next: str | None


def journey_page(
    kind: str, page: Sequence[AnswerRow], summary: Summary, catalogue: Questions, *, more: bool
) -> Journey:
    """A page with the customer's standing over all pages; no answers where several customers share the key."""
    if kind != "customerId" and summary.customers > 1:
        return Journey(summary.customers, 0, None, None, customer_summary.NOBODY.metrics, [], None)
    return Journey(
        shared_by=None,
        total=summary.total,
        summary=summary.metrics,
        answers=[from_row(row, catalogue) for row in page],
        first=moment(summary.first) if summary.total else None,
        last=moment(summary.last) if summary.total else None,
        next=cursor(page[-1].position) if more else None,
    )


def comments_page(rows: Sequence[AnswerRow], catalogue: Questions, limit: int) -> Comments:
    """A page out of rows that are in order; more of them than `limit` say that there is a next one.

    A comment that is personal by now is none that is shown.
    """
    page = rows[:limit]
    shown = [answer for row in page if (answer := from_row(row, catalogue)).comment is not None]
    return Comments(shown, cursor(page[-1].position) if len(rows) > limit else None)
