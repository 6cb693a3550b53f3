"""A database that was restored holds its outbox: what it has waiting may have been sent after it was copied.

A mark is counted up in the database, and its count kept in a file beside it. A database whose count is behind the file
is a copy of an earlier one. Without a file, as on a new machine, a mark that nobody has counted up for long is one.
"""

from __future__ import annotations

import time
from pathlib import Path

import structlog
from sqlalchemy import select

from experience.dispatch import outbox
from foundation.db.database import Database
from foundation.db.facts import facts, save

log = structlog.get_logger(__name__)

MARK = "outbox_mark"
FILE = "outbox.mark"
REASON = "held after the database was restored"
# Nodes that share a database count up more often than this.
OLD_SECONDS = 900


def check(database: Database, folder: Path) -> int:
    """Count the mark up; hold what waits where the database was restored. How many rows were held."""
    file = folder / FILE
    known = _read(file)
    with database.write() as connection:
        # Whoever counts up at the same time waits for our commit.
        reading = select(facts.c.value).where(facts.c.name == MARK).with_for_update()
        count, _, moment = str(connection.execute(reading).scalar() or "0 0").partition(" ")
        is_old = int(count) > 0 and time.time() - int(moment) > OLD_SECONDS
        is_restored = int(count) < known if known is not None else is_old
        held = outbox.hold(connection, REASON) if is_restored else 0
        following = max(int(count), known or 0) + 1
        save(connection, MARK, f"{following} {int(time.time())}")
    file.write_text(str(following), "ascii")
    if is_restored:
        log.warning("outbox_held", rows=held, cause=REASON)
    return held


def _read(file: Path) -> int | None:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return None
