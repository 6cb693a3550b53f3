"""How a customer stands, from the table: for whom the answers do not fit on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, distinct, func, select

from experience.answers.schema import answers
from experience.model import scores
from experience.model.customer_summary import NOBODY, MetricSummary, Summary
from experience.model.questions import METRICS


def load(connection: Connection, theirs: ColumnElement[bool], values: Mapping[str, Any]) -> Summary:
    """The summary of all answers that `theirs` lets through."""
    columns = answers.c
    facts = (
        func.count(),
        func.min(columns.responded_at),
        func.max(columns.responded_at),
        func.count(distinct(columns.customer_id)),
    )
    total, first, last, customers = connection.execute(select(*facts).where(theirs), values).one()
    if not total:
        return NOBODY
    metrics = {metric: _summary(connection, theirs, values, metric) for metric in METRICS}
    return Summary(total, first, last, customers, metrics)


def _summary(
    connection: Connection, theirs: ColumnElement[bool], values: Mapping[str, Any], metric: str
) -> MetricSummary:
    columns = answers.c
    scored = theirs & columns[metric].is_not(None)
    order = columns.responded_at.desc(), columns.id.desc()
    newest = connection.execute(select(columns[metric]).where(scored).order_by(*order).limit(1), values).scalar()
    # Outside CES the scale is the metric's own, whatever stands in its two columns.
    key = (columns[metric], columns.ces_low, columns.ces_high) if metric == "ces" else (columns[metric],)
    counting = select(*key, func.count()).where(scored).group_by(*key)
    rows = connection.execute(counting, values).all()
    if metric == "ces":
        return MetricSummary(newest, scores.ces_mean({(row[0], row[1] or 0, row[2] or 0): row[3] for row in rows}))
    return MetricSummary(newest, scores.mean({row[0]: row[1] for row in rows}))
