"""The trend: of each day each metric's score and how many gave it, and the mean of the days up to it; pure.

Means are of the answers themselves, never of days: weighted by a metric's own answers, and rounded once.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from experience.model import scores
from experience.model.figures import Figures, Tally
from experience.model.period import Period
from experience.model.questions import METRICS
from experience.model.scores import Scale, Share

NOTHING = Tally()
# Up to so many days, each point is the mean of so many.
WINDOWS = ((14, 1), (180, 7))
LONGEST_WINDOW = 28

Body = dict[str, Any]


def trend(figures: Figures, period: Period) -> list[Body]:
    """A point for each day of the period, days without answers too; CES on the scale of the whole period."""
    ces, dates = scores.ces(figures.total.ces), period.dates()
    scale = ces.of if ces else None
    tallies = [figures.by_day.get(day, NOTHING) for day in dates]
    lines = {metric: _line(metric, tallies, scale, window_of(len(dates))) for metric in METRICS}
    return [
        {
            "date": day.isoformat(),
            "responses": tally.responses,
            **{metric: points[place] for metric, points in lines.items()},
        }
        for place, (day, tally) in enumerate(zip(dates, tallies, strict=True))
    ]


def window_of(days: int) -> int:
    """Of how many days a point of the line is the mean, by how many days the line has."""
    return next((window for longest, window in WINDOWS if days <= longest), LONGEST_WINDOW)


def _line(metric: str, tallies: Sequence[Tally], scale: Scale | None, window: int) -> list[Body]:
    shares = [scores.share(metric, tally.counts, scale) for tally in tallies]
    of = {"of": list(scale) if scale else None} if metric == "ces" else {}
    if window == 1:
        return [{**_figure(metric, share), **of} for share in shares]
    means = _trailing(shares, window)
    return [
        {**_figure(metric, share), **of, "mean": {**_figure(metric, mean), "days": min(place + 1, window)}}
        for place, (share, mean) in enumerate(zip(shares, means, strict=True))
    ]


def _figure(metric: str, share: Share) -> Body:
    return {"score": scores.score_of(metric, share), "responses": share.responses}


def _trailing(shares: Iterable[Share], window: int) -> list[Share]:
    """What each day and those before it have together, `window` days in all."""
    totals = list(accumulate(shares, _both))
    before = [Share(0, 0)] * window + totals
    return [Share(now[0] - old[0], now[1] - old[1]) for now, old in zip(totals, before, strict=False)]


def _both(share: Share, other: Share) -> Share:
    return Share(share.weight + other.weight, share.responses + other.responses)
