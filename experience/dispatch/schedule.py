"""When a delivery plan sends which message: its steps, and the hours in which a recipient may be written to; pure.

A recipient gets the first step by whose channel they can be reached, and one reminder: the next such step that waits
for an hour or a part of one. A step without a wait is another channel for whoever the step before does not reach.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from phonenumbers import NumberParseException, parse
from phonenumbers.timezone import time_zones_for_number

MOST_MESSAGES = 2
# The longest way to an allowed hour: one day of the week alone.
_DAYS_AHEAD = 8
_UNKNOWN_ZONE = "Etc/Unknown"

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Planned:
    """One message of a plan, with the hours between it and the one before, or its acceptance."""

    step: Document
    channel: str
    hours: float


def channel_of(step: Document) -> str:
    """`email` of `email://ours`."""
    return str(step.get("onChannel", "")).partition(":")[0].lower()


def messages(plan: Document, reachable: Collection[str]) -> list[Planned]:
    """The invitation and the reminder of a recipient who is reached by these channels, as far as there are any."""
    planned: list[Planned] = []
    hours = 0.0
    for step in plan.get("schedule") or ():
        hours += float(step.get("delayByHours") or 0)
        if channel_of(step) not in reachable or (planned and not hours):
            continue
        least = float(plan.get("remindOnlyAfterHours") or 0) if planned else 0.0
        planned.append(Planned(step, channel_of(step), max(hours, least)))
        hours = 0.0
        if len(planned) == MOST_MESSAGES:
            break
    return planned


def allowed_at(plan: Document, at: datetime, zone: ZoneInfo) -> datetime:
    """The first moment from `at` on, in UTC, at which the plan lets a message go to someone in a time zone."""
    local = at.astimezone(zone)
    opening = _time(plan.get("goodAfterTimeOfDay")) or time.min
    days = (local.date() + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD))
    openings = (datetime.combine(day, opening, zone) for day in days)
    later = [moment for moment in openings if moment > local]
    # A day's first minute opens a day of the week that is allowed, where no hour is named.
    moment = next((moment for moment in (local, *later) if _is_allowed(plan, moment)), local)
    return moment.astimezone(UTC)


def _is_allowed(plan: Document, local: datetime) -> bool:
    days = plan.get("goodOnDaysOfWeek") or ()
    # Sunday is 0 and 7.
    if days and local.isoweekday() % 7 not in {day % 7 for day in days}:
        return False
    after, before = _time(plan.get("goodAfterTimeOfDay")), _time(plan.get("goodBeforeTimeOfDay"))
    clock = local.time()
    begins, ends = after or time.min, before or time.max
    return begins <= clock < ends if begins <= ends else (clock >= begins or clock < ends)


def _time(text: object) -> time | None:
    return time.fromisoformat(text) if isinstance(text, str) and text else None


def zone_of(mobile: str | None, own: str) -> ZoneInfo:
    """The time zone of a number with its country code where it says one; else, and where it says ours too, our own."""
    try:
        zones = time_zones_for_number(parse(mobile)) if mobile and mobile.startswith("+") else ()
    except NumberParseException:
        zones = ()
    known = [zone for zone in zones if zone != _UNKNOWN_ZONE]
    return ZoneInfo(own if own in known or not known else known[0])
