"""Origins that were refused: kept for `doctor`, which names the entry that would allow them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import Column, DateTime, Integer, String, Table, delete, select
from sqlalchemy.exc import SQLAlchemyError

from foundation.db.database import Database, metadata

log = structlog.get_logger(__name__)

KEPT = 200
LONGEST = 200

refused_origins = Table(
    "refused_origins",
    metadata,
    Column("origin", String, primary_key=True),
    Column("minutes", Integer, nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class RefusedOrigin:
    """An origin as it was sent, cut where it is long; in how many minutes it was refused, and when last."""

    origin: str
    minutes: int
    seen_at: datetime


class RefusedOrigins:
    """Keeps each origin once, the newest of them where there are too many."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, origin: str) -> None:
        """Keep it beside the request, which is refused before any work is done for it."""
        threading.Thread(target=self._note, args=(origin[:LONGEST],), name="refused-origin", daemon=True).start()

    def all(self) -> list[RefusedOrigin]:
        """What was refused, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(refused_origins).order_by(refused_origins.c.seen_at.desc()))
            return [RefusedOrigin(*row) for row in rows]

    def _note(self, origin: str) -> None:
        try:
            self._keep(origin)
        except SQLAlchemyError as error:
            log.warning("refused_origin_not_kept", kind=type(error).__name__)

    def _keep(self, origin: str) -> None:
        table, now = refused_origins, datetime.now(UTC)
        adding = self._database.dialect_insert(table).values(origin=origin, minutes=1, seen_at=now)
        again = {"minutes": table.c.minutes + 1, "seen_at": now}
        newest = select(table.c.seen_at).order_by(table.c.seen_at.desc()).offset(KEPT).limit(1)
        with self._database.write() as connection:
            connection.execute(adding.on_conflict_do_update(index_elements=["origin"], set_=again))
            connection.execute(delete(table).where(table.c.seen_at <= newest.scalar_subquery()))
