"""Periods as a request names them; pure."""

import re
from datetime import date, datetime, timedelta

from experience.model.period import Period
from foundation.errors import BadRequest

DEFAULT = "30d"
DAYS_AGO = {"today": 0, "yesterday": 1}
LENGTHS = {"7d": 7, "30d": 30, "90d": 90, "365d": 365}
LONGEST_DAYS = 731
FIRST_YEAR, LAST_YEAR = 1970, 2199
RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)


class BadPeriod(BadRequest):
    code = "bad_period"
    title = "period must be today, yesterday, 7d, 30d, 90d, 365d or 2026-10-01..2026-10-31"


def parse_period(text: str, today: date) -> Period:
    """`7d` ends with today; a range stands for itself. Raises BadPeriod."""
    if text in DAYS_AGO:
        day = today - timedelta(days=DAYS_AGO[text])
        return Period(day, day)
    if text in LENGTHS:
        return Period(today - timedelta(days=LENGTHS[text] - 1), today)
    match = RANGE.fullmatch(text)
    if not match:
        raise BadPeriod()
    try:
        period = Period(date.fromisoformat(match[1]), date.fromisoformat(match[2]))
    except ValueError as error:
        raise BadPeriod("The period names a day that does not exist.") from error
    if not (1 <= period.days <= LONGEST_DAYS and FIRST_YEAR <= period.first.year <= period.last.year <= LAST_YEAR):
        raise BadPeriod(
            f"A period runs forward, over {LONGEST_DAYS} days at most, in the years {FIRST_YEAR} to {LAST_YEAR}."
        )
    return period


def yesterday_until(now: datetime) -> Period:
    """What today so far is compared with: yesterday up to this time of day.

    `now` is local; seconds are left out, so that a minute's requests ask for the same.
    """
    until = now.replace(second=0, microsecond=0) - timedelta(days=1)
    return Period(until.date(), until.date(), until)
