"""Whether the database and the cache can be read, and take writes: looked at seldom, and never at every probe.

A write that was refused counts until a later one is known to have been made: that of the heartbeat.
"""

from __future__ import annotations

import platform
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Column, DateTime, String, Table, delete, func, select, text

from foundation.cache.cache import Cache
from foundation.causes import UnusableError, cause_of
from foundation.db.database import BUSY_SECONDS, Database, metadata
from foundation.web.health import Dependency
from foundation.web.probe import Probe

# So often a write is made to see whether one can be; after one that was refused, sooner.
WRITE_SECONDS, REFUSED_SECONDS = 15.0, 2.0
# Another process may hold SQLite's lock for so long by right.
WRITE_PATIENCE = BUSY_SECONDS + 2.0
# A look that hangs so long is left alone, and another one made: its server may be gone, and another in its place.
READ_ABANDON_SECONDS, WRITE_ABANDON_SECONDS = 5.0, 30.0
KEPT = timedelta(days=1)

ANY_ROW = text("SELECT 0")
IS_READ_ONLY = text(
    "SELECT CAST(pg_is_in_recovery() OR CAST(current_setting('default_transaction_read_only') AS boolean) AS integer)"
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("node", String, primary_key=True),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)


def database_health(database: Database) -> Dependency:
    reading = Probe(partial(read_database, database), abandon_after=READ_ABANDON_SECONDS, let_go=database.let_go)
    writing = Probe(
        partial(write_database, database),
        every=WRITE_SECONDS,
        again=REFUSED_SECONDS,
        patience=WRITE_PATIENCE,
        abandon_after=WRITE_ABANDON_SECONDS,
        let_go=database.let_go,
        refusal=database.refusal,
    )
    return Dependency((reading, writing))


def cache_health(cache: Cache) -> Dependency:
    reading = Probe(cache.usable)
    writing = Probe(partial(write_cache, cache), every=WRITE_SECONDS, again=REFUSED_SECONDS, refusal=cache.refusal)
    return Dependency((reading, writing), is_needed=False)


def read_database(database: Database) -> None:
    """Raises what keeps the database from being read, and UnusableError where it says that it takes no writes."""
    is_sqlite = database.dialect == "sqlite"
    if is_sqlite and not Path(database.url.database or "").exists():
        # Connections that are open would go on with a file that nobody finds again.
        raise UnusableError("missing")
    with database.read() as connection:
        if connection.execute(ANY_ROW if is_sqlite else IS_READ_ONLY).scalar():
            raise UnusableError("read_only")


def write_database(database: Database) -> None:
    """Make a heartbeat; raises why it is refused."""
    try:
        beat(database)
    except Exception as error:
        # Another process writes, and holds the only lock there is: writes are made.
        if database.dialect != "sqlite" or cause_of(error) != "busy":
            raise
    else:
        database.refusal.cause = ""


def beat(database: Database, node: str = "") -> None:
    """Commit a row of this node's own, and forget those of nodes that are gone."""
    now = datetime.now(UTC)
    row = database.dialect_insert(heartbeats).values(node=node or platform.node()[:64], seen_at=now)
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(select(func.set_config("lock_timeout", "2s", True)))
        connection.execute(row.on_conflict_do_update(index_elements=["node"], set_={"seen_at": now}))
        connection.execute(delete(heartbeats).where(heartbeats.c.seen_at < now - KEPT))


def write_cache(cache: Cache) -> None:
    """Keep a small value for a minute; raises why that is refused."""
    cache.set(f"heartbeat:{platform.node()[:64]}", 1, 60)
    cache.refusal.cause = ""
