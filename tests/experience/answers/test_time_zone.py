"""Days are days of TIME_ZONE: a change makes days and tallies anew, once, and nothing is counted in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from experience.figures import rebuild
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from foundation.db.database import Database
from tests.experience.samples import answer, everything, tallies_of
from tests.support.databases import empty

TEAM = Scope(frozenset({"5001"}), None)


def _some(count: int = 300) -> list[dict[str, object]]:
    return [
        answer(
            f"a{n:04}",
            f"2026-03-{1 + n % 28:02}T{n % 24:02}:{n % 60:02}:00Z",
            **{"nps": n % 11} if n % 5 else {},
            **{"csat": 1 + n % 5} if n % 3 else {},
            **{"ces": 1 + n % 7} if n % 2 else {},
            **{"agent": f"60{n % 7}"} if n % 11 else {},
            **{"team": "5001" if n % 4 else "5002"} if n % 13 else {},
        )
        for n in range(count)
    ]


def test_an_answer_at_night_moves_to_its_local_day(database: Database) -> None:
    Platform(database, "UTC").take([answer("a1", "2026-03-10T20:00:00Z", nps=9, team="5001")])
    moved = Platform(database, "Asia/Taipei")
    figures = moved.figures(TEAM, Period(date(2026, 3, 1), date(2026, 3, 31)))
    assert list(figures.by_day) == [date(2026, 3, 11)]


def test_a_rebuild_equals_counting_from_the_start(database: Database) -> None:
    Platform(database, "America/New_York").take(_some())
    Platform(database, "Asia/Taipei")
    rebuilt = everything(database)
    empty(database)
    Platform(database, "Asia/Taipei").take(_some())
    assert everything(database) == rebuilt


def test_a_recount_in_the_database_equals_what_was_counted_on_the_way(platform: Platform) -> None:
    platform.take(_some())
    counted = tallies_of(platform.database)
    with platform.database.write() as connection:
        rebuild.recount(connection)
    assert tallies_of(platform.database) == counted


def test_the_same_time_zone_rebuilds_nothing(database: Database) -> None:
    Platform(database, "Asia/Taipei").take(_some(10))
    assert not rebuild.into(database, "Asia/Taipei")
    assert rebuild.current(database) == "Asia/Taipei"


def test_a_process_of_another_time_zone_can_count_nothing(database: Database) -> None:
    old = Platform(database, "UTC")
    Platform(database, "Asia/Taipei")
    before = everything(database)
    with pytest.raises(rebuild.TimeZoneChanged, match="Asia/Taipei"):
        old.take(_some(3))
    assert everything(database) == before


def test_many_starting_at_once_rebuild_once_and_count_right(url: str, database: Database) -> None:
    Platform(database, "UTC").take(_some())
    databases = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda opened: rebuild.into(opened, "Asia/Taipei"), databases))
    for opened in databases:
        opened.close()
    assert sum(made) == 1
    counted = tallies_of(database)
    with database.write() as connection:
        rebuild.recount(connection)
    assert tallies_of(database) == counted


def test_answers_that_land_during_a_rebuild_are_counted_once(url: str, database: Database) -> None:
    Platform(database, "UTC").take(_some())
    late = Platform(database, "UTC")

    def import_on() -> int:
        taken = 0
        for n in range(40):
            try:
                taken += late.take([answer(f"late{n}", "2026-03-10T20:00:00Z", nps=5, team="5001")]).added
            except rebuild.TimeZoneChanged:
                break
        return taken

    with ThreadPoolExecutor(2) as pool:
        importing = pool.submit(import_on)
        other = Database(url)
        pool.submit(rebuild.into, other, "Asia/Taipei").result()
        added = importing.result()
        other.close()
    agents, teams = tallies_of(database)
    assert sum(row[-1] for row in agents if row[4] == "responses") == 300 + added
    assert sum(row[-1] for row in teams if row[3] == "responses") == 300 + added
    with database.write() as connection:
        rebuild.recount(connection)
    assert tallies_of(database) == (agents, teams)
