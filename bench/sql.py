"""What our own code below SQLAlchemy saves beside SQLAlchemy's own way, on SQLite and PostgreSQL, side by side.

    python -m bench.sql [--repeats 15] [--answers 2000] [--only NAME]

`prepared`: a page of 20 answers, and a token's user, by a statement compiled once. `bulk`: 500 answers inserted and
their tallies added. `pool`: the transaction around one small read, on connections kept checked out. A line each: the
medians in microseconds, and the median of the ratios of runs made in turn.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, delete, event, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from experience.accounts import api_tokens
from experience.accounts.users import users
from experience.answers.schema import answers
from experience.figures import tallies
from experience.figures.schema import agent_tallies
from experience.journeys import journey
from experience.model.customer import Customer
from experience.platform import Platform
from experience.questionnaires import catalogue
from foundation.db import bulk, database
from foundation.db.database import Database
from foundation.db.deadlines import READ_SECONDS, Deadline, check_cut_off
from foundation.db.prepared import Prepared
from foundation.db.schema_version import upgrade
from tests.scripts.make_answers import QUESTIONS
from tests.scripts.make_answers import answers as made_answers
from tests.support.databases import empty_schema
from tests.support.few_customers import of_few

ROWS, PAGE, READS = 500, 20, 200
CUSTOMERS = 40

Seconds = float
Measure = Callable[[], Seconds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--answers", type=int, default=2000)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    print(f"{'':36}{'plain us':>12}{'own us':>12}{'own/plain':>12}")
    with tempfile.TemporaryDirectory() as folder, empty_schema() as postgres:
        for url in (f"sqlite:///{Path(folder) / 'pulse.db'}", postgres):
            measure_all(url, options.answers, options.repeats, options.only)


def measure_all(url: str, count: int, repeats: int, only: str) -> None:
    upgrade(url)
    store = Database(url)
    try:
        fill(store, count)
        for name, plain, own in measures(store):
            if only not in name:
                continue
            plain(), own()
            pairs = [(plain(), own()) for _ in range(repeats)]
            medians = [statistics.median(seconds) * 1e6 for seconds in zip(*pairs, strict=True)]
            ratio = statistics.median(mine / theirs for theirs, mine in pairs)
            shown = "".join(f"{median:12.1f}" for median in medians)
            print(f"{store.dialect:12}{name:24}{shown}{ratio:12.2f}", flush=True)
    finally:
        store.close()


def fill(store: Database, count: int) -> None:
    with store.write() as connection:
        catalogue.keep(store, connection, QUESTIONS)
        user = {"name": "system", "role": "system", "disabled": False, "generation": "g"}
        connection.execute(insert(users), user)
    Platform(store).take(of_few(answer, CUSTOMERS) for answer in made_answers(count, 7))


def measures(store: Database) -> Iterator[tuple[str, Measure, Measure]]:
    """A name, and how long SQLAlchemy's way and ours take for one of it."""
    customer = first_customer(store)
    page = journey._paging("customerId", False)
    values = {**journey._bound_forms(Customer("customerId", customer)), "limit": PAGE + 1}
    user = api_tokens._good(), {"token": "t", "name": "system", "generation": "g"}
    for name, prepared, bound in (("page of 20 answers", page, values), ("user of a token", *user)):
        yield name, reading(store, plainly, prepared, bound), reading(store, Prepared.rows, prepared, bound)
    rows = stored_rows(store)
    yield "500 answers inserted", writing(store, insert_plainly, rows), writing(store, bulk_insert, rows)
    counts = tallies_of(store)
    yield f"{len(counts)} tallies added", writing(store, add_plainly, counts), writing(store, bulk_add, counts)
    if store.dialect == "sqlite":
        plain = plain_sqlite(store)
        yield "transaction of one read", transactions(lambda: plain_transaction(plain)), transactions(store.read)


def first_customer(store: Database) -> str:
    with store.read() as connection:
        wanted = select(answers.c.customer_id).where(answers.c.customer_id.is_not(None)).limit(1)
        return str(connection.execute(wanted).scalar_one())


def reading(store: Database, read: Callable[..., Any], prepared: Prepared[Any], values: dict[str, Any]) -> Measure:
    def measure() -> Seconds:
        with store.read() as connection:
            began = time.perf_counter()
            for _ in range(READS):
                assert read(prepared, connection, values)
            return (time.perf_counter() - began) / READS

    return measure


def plainly(prepared: Prepared[Any], connection: Connection, values: dict[str, Any]) -> Any:
    return connection.execute(prepared._statement, values).all()


class Undo(Exception):
    """Rolls back what was measured."""


def writing(store: Database, write: Callable[[Connection, list[Any]], object], rows: list[Any]) -> Measure:
    """Into tables without a row, all of it rolled back."""

    def measure() -> Seconds:
        seconds = 0.0
        try:
            with store.write() as connection:
                for table in (answers, agent_tallies):
                    connection.execute(delete(table))
                began = time.perf_counter()
                write(connection, rows)
                seconds = time.perf_counter() - began
                raise Undo
        except Undo:
            return seconds

    return measure


def stored_rows(store: Database) -> list[Any]:
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(select(answers).order_by(answers.c.id).limit(ROWS))]


def tallies_of(store: Database) -> list[Any]:
    """As many as the answers of one transaction make."""
    counts: Counter[tuple[Any, ...]] = Counter()
    with store.read() as connection:
        for row in connection.execute(select(answers).order_by(answers.c.id).limit(ROWS)).mappings():
            for counted in tallies.metrics(dict(row)):
                place = row["agent_id"] or "", row["day"], row["team_id"] or "", row["questionnaire"]
                counts[*place, *counted] += 1
    return [(*key, count) for key, count in sorted(counts.items())]


def inserting(connection: Connection, table: Any) -> Any:
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def dicts(table: Any, rows: list[Any]) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in rows]


def insert_plainly(connection: Connection, rows: list[Any]) -> object:
    statement = inserting(connection, answers).on_conflict_do_nothing().returning(answers.c.id)
    return set(connection.execute(statement, dicts(answers, rows)).scalars())


def bulk_insert(connection: Connection, rows: list[Any]) -> object:
    return bulk.insert_new(connection, answers, rows)


def add_plainly(connection: Connection, rows: list[Any]) -> object:
    statement = inserting(connection, agent_tallies)
    count = agent_tallies.c["count"] + statement.excluded["count"]
    keys = list(agent_tallies.primary_key.columns)
    adding = statement.on_conflict_do_update(index_elements=keys, set_={"count": count})
    return connection.execute(adding, dicts(agent_tallies, rows))


def bulk_add(connection: Connection, rows: list[Any]) -> None:
    bulk.add_counts(connection, agent_tallies, rows)


def transactions(transaction: Callable[[], Any]) -> Measure:
    def measure() -> Seconds:
        began = time.perf_counter()
        for _ in range(READS):
            with transaction() as connection:
                connection.connection.driver_connection.execute("SELECT 0").fetchall()
        return (time.perf_counter() - began) / READS

    return measure


@contextmanager
def plain_transaction(engine: Engine) -> Iterator[Connection]:
    """As `Database.read`, on SQLAlchemy's own pool."""
    try:
        with engine.begin() as connection:
            connection.info[Deadline].until = time.monotonic() + READ_SECONDS
            yield connection
    except Exception as error:
        check_cut_off(error, READ_SECONDS)
        raise


def plain_sqlite(store: Database) -> Engine:
    """The engine of a reader, its connections in SQLAlchemy's own pool."""
    options = {"check_same_thread": False, "isolation_level": None}
    engine = create_engine(store.url, poolclass=QueuePool, pool_size=32, connect_args=options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        record.info[Deadline] = Deadline(connection)
        for pragma in (*database._PRAGMAS, *database._READING):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN")

    return engine


if __name__ == "__main__":
    main()
