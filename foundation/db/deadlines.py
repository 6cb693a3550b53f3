"""How long work in the database may take, by its kind: what takes longer is cut off; the error says: ask for less.

PostgreSQL limits each statement of a transaction, SQLite all of its statements together. PostgreSQL is told by
`SET LOCAL` in the message that begins the transaction: no trip more, and nothing that outlives it on a shared
connection.
"""

from __future__ import annotations

import time
from math import inf
from sqlite3 import Connection

from foundation.errors import PulseError

READ_SECONDS = 10.0
WRITE_SECONDS = 30.0
# A file that somebody waits for: an export reads all that is kept, some hundreds of rows at a time.
EXPORT_SECONDS = 300.0
# Migrations, and counting everything anew: the service waits for them, whatever they take.
UNLIMITED = inf

# SQLite's steps between two looks at the clock: some milliseconds.
_STEPS = 20_000
_CUT_OFF = frozenset({"57014", "SQLITE_INTERRUPT"})


class QueryTooSlow(PulseError):
    """The database was not done in the time that this kind of work has."""

    status = 503
    code = "query_too_slow"
    title = "The database needs too long for this request"
    permanent = False
    cause = "timed_out"


class Deadline:
    """The moment `until` which a connection to SQLite may work, in monotonic seconds."""

    __slots__ = ("until",)

    def __init__(self, connection: Connection) -> None:
        self.until = inf
        connection.set_progress_handler(self._is_over, _STEPS)

    def _is_over(self) -> bool:
        return time.monotonic() > self.until


def set_local(seconds: float) -> str:
    """The statement by which PostgreSQL limits those that follow in the same transaction."""
    return f"SET LOCAL statement_timeout = {0 if seconds == inf else max(1, round(seconds * 1000))}"


def check_cut_off(error: BaseException, seconds: float) -> None:
    """Raise QueryTooSlow where the database cut off what failed with this error."""
    if _is_cut_off(error):
        raise QueryTooSlow(
            f"The database had {seconds:g} s for this and needed more. Ask for fewer days or with a narrower filter."
        ) from error


def _is_cut_off(error: BaseException) -> bool:
    """Whether this is a driver's word for it, or SQLAlchemy's around that."""
    cause = getattr(error, "orig", None) or error
    return bool(_CUT_OFF & {getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorname", None)})
