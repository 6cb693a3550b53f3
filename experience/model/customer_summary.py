"""How a customer stands: answers, first and last moment, and of each metric the newest value and the mean; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from experience.model import scores
from experience.model.answer import AnswerRow
from experience.model.questions import METRICS


class Standing(NamedTuple):
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
    metrics: Mapping[str, Standing]


UNKNOWN = Standing(None, None)
NOBODY = Summary(0, 0, 0, 0, dict.fromkeys(METRICS, UNKNOWN))


def summary_of(page: Sequence[AnswerRow]) -> Summary:
    """From all of a customer's answers, newest first."""
    if not page:
        return NOBODY
    customers = {row.customer_id for row in page} - {None}
    metrics = {
        "nps": _plain([row.nps for row in page if row.nps is not None]),
        "csat": _plain([row.csat for row in page if row.csat is not None]),
        "ces": _scaled([(row.ces, row.ces_low or 0, row.ces_high or 0) for row in page if row.ces is not None]),
    }
    return Summary(len(page), page[-1].responded_at, page[0].responded_at, len(customers), metrics)


def _plain(values: list[int]) -> Standing:
    return Standing(values[0], scores.mean_of(sum(values), len(values))) if values else UNKNOWN


def _scaled(values: list[tuple[int, ...]]) -> Standing:
    """Of values with their scale."""
    return Standing(values[0][0], mean(Counter(values))) if values else UNKNOWN


def mean(counts: Mapping[tuple[int, ...], int]) -> float | None:
    """The mean of values, or of values on the scale that `scores.ces` takes: scales are never mixed."""
    scales: dict[tuple[int, ...], dict[int, int]] = {}
    for (value, *scale), count in counts.items():
        scales.setdefault(tuple(scale), {})[value] = count
    if () in scales:
        return scores.mean(scales[()])
    found = scores.ces({(scale[0], scale[1]): values for scale, values in scales.items()})
    return found.score if found else None
