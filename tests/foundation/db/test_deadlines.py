"""Work that takes the database too long is cut off, said so, and costs nothing but itself."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from experience.api.support import errors
from experience.meta import meta
from experience.model.customer import Customer
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from foundation.db.database import Database
from foundation.db.deadlines import UNLIMITED, QueryTooSlow
from foundation.web import error_handler
from tests.experience.samples import answer
from tests.foundation.db.trips import counted

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))

# Longer than any test waits, were it not cut off.
ENDLESS = {
    "sqlite": text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"),
    "postgresql": text("SELECT pg_sleep(600)"),
}
SHORT = 0.05


def work_too_long(database: Database) -> None:
    with database.read(SHORT) as connection:
        connection.execute(ENDLESS[database.dialect])


def test_a_read_that_takes_too_long_is_cut_off_and_the_next_is_not(database: Database) -> None:
    with pytest.raises(QueryTooSlow) as cut_off:
        work_too_long(database)
    assert "0.05 s" in cut_off.value.detail and "narrower filter" in cut_off.value.detail
    with database.read() as connection:
        assert connection.execute(select(meta.c.name).limit(0)).all() == []


def test_a_write_that_is_cut_off_leaves_nothing(database: Database) -> None:
    with pytest.raises(QueryTooSlow), database.write(SHORT) as connection:
        connection.execute(insert(meta).values(name="half", value="x"))
        connection.execute(ENDLESS[database.dialect])
    with database.write() as connection:
        assert connection.execute(select(meta.c.value).where(meta.c.name == "half")).all() == []
        connection.execute(insert(meta).values(name="half", value="x"))


def test_each_kind_of_work_has_its_own_time_on_one_connection(postgres_schema: str) -> None:
    """A limit ends with its transaction: a shared connection carries none over."""
    database = Database(postgres_schema)
    shown = []
    for begun in (database.read(), database.write(), database.write(UNLIMITED)):
        with begun as connection:
            shown.append(connection.execute(text("SHOW statement_timeout")).scalar())
    with database.read() as connection:
        pool = connection.engine
    shared = pool.raw_connection()
    assert shared.driver_connection
    left = shared.driver_connection.execute("SHOW statement_timeout").fetchone()
    shared.close()
    database.close()
    assert (shown, left) == (["10s", "30s", "0"], ("0",))


def test_whoever_asks_too_much_is_told_so_in_the_words_of_the_face(database: Database) -> None:
    app = Flask("too-slow")
    error_handler.install(app)
    errors.install(app)

    @app.get("/gadgets/x")
    @app.get("/api/x")
    def too_long() -> str:
        work_too_long(database)
        return "never"

    ours, wxms = app.test_client().get("/gadgets/x"), app.test_client().get("/api/x")
    assert (ours.status_code, ours.json and ours.json["code"]) == (503, "query_too_slow")
    assert wxms.status_code == 503 and wxms.json
    assert wxms.json["error"] == "query_too_slow" and set(wxms.json) == {"error", "error_description"}


def test_a_limit_costs_no_trip_to_the_database(postgres_schema: str) -> None:
    """Each read is a ping, one message that begins it, its statements and a commit."""
    with counted(postgres_schema) as (url, trips):
        platform = Platform(Database(url), "UTC")
        platform.take([answer("trip", customer="C-trip", team="5001", agent="6001")])
        for question, statements in (
            (lambda: platform.journey(Customer("customerId", "C-trip")), 1),
            (
                lambda: platform.figures(Scope(frozenset({"5001"}), None), NOVEMBER),
                3,
            ),
        ):
            question()
            before = trips.count
            question()
            assert trips.count - before == statements + 3
        platform.database.close()
