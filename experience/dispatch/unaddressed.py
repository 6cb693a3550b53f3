"""Items of batches whose dispatch is not known: kept whole until `dispatch replay` sends them, at most 30 days."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, Text, delete, func, select

from experience.dispatch.mixed_batches import Document, Item
from experience.model import timestamps
from foundation.db import bulk
from foundation.db.database import metadata

KEPT_DAYS = 30
PAGE = 500

unaddressed_items = Table(
    "unaddressed_items",
    metadata,
    Column("id", String, primary_key=True),
    Column("batch_id", String, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("document", Text, nullable=False),
    Index("ix_unaddressed_items_received_at", "received_at"),
)
_columns = unaddressed_items.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, as an administrator is shown it, nothing personal: `fields` are names, with how many have them."""

    count: int
    oldest: datetime | None
    reasons: dict[str, int]
    fields: dict[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """An item as it was sent, and when."""

    id: str
    received: datetime
    sent: Document


def keep(connection: Connection, items: Sequence[tuple[Item, str]], batch: str) -> None:
    """Keep items, each with the reason why it waits; those that are too old to be asked about are forgotten."""
    now = timestamps.to_micros(datetime.now(UTC))
    connection.execute(delete(unaddressed_items).where(_columns.received_at < now - KEPT_DAYS * 86_400_000_000))
    rows = [(secrets.token_hex(12), batch, now, reason, orjson.dumps(item.sent).decode()) for item, reason in items]
    bulk.insert_new(connection, unaddressed_items, rows)


def pages(connection: Connection, after: str = "") -> list[Row]:
    """The next items behind an id, in the order of ids, at most 500."""
    rows = connection.execute(select(unaddressed_items).where(_columns.id > after).order_by(_columns.id).limit(PAGE))
    return [Row(row.id, timestamps.moment(row.received_at), orjson.loads(row.document)) for row in rows]


def remove(connection: Connection, identities: Collection[str]) -> None:
    """Forget items that are decided."""
    connection.execute(delete(unaddressed_items).where(_columns.id.in_(identities)))


def count(connection: Connection) -> int:
    """How many wait."""
    return connection.execute(select(func.count()).select_from(unaddressed_items)).scalar_one()


def summary(connection: Connection) -> Waiting:
    """How many wait since when and why, and the names of their fields."""
    rows = connection.execute(select(_columns.reason, func.count()).group_by(_columns.reason).order_by(_columns.reason))
    reasons: dict[str, int] = {row[0]: row[1] for row in rows}
    oldest = connection.execute(select(func.min(_columns.received_at))).scalar()
    newest = select(_columns.document).order_by(_columns.received_at.desc()).limit(PAGE)
    names = Counter(name for document in connection.execute(newest).scalars() for name in _names(document))
    moment = None if oldest is None else timestamps.moment(oldest)
    return Waiting(sum(reasons.values()), moment, reasons, dict(names.most_common(40)))


def _names(document: str) -> Iterator[str]:
    yield from orjson.loads(document)
