"""How a customer stands: answers, first and last moment, and of each metric the newest value and the mean; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from experience.model import scores
from experience.model.answer import AnswerRow
from experience.model.questions import METRICS


class MetricSummary(NamedTuple):
    """A metric of one customer: the newest value, and the mean with one decimal."""

    last: int | float | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Over all answers under one key: moments in microseconds, and how many different customers gave them."""

    total: int
    first: int
    last: int
    customers: int
    metrics: Mapping[str, MetricSummary]


UNKNOWN = MetricSummary(None, None)
NOBODY = Summary(0, 0, 0, 0, dict.fromkeys(METRICS, UNKNOWN))


def summary_of(page: Sequence[AnswerRow]) -> Summary:
    """From all of a customer's answers, newest first."""
    if not page:
        return NOBODY
    customers = {row.customer_id for row in page} - {None}
    nps = [row.nps for row in page if row.nps is not None]
    csat = [row.csat for row in page if row.csat is not None]
    ces = [(row.ces, row.ces_low or 0, row.ces_high or 0) for row in page if row.ces is not None]
    metrics = {
        "nps": MetricSummary(nps[0] if nps else None, scores.mean_of(sum(nps), len(nps))),
        "csat": MetricSummary(csat[0] if csat else None, scores.mean_of(sum(csat), len(csat))),
        "ces": MetricSummary(ces[0][0] if ces else None, scores.ces_mean(Counter(ces)) if ces else None),
    }
    return Summary(len(page), page[-1].responded_at, page[0].responded_at, len(customers), metrics)
