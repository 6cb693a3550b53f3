"""Who was asked when: nobody is asked again before their rest is over (`repeatOnlyAfterHours` of a plan)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, delete, or_
from sqlalchemy.dialects import postgresql, sqlite

from foundation.db.database import metadata

# The longest rest that a plan may name.
KEPT_HOURS = 24 * 366

contacted = Table(
    "contacted",
    metadata,
    Column("id", String, primary_key=True),
    Column("token", String, nullable=False),
    Column("contacted_at", BigInteger, nullable=False),
    Index("ix_contacted_contacted_at", "contacted_at"),
)
_columns = contacted.c


def key(scope: str, *words: str) -> str:
    """Tells a customer or an address from others within a scope, and shows nothing of it."""
    return hashlib.sha256("\0".join((scope, *words)).encode("utf-8", "replace")).hexdigest()


def reserve(connection: Connection, keys: Iterable[str], token: str, now: int, since: int) -> bool:
    """Ask now by this invitation; not where another one asked after `since`. Two that try at once cannot both."""
    inserting = sqlite.insert(contacted) if connection.dialect.name == "sqlite" else postgresql.insert(contacted)
    new = inserting.excluded
    rested = or_(_columns.contacted_at <= since, _columns.token == new.token)
    values = {"token": new.token, "contacted_at": new.contacted_at}
    taking = inserting.on_conflict_do_update(index_elements=["id"], set_=values, where=rested)
    # Sorted: two that lock the same rows in two orders would wait for each other for ever.
    for identity in sorted(keys):
        row = {"id": identity, "token": token, "contacted_at": now}
        if connection.execute(taking.values(**row).returning(_columns.id)).scalar() is None:
            return False
    return True


def forget(connection: Connection, token: str, keys: Iterable[str]) -> None:
    """Nobody was asked after all."""
    connection.execute(delete(contacted).where(_columns.id.in_(list(keys)), _columns.token == token))


def prune(connection: Connection, before: int) -> int:
    """Forget who was asked before a moment."""
    return connection.execute(delete(contacted).where(_columns.contacted_at < before)).rowcount
