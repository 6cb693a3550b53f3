"""Why the database or the cache cannot be used, in one word of a table: for answers, the log and /readyz.

A driver's own text may hold a name, an address or a piece of a password: it is read here, and shown nowhere.
"""

import sqlite3

import redis
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from foundation.db.deadlines import QueryTooSlow

UNKNOWN = "unusable"
# With these the store may answer every question, and yet take no write.
REFUSALS = frozenset(
    {"read_only", "full", "io_error", "damaged", "not_permitted", "not_migrated", "cannot_save", "no_replicas"}
)

# By the primary result code (sqlite.org/rescode.html).
SQLITE = {
    sqlite3.SQLITE_PERM: "not_permitted",
    sqlite3.SQLITE_AUTH: "not_permitted",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_PROTOCOL: "busy",
    sqlite3.SQLITE_INTERRUPT: "timed_out",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_NOLFS: "full",
    sqlite3.SQLITE_IOERR: "io_error",
    sqlite3.SQLITE_CANTOPEN: "missing",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
# By SQLSTATE, else by its class of two letters (PostgreSQL's appendix A).
POSTGRESQL = {
    "08": "lost",
    "25006": "read_only",
    "25P03": "timed_out",
    "25P04": "timed_out",
    "28": "authentication",
    "3D": "missing",
    "3F": "not_migrated",
    "40": "busy",
    "42501": "not_permitted",
    "42703": "not_migrated",
    "42P01": "not_migrated",
    "53": "busy",
    "53100": "full",
    "55": "busy",
    "57": "lost",
    "57014": "timed_out",
    "57P03": "starting",
    "57P04": "missing",
    "57P05": "timed_out",
    "58": "io_error",
    "XX001": "damaged",
    "XX002": "damaged",
}
# Where there is no code, as while a connection is made; the first that the text holds.
PHRASES = {
    "refused": "refused",
    "no such table": "not_migrated",
    "no such column": "not_migrated",
    "password": "authentication",
    "authentication": "authentication",
    "pg_hba": "authentication",
    'role "': "authentication",
    "resolve": "name",
    "translate host name": "name",
    "name or service": "name",
    "name resolution": "name",
    "with hostname": "name",
    "nodename": "name",
    "unreachable": "unreachable",
    "no route": "unreachable",
    "timeout": "timed_out",
    "timed out": "timed_out",
    "starting up": "starting",
    "shutting down": "lost",
    "too many": "busy",
    "max number of clients": "busy",
    "read-only": "read_only",
    "hot standby": "read_only",
    "in recovery": "read_only",
    "does not exist": "missing",
    "misconf": "cannot_save",
    "noreplicas": "no_replicas",
    "closed": "lost",
    "lost": "lost",
    "reset": "lost",
    "broken": "lost",
}
# The first that an error is one of.
REDIS: dict[type[Exception], str] = {
    redis.exceptions.ReadOnlyError: "read_only",
    redis.exceptions.OutOfMemoryError: "full",
    redis.exceptions.NoPermissionError: "not_permitted",
    redis.BusyLoadingError: "starting",
    redis.AuthenticationError: "authentication",
    redis.exceptions.AuthenticationWrongNumberOfArgsError: "authentication",
    redis.exceptions.AuthorizationError: "authentication",
    redis.exceptions.MaxConnectionsError: "busy",
    redis.TimeoutError: "timed_out",
}
# Below redis' ConnectionError stands the system's own.
SYSTEM: dict[type[BaseException], str] = {
    ConnectionRefusedError: "refused",
    ConnectionResetError: "lost",
    BrokenPipeError: "lost",
    TimeoutError: "timed_out",
}


class UnusableError(Exception):
    """A check of our own fails, for a cause in one word."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class CacheAwayError(redis.ConnectionError):
    """The cache failed a moment ago, and is not asked again yet."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


def cause_of(error: BaseException) -> str:
    """The cause; "" for an error that says nothing of the store: a rule of ours that was broken, a mistake."""
    if isinstance(error, UnusableError | CacheAwayError | QueryTooSlow):
        return error.cause
    if isinstance(error, PoolTimeoutError):
        return "busy"
    if isinstance(error, DBAPIError):
        return _of_database(error)
    if isinstance(error, redis.RedisError | redis.RedisClusterException):
        below = error.__cause__ or error.__context__
        return _first(REDIS, error) or _first(SYSTEM, below) or _by_text(error) or UNKNOWN
    return ""


class Refusal:
    """Why the last write that failed was refused, "" where none was; whoever knows of a later success clears it."""

    def __init__(self) -> None:
        self.cause = ""

    def note(self, error: Exception) -> None:
        """Remember it, where a write failed because the store takes none."""
        cause = cause_of(error)
        if cause in REFUSALS:
            self.cause = cause


def _of_database(error: DBAPIError) -> str:
    """By the code that the driver names; by its text where it names none, and says that it is not our mistake."""
    number, state = getattr(error.orig, "sqlite_errorcode", None), getattr(error.orig, "sqlstate", None)
    if number == sqlite3.SQLITE_ERROR:
        # One code for all mistakes in SQL.
        return "not_migrated" if _by_text(error.orig) == "not_migrated" else ""
    if number is not None:
        return SQLITE.get(number & 0xFF, "")
    if state and (cause := POSTGRESQL.get(state) or POSTGRESQL.get(state[:2])):
        return cause
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return _by_text(error.orig) or UNKNOWN
    return ""


def _by_text(error: BaseException | None) -> str:
    text = str(error).lower()
    return next((cause for phrase, cause in PHRASES.items() if phrase in text), "")


def _first(table: dict[type[Exception], str] | dict[type[BaseException], str], error: BaseException | None) -> str:
    return next((cause for kind, cause in table.items() if isinstance(error, kind)), "")
