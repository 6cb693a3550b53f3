"""Bodies that were no batch, kept for the administrator: few, cut where they are large, at most 30 days."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    select,
)

from experience.model import timestamps
from foundation.db.database import Database, metadata

KEPT_DAYS = 30
MOST_KEPT = 100
LARGEST_KEPT = 256 * 1024
LONGEST_WORD = 200

unread_bodies = Table(
    "unread_bodies",
    metadata,
    Column("id", String, primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Column("path", String, nullable=False),
    Column("content_type", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("ix_unread_bodies_received_at", "received_at"),
)
_columns = unread_bodies.c


@dataclass(frozen=True, slots=True)
class UnreadBody:
    """One of them, without its content; `received_at` is when it came last, `size` that of the whole in bytes."""

    id: str
    received_at: datetime
    times: int
    path: str
    content_type: str
    reason: str
    size: int


def keep(database: Database, content: bytes, path: str, content_type: str, reason: str) -> None:
    """Keep a body once, however often it comes; the oldest give way where there are too many."""
    now = timestamps.to_micros(datetime.now(UTC))
    row = {
        "id": hashlib.sha256(path.encode("utf-8", "replace") + b"\0" + content).hexdigest()[:12],
        "received_at": now,
        "times": 1,
        "path": _word(path),
        "content_type": _word(content_type),
        "reason": reason,
        "size": len(content),
        "content": content[:LARGEST_KEPT],
    }
    adding = database.dialect_insert(unread_bodies).values(**row)
    again = {"received_at": now, "times": _columns.times + 1}
    with database.write() as connection:
        connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=again))
        connection.execute(delete(unread_bodies).where(_columns.received_at < now - KEPT_DAYS * 86_400_000_000))
        oldest = select(_columns.received_at).order_by(_columns.received_at.desc()).offset(MOST_KEPT).limit(1)
        connection.execute(delete(unread_bodies).where(_columns.received_at <= oldest.scalar_subquery()))


def every(connection: Connection) -> list[UnreadBody]:
    """The newest first."""
    columns = [column for column in unread_bodies.columns if column.name != "content"]
    rows = connection.execute(select(*columns).order_by(_columns.received_at.desc(), _columns.id))
    return [UnreadBody(row.id, timestamps.moment(row.received_at), *row[2:]) for row in rows]


def count(connection: Connection) -> int:
    """How many are kept."""
    return connection.execute(select(func.count()).select_from(unread_bodies)).scalar_one()


def content(connection: Connection, identity: str) -> bytes | None:
    """As much of a body as is kept."""
    return connection.execute(select(_columns.content).where(_columns.id == identity)).scalar()


def _word(text: str) -> str:
    """As far as a column can hold it."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()[:LONGEST_WORD]
