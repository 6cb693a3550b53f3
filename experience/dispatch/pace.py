"""How fast a channel sends: all workers together take their moments from one row of the database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, String, Table, select, update

from foundation.db import bulk
from foundation.db.database import metadata

SECOND = 1_000_000

delivery_pace = Table(
    "delivery_pace",
    metadata,
    Column("channel", String, primary_key=True),
    Column("next_at", BigInteger, nullable=False),
)
_columns = delivery_pace.c


def next_at(connection: Connection, channel: str) -> int:
    """The first moment that nobody has taken; whoever else asks waits for our commit."""
    bulk.insert_new(connection, delivery_pace, [(channel, 0)])
    wanted = select(_columns.next_at).where(_columns.channel == channel)
    return int(connection.execute(wanted.with_for_update()).scalar_one())


def take(connection: Connection, channel: str, first: int, count: int, rate: float) -> list[int]:
    """So many moments from `first` on, at so many a second; they are taken for every worker."""
    step = SECOND / rate
    moments = [first + int(step * place) for place in range(count)]
    following = first + int(step * count)
    connection.execute(update(delivery_pace).where(_columns.channel == channel).values(next_at=following))
    return moments
