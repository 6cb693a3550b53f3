"""Moments: read as WxM's clients write them, kept as microseconds since 1970, formatted in UTC with a Z; pure.

Source: docs/cisco/wxm-api.md §1.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def parse(text: object) -> datetime:
    """The moment that a text names, in UTC; one without an offset is UTC. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("a moment is a text")
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment of no year that there is") from None


def to_micros(at: datetime) -> int:
    """A moment as a column holds it."""
    return (at - EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The moment that a column holds."""
    return EPOCH + timedelta(microseconds=microseconds)


def format_utc(at: datetime, timespec: Literal["auto", "seconds", "milliseconds"] = "seconds") -> str:
    """A moment as WxM writes it."""
    return at.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def day_number(day: date) -> int:
    """A day as a column holds it: yyyymmdd."""
    return day.year * 10000 + day.month * 100 + day.day


def day_of(number: int) -> date:
    """The day that a column holds."""
    return date(number // 10000, number // 100 % 100, number % 100)
