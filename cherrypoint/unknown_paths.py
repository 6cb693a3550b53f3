"""Paths that were asked of our Cloud Connect and that we do not know: kept for `doctor`: Cisco lists more
(docs/cisco/cloud-connect-and-cce.md §1.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import delete, func, select

from cherrypoint.schema import unknown_paths
from foundation.db.database import Database

log = structlog.get_logger(__name__)

KINDS_KEPT = 200
LONGEST_PATH = 200
LARGEST_SIZE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class UnknownPath:
    """A request that no route took; `size` is that of the largest body."""

    method: str
    path: str
    size: int
    times: int
    seen_at: datetime


class UnknownPaths:
    """Keeps each method and path once, the newest of them where there are too many."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, method: str, path: str, size: int) -> None:
        """Keep it, as far as a column can: a caller may name any size, and a NUL, which PostgreSQL refuses."""
        table, now = unknown_paths, datetime.now(UTC)
        path, size = path.replace("\0", "\ufffd")[:LONGEST_PATH], min(size, LARGEST_SIZE)
        log.warning("unknown_path", method=method, size=size)
        adding = self._database.dialect_insert(table).values(
            method=method[:16], path=path, size=size, times=1, seen_at=now
        )
        largest = func.max if self._database.dialect == "sqlite" else func.greatest
        changes: Mapping[str, Any] = {
            "size": largest(table.c.size, size),
            "times": table.c.times + 1,
            "seen_at": now,
        }
        with self._database.write() as connection:
            connection.execute(adding.on_conflict_do_update(index_elements=["method", "path"], set_=changes))
            newest = select(table.c.seen_at).order_by(table.c.seen_at.desc()).offset(KINDS_KEPT).limit(1)
            connection.execute(delete(table).where(table.c.seen_at <= newest.scalar_subquery()))

    def all(self) -> list[UnknownPath]:
        """What was seen, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(unknown_paths).order_by(unknown_paths.c.seen_at.desc()))
            return [UnknownPath(*row) for row in rows]
