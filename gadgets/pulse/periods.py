"""Periods of whole local days: read from a request, and the one before of the same length; pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from foundation.errors import BadRequest

DEFAULT = "30d"
LENGTHS = {"7d": 7, "30d": 30, "90d": 90, "365d": 365}
LONGEST_DAYS = 731
FIRST_YEAR, LAST_YEAR = 1970, 2199
RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)


class BadPeriod(BadRequest):
    code = "bad_period"
    title = "period must be 7d, 30d, 90d, 365d or 2026-10-01..2026-10-31"


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both included, in days of TIME_ZONE."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str, today: date) -> Self:
        """`7d` ends with today; a range stands for itself. Raises BadPeriod."""
        if text in LENGTHS:
            return cls(today - timedelta(days=LENGTHS[text] - 1), today)
        match = RANGE.fullmatch(text)
        if not match:
            raise BadPeriod()
        try:
            period = cls(date.fromisoformat(match[1]), date.fromisoformat(match[2]))
        except ValueError as error:
            raise BadPeriod("The period names a day that does not exist.") from error
        if not (1 <= period.days <= LONGEST_DAYS and FIRST_YEAR <= period.first.year <= period.last.year <= LAST_YEAR):
            raise BadPeriod(
                f"A period runs forward, over {LONGEST_DAYS} days at most, in the years {FIRST_YEAR} to {LAST_YEAR}."
            )
        return period

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> Self:
        """As many days, just before."""
        return type(self)(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def dates(self) -> list[date]:
        return [self.first + timedelta(days=day) for day in range(self.days)]
