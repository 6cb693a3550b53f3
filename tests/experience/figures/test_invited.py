"""How many were invited and what became of them: each counts once, on the day of delivery, whatever comes twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experience.figures import invited
from experience.figures.invited import Delivered
from experience.model.figures import Invitations
from experience.model.period import Period
from experience.model.scope import Scope
from experience.model.timestamps import to_micros
from experience.platform import Platform
from foundation.db.database import Database
from tests.support.databases import empty

ZONE = ZoneInfo("Asia/Taipei")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
SALES = Scope(frozenset({"5001"}), None)
START = datetime(2026, 10, 31, 15, 0, tzinfo=UTC)

Step = tuple[Literal["deliver", "answer", "opt_out"], int]


def delivered(
    token: str, at: datetime = START + timedelta(days=3), agent: str | None = "6001", team: str | None = "5001"
) -> Delivered:
    return Delivered(token, agent, team, "Post call survey", to_micros(at))


def deliver(database: Database, *rows: Delivered) -> None:
    with database.write() as connection:
        invited.deliver(connection, ZONE, rows)


def test_an_invitation_counts_once_however_often_it_is_delivered_and_answered(database: Database) -> None:
    deliver(database, delivered("T-1"), delivered("T-2"), delivered("T-1"))
    deliver(database, delivered("T-2"))
    for token in ("T-1", "T-1", "never delivered", "with\0nothing"):
        with database.write() as connection:
            invited.answer(connection, token)
            invited.opt_out(connection, token)
    platform = Platform(database, "Asia/Taipei")
    assert platform.invitations(SALES, NOVEMBER) == Invitations(delivered=2, answered=1, opted_out=1)
    assert platform.invitations(SALES, NOVEMBER).rate == 0.5
    assert platform.invitations(Scope(None, "6002"), NOVEMBER).rate is None


def test_an_invitation_is_seen_by_its_agent_and_its_team_and_nobody_else(database: Database) -> None:
    deliver(
        database,
        delivered("T-1"),
        delivered("T-2", agent="6002"),
        delivered("T-3", team="5002"),
        delivered("T-4", agent=None, team=None),
    )
    platform = Platform(database, "Asia/Taipei")

    def count(scope: Scope) -> int:
        return platform.invitations(scope, NOVEMBER).delivered

    assert count(Scope(None, "6001")) == 2
    assert count(SALES) == 2
    assert count(Scope(frozenset({"5001"}), "6002")) == 1
    assert count(Scope(frozenset({"5001", "5002"}), None)) == 3
    assert count(Scope(frozenset(), None)) == 0


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hours=st.lists(st.integers(0, 60), min_size=1, max_size=8),
    steps=st.lists(st.tuples(st.sampled_from(["deliver", "answer", "opt_out"]), st.integers(0, 7)), max_size=30),
    zone=st.sampled_from(["UTC", "Pacific/Auckland", "America/Los_Angeles"]),
)
def test_whatever_happens_in_whatever_order_a_recount_in_any_time_zone_finds_the_same(
    database: Database, hours: list[int], steps: list[Step], zone: str
) -> None:
    empty(database)
    platform = Platform(database, "Asia/Taipei")
    rows = [
        delivered(f"T-{place}", START + timedelta(hours=hour), agent=f"600{place % 3}")
        for place, hour in enumerate(hours)
    ]
    happened: dict[str, set[str]] = {}
    for step, place in steps:
        row = rows[place % len(rows)]
        with database.write() as connection:
            if step == "deliver":
                invited.deliver(connection, ZONE, [row])
            elif step == "answer":
                invited.answer(connection, row.token)
            else:
                invited.opt_out(connection, row.token)
        if step == "deliver":
            happened.setdefault(row.token, {"delivered"})
        elif row.token in happened:
            happened[row.token].add({"answer": "answered", "opt_out": "opted_out"}[step])
    assert counted(platform, NOVEMBER) == expected(rows, happened, ZONE, NOVEMBER)
    with database.write() as connection:
        invited.recount(connection, ZoneInfo(zone))
    assert counted(platform, NOVEMBER) == expected(rows, happened, ZoneInfo(zone), NOVEMBER)


def counted(platform: Platform, period: Period) -> list[Invitations]:
    return [platform.invitations(scope, period) for scope in (SALES, Scope(None, "6001"))]


def expected(
    rows: Iterable[Delivered], happened: dict[str, set[str]], zone: ZoneInfo, period: Period
) -> list[Invitations]:
    counts: list[dict[str, Any]] = [{}, {}]
    for row in rows:
        day = datetime.fromtimestamp(row.delivered_at / 1_000_000, zone).date()
        for outcome in happened.get(row.token, ()) if period.first <= day <= period.last else ():
            for count, holds in zip(counts, (True, row.agent_id == "6001"), strict=True):
                count[outcome] = count.get(outcome, 0) + holds
    return [Invitations(**count) for count in counts]
