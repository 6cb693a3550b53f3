"""Periods of whole local days, and the one before of the same length; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both included, in days of TIME_ZONE. A single day may end at a moment, `until`."""

    first: date
    last: date
    until: datetime | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> Period:
        """As many whole days, just before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def dates(self) -> list[date]:
        return [self.first + timedelta(days=day) for day in range(self.days)]
