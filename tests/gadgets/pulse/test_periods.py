"""Periods are whole local days, both ends included (docs/api.md, Pulse)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experience.model.period import Period
from gadgets.pulse.periods import LONGEST_DAYS, BadPeriod, parse_period, yesterday_until

TODAY = date(2026, 11, 20)


FIRSTS = {"7d": date(2026, 11, 14), "30d": date(2026, 10, 22), "90d": date(2026, 8, 23), "365d": date(2025, 11, 21)}


@pytest.mark.parametrize(("text", "first"), FIRSTS.items())
def test_a_length_ends_today(text: str, first: date) -> None:
    period = parse_period(text, TODAY)
    assert (period.first, period.last) == (first, TODAY)
    assert period.days == int(text[:-1]) == len(period.dates())


@pytest.mark.parametrize(("text", "ago"), [("today", 0), ("yesterday", 1)])
def test_a_day_is_named_by_its_word(text: str, ago: int) -> None:
    day = TODAY - timedelta(days=ago)
    assert parse_period(text, TODAY) == Period(day, day)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-20T14:37:59.5+08:00", "2026-11-19T14:37+08:00"),
        ("2026-03-01T00:00+08:00", "2026-02-28T00:00+08:00"),
    ],
)
def test_today_so_far_is_compared_with_yesterday_until_the_same_minute(now: str, until: str) -> None:
    before = yesterday_until(datetime.fromisoformat(now))
    assert before.until == datetime.fromisoformat(until)
    assert before.first == before.last == datetime.fromisoformat(until).date()


def test_yesterday_until_is_by_the_clock_on_the_wall_where_clocks_were_changed() -> None:
    now = datetime(2026, 10, 25, 14, 37, tzinfo=ZoneInfo("Europe/Berlin"))
    assert yesterday_until(now).until == datetime(2026, 10, 24, 12, 37, tzinfo=UTC)


def test_a_range_stands_for_itself() -> None:
    period = parse_period("2026-10-01..2026-10-31", TODAY)
    assert (period.first, period.last) == (date(2026, 10, 1), date(2026, 10, 31))
    assert period.previous == Period(date(2026, 8, 31), date(2026, 9, 30))


@pytest.mark.parametrize(
    "text",
    [
        "", "30", "30D", "1d", "0d", "d", "365", " 30d", "30d\n", "2026-10-01", "2026-10-01..", "..2026-10-01",
        "2026-10-31..2026-10-01", "2026-02-30..2026-03-01", "2026-1-1..2026-2-1", "2026-10-01...2026-10-02",
        "2026-10-01..2026-10-02..2026-10-03", "1969-12-31..1970-01-02", "2020-01-01..2026-01-01",
        "0000-00-00..9999-99-99", "9999-12-30..9999-12-31", "20261001..20261031", "２０２６-10-01..2026-10-02",
        "a" * 200, "Today", "today ", "tomorrow",
    ],
)  # fmt: skip
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(BadPeriod):
        parse_period(text, TODAY)


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.integers(1, LONGEST_DAYS))
def test_a_period_and_the_one_before_touch_and_are_of_one_length(first: date, days: int) -> None:
    last = first + timedelta(days=days - 1)
    period = parse_period(f"{first}..{last}", TODAY)
    assert period.days == period.previous.days == days
    assert period.previous.last + timedelta(days=1) == period.first
    assert period.dates()[0] == first
    assert period.dates()[-1] == last


@given(st.text(max_size=40))
def test_whatever_is_asked_is_a_period_or_refused(text: str) -> None:
    try:
        period = parse_period(text, TODAY)
    except BadPeriod:
        return
    assert 1 <= period.days <= LONGEST_DAYS
