"""What is counted of invitations and answers, beside a recount of it; and where every recipient stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, delete, select

from experience.dispatch import events, outbox, recipients
from experience.dispatch.outbox import OutboxRow
from experience.figures import invited, rebuild
from experience.figures.schema import agent_tallies, team_tallies
from experience.platform import Platform
from foundation.db.database import Database, metadata

COUNTS = (agent_tallies, team_tallies, invited.invitation_tallies)


class Standing(NamedTuple):
    """A recipient: their row of the outbox, where one is left, and the messages of what happened, by action."""

    token: str
    address: str
    row: OutboxRow | None
    happened: dict[str, list[str | None]]


class _RollBack(Exception):
    """Ends a transaction that is to leave nothing behind."""


def standings(connection: Connection) -> list[Standing]:
    """Every recipient that was accepted, the first first."""
    happened: dict[str, dict[str, list[str | None]]] = defaultdict(lambda: defaultdict(list))
    for event in connection.execute(select(events.delivery_events)):
        happened[event.target][event.action].append(event.message)
    rows = {row.id: OutboxRow._make(row) for row in connection.execute(select(outbox.outbox))}
    people = recipients.recipients
    order = (people.c.accepted_at, people.c.email, people.c.id)
    return [
        Standing(person.id, person.email, rows.get(person.id), happened[person.id])
        for person in connection.execute(select(people).order_by(*order))
    ]


def counts(connection: Connection) -> dict[str, Counter[Any]]:
    """What is counted, by table."""
    return {table.name: _rows(connection, table) for table in COUNTS}


def recounted(platform: Platform) -> dict[str, Counter[Any]]:
    """What a recount would make of it; nothing is changed."""
    again: dict[str, Counter[Any]] = {}
    try:
        with platform.database.write() as connection:
            rebuild.recount(connection)
            invited.recount(connection, ZoneInfo(platform.time_zone))
            again = counts(connection)
            raise _RollBack()
    except _RollBack:
        return again


def noted_as_invited(connection: Connection) -> dict[str, tuple[bool, bool]]:
    """Who counts as invited, by token: whether answered, whether opted out."""
    columns = invited.invited.c
    rows = connection.execute(select(columns.id, columns.answered, columns.opted_out))
    return {row.id: (row.answered, row.opted_out) for row in rows}


def filled_tables(database: Database) -> frozenset[Table]:
    """The tables with a row in them."""
    with database.read() as connection:
        return frozenset(
            table for table in metadata.sorted_tables if connection.execute(select(table).limit(1)).first() is not None
        )


def forget_all_but(database: Database, kept: Iterable[Table]) -> None:
    """Empty every other table."""
    with database.write() as connection:
        for table in metadata.sorted_tables:
            if table not in kept:
                connection.execute(delete(table))


def _rows(connection: Connection, table: Table) -> Counter[Any]:
    """How often each key is counted; what is counted no more stands nowhere."""
    rows = (row._asdict() for row in connection.execute(select(table)))
    return Counter({tuple(sorted(row.items())): count for row in rows if (count := row.pop("count"))})
