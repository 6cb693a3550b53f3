"""NPS, CSAT and CES from counts of values (docs/api.md, Scores); pure. Halves go away from zero; no answers: None."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

Counts = Mapping[int, int]
Scale = tuple[int, int]
# By metric and scale, as a tally has them.
CountsByMetric = Mapping[str, Mapping[Scale, Counts]]

NPS_SCALE: Scale = (0, 10)
CSAT_SCALE: Scale = (1, 5)
# Standard errors on both sides of a figure that hold 95 of 100.
NORMAL_95 = 1.96


class Bands(NamedTuple):
    """How many answers of NPS lie in each band."""

    promoters: int
    passives: int
    detractors: int


class Csat(NamedTuple):
    """Share of satisfied answers in percent and the mean on 1–5, one decimal each."""

    score: float
    mean: float


class Ces(NamedTuple):
    """The mean on one scale, one decimal; `others` are the other scales, those with more answers first."""

    score: float
    of: Scale
    responses: int
    counts: Counts
    others: tuple[Ces, ...] = ()


class Headline(NamedTuple):
    """One figure of each metric, or how it moved; that of CES on one scale."""

    nps: float | None
    csat: float | None
    ces: float | None


class Scores(NamedTuple):
    """All that is known of the same answers; `bands` are those of NPS."""

    nps: int | None
    bands: Bands
    csat: Csat | None
    ces: Ces | None

    def headline(self, scale: Scale | None = None) -> Headline:
        """With CES on `scale`, where figures are compared, else on the scale with more answers."""
        return Headline(self.nps, self.csat.score if self.csat else None, self._ces_on(scale))

    def _ces_on(self, scale: Scale | None) -> float | None:
        if self.ces is None:
            return None
        scales = (self.ces, *self.ces.others)
        return next((ces.score for ces in scales if scale in {ces.of, None}), None)


class Share(NamedTuple):
    """What a score is reckoned from: shares add up over days, scores do not. `weight` is divided by `responses`."""

    weight: int
    responses: int


class Bases(NamedTuple):
    """How many answers each score is of."""

    nps: int
    csat: int
    ces: int


class Comparison(NamedTuple):
    """Scores, and their headline beside that of other answers: CES of both on the same scale.

    A change inside its `margin` is as likely as not chance: of 100 such pairs, 95 differ by less where nothing changed.
    """

    scores: Scores
    now: Headline
    was: Headline
    change: Headline
    margin: Headline
    bases: Bases


def share(metric: str, counts: CountsByMetric, ces_scale: Scale | None) -> Share:
    """The share of one metric; that of CES on one scale."""
    scale = {"nps": NPS_SCALE, "csat": CSAT_SCALE}.get(metric, ces_scale)
    values = counts.get(metric, {}).get(scale, {}) if scale else {}
    total = sum(values.values())
    if metric == "nps":
        split = bands(values)
        return Share(100 * (split.promoters - split.detractors), total)
    return Share(100 * _satisfied(values) if metric == "csat" else _weight(values), total)


def score_of(metric: str, share: Share) -> float | None:
    """The score: NPS a whole number, the others with one decimal."""
    if not share.responses:
        return None
    return (_whole if metric == "nps" else _tenths)(share.weight, share.responses)


def of(counts: CountsByMetric) -> Scores:
    """The scores of all metrics."""
    nps_counts, csat_counts = counts.get("nps", {}).get(NPS_SCALE, {}), counts.get("csat", {}).get(CSAT_SCALE, {})
    return Scores(nps(nps_counts), bands(nps_counts), csat(csat_counts), ces(counts.get("ces", {})))


def compare(now: CountsByMetric, before: CountsByMetric, scale: Scale | None = None) -> Comparison:
    """The scores of `now`, and how they moved since `before`; CES on `scale`, else on the scale with more answers."""
    scores = of(now)
    scale = scale or (scores.ces.of if scores.ces else None)
    headline, was = scores.headline(scale), of(before).headline(scale)
    moved = Headline(change(headline.nps, was.nps), change(headline.csat, was.csat), change(headline.ces, was.ces))
    margin = Headline(*(_margin(metric, now, before, scale) for metric in Headline._fields))
    bases = Bases(*(share(metric, now, scale).responses for metric in Headline._fields))
    return Comparison(scores, headline, was, moved, margin, bases)


def band(value: int) -> str:
    """The band of one NPS value (0–10)."""
    return "detractor" if value <= 6 else "passive" if value <= 8 else "promoter"


def bands(counts: Counts) -> Bands:
    """How many of these NPS values lie in each band."""
    split = {"promoter": 0, "passive": 0, "detractor": 0}
    for value, count in counts.items():
        split[band(value)] += count
    return Bands(split["promoter"], split["passive"], split["detractor"])


def nps(counts: Counts) -> int | None:
    """100 × (promoters − detractors) ÷ answers, −100…100."""
    total = sum(counts.values())
    if not total:
        return None
    split = bands(counts)
    return _whole(100 * (split.promoters - split.detractors), total)


def csat(counts: Counts) -> Csat | None:
    """The share of 4 and 5 on 1–5, and the mean beside it."""
    total = sum(counts.values())
    if not total:
        return None
    return Csat(_tenths(100 * _satisfied(counts), total), _tenths(_weight(counts), total))


def ces(scales: Mapping[Scale, Counts]) -> Ces | None:
    """The mean on the scale with more answers (of two equal ones the longer); scales are never mixed."""
    figures = [figure for scale, counts in scales.items() if (figure := _ces_on(scale, counts))]
    figures.sort(key=lambda figure: (-figure.responses, figure.of[0] - figure.of[1], figure.of))
    return figures[0]._replace(others=tuple(figures[1:])) if figures else None


def mean(counts: Counts) -> float | None:
    """The mean of the values, one decimal."""
    total = sum(counts.values())
    return mean_of(_weight(counts), total)


def mean_of(weight: int, total: int) -> float | None:
    """The mean of `total` values whose sum is `weight`, one decimal."""
    return _tenths(weight, total) if total else None


def ces_mean(counts: Mapping[tuple[int, int, int], int]) -> float | None:
    """The mean of CES values, each with the lowest and the highest of its scale, on the scale that `ces` takes."""
    scales: dict[Scale, dict[int, int]] = {}
    for (value, low, high), count in counts.items():
        scales.setdefault((low, high), {})[value] = count
    main = ces(scales)
    return main.score if main else None


def change(now: float | None, before: float | None) -> float | None:
    """By how much a figure moved, one decimal; None where there is nothing to compare. Whole figures stay whole."""
    if now is None or before is None:
        return None
    moved = now - before
    return moved if isinstance(moved, int) else round(moved, 1)


def _ces_on(scale: Scale, counts: Counts) -> Ces | None:
    score = mean(counts)
    return None if score is None else Ces(score, scale, sum(counts.values()), counts)


def _margin(metric: str, now: CountsByMetric, before: CountsByMetric, ces_scale: Scale | None) -> float | None:
    """Of the difference of two scores, 95 %, one decimal; None where one of them is of fewer than two answers."""
    errors = [_squared_error(metric, counts, ces_scale) for counts in (now, before)]
    known = [error for error in errors if error is not None]
    return round(NORMAL_95 * math.sqrt(sum(known)), 1) if len(known) == len(errors) else None


def _squared_error(metric: str, counts: CountsByMetric, ces_scale: Scale | None) -> float | None:
    """The squared standard error of a score: the variance of what each answer adds to it, by how many there are."""
    scale = {"nps": NPS_SCALE, "csat": CSAT_SCALE}.get(metric, ces_scale)
    values = counts.get(metric, {}).get(scale, {}) if scale else {}
    total = sum(values.values())
    if total < 2:
        return None
    weights = [(_WEIGHTS.get(metric, float)(value), count) for value, count in values.items()]
    mean = sum(weight * count for weight, count in weights) / total
    return sum(count * (weight - mean) ** 2 for weight, count in weights) / (total - 1) / total


# What an answer adds to the score of its metric; one of CES adds its value.
_WEIGHTS: Mapping[str, Callable[[int], float]] = {
    "nps": lambda value: {"promoter": 100.0, "passive": 0.0, "detractor": -100.0}[band(value)],
    "csat": lambda value: 100.0 if value >= 4 else 0.0,
}


def _satisfied(counts: Counts) -> int:
    return sum(count for value, count in counts.items() if value >= 4)


def _weight(counts: Counts) -> int:
    return sum(value * count for value, count in counts.items())


def _tenths(numerator: int, denominator: int) -> float:
    return _whole(10 * numerator, denominator) / 10


def _whole(numerator: int, denominator: int) -> int:
    """The nearest whole number, halves away from zero (Python's own round takes them to the even one)."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size
