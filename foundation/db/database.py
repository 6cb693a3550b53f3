"""The database: SQLite or PostgreSQL, for reading from a snapshot and for writing in one transaction.

PostgreSQL's connections are in SQLAlchemy's pool; SQLite's are held open, which takes a small read 0.1 to 0.6 of the
time that the pool would (`python -m bench.sql`).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from sqlite3 import Error
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, MetaData, NullPool, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from foundation.causes import Refusal
from foundation.db.deadlines import READ_SECONDS, WRITE_SECONDS, Deadline, check_cut_off, set_local

BUSY_SECONDS = 10
IDLE_READERS, IDLE_WRITERS = 32, 2
# SQLSTATE of a write that a server does not take: it is a standby, or was made read-only.
READ_ONLY = "25006"

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
_READING = ("query_only=ON",)
# Pages (of 4 KiB) before a checkpoint, and KiB of cache: an import rewrites the same pages of the indices all the time.
_WRITING = ("wal_autocheckpoint=8000", "cache_size=-16000")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Database:
    """All connections to one database; safe to share between threads. `url` is SQLAlchemy's, SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        # Why the last write that failed was refused; the heartbeat of `store_health` clears it.
        self.refusal = Refusal()
        self._readers: _Pooled | _HeldOpen
        self._writers: _Pooled | _HeldOpen
        if self.dialect == "sqlite":
            self._readers = _HeldOpen(_sqlite_engine(self.url, begin="BEGIN", reading=True), IDLE_READERS)
            writing = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", reading=False)
            self._writers = _HeldOpen(writing, IDLE_WRITERS, _Turns().turn)
        else:
            engine = _postgresql_engine(self.url)
            self._readers = _Pooled(engine, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self._writers = _Pooled(engine, "BEGIN")

    def read(self, limit: float = READ_SECONDS) -> AbstractContextManager[Connection]:
        """A connection that sees one snapshot and takes no write lock, for so many seconds. Raises QueryTooSlow."""
        return self._readers.transaction(limit)

    @contextmanager
    def write(self, limit: float = WRITE_SECONDS) -> Iterator[Connection]:
        """A connection in one transaction, committed at the end of the block, rolled back on an error.

        SQLite's write lock is taken at its start, so that what is read inside stays true until the commit. Raises
        QueryTooSlow after so many seconds.
        """
        try:
            with self._writers.transaction(limit) as connection:
                yield connection
        except Exception as error:
            self.refusal.note(error)
            raise

    def dialect_insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    def let_go(self) -> None:
        """Drop idle connections to a server, which may hang: new ones may reach another."""
        if self.dialect == "postgresql":
            self.close()

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._readers.close()
        self._writers.close()


class _Pooled:
    """Transactions on the connections of SQLAlchemy's own pool."""

    def __init__(self, engine: Engine, begin: str) -> None:
        self._engine = engine
        self._begin = begin
        self._limited = cache(self._engine_within)

    @contextmanager
    def transaction(self, limit: float) -> Iterator[Connection]:
        try:
            with self._limited(limit).begin() as connection:
                yield connection
        except Exception as error:
            check_cut_off(error, limit)
            raise

    def _engine_within(self, limit: float) -> Engine:
        """The same connections, whose transactions begin with the limit."""
        return self._engine.execution_options(begin=f"{self._begin}; {set_local(limit)}")

    def close(self) -> None:
        self._engine.dispose()


class _HeldOpen:
    """Transactions on connections that stay checked out: a pool's check-out and check-in cost more than a read."""

    def __init__(
        self, engine: Engine, idle: int, turn: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._engine = engine
        self._most = idle
        self._turn = turn
        self._idle: deque[Connection] = deque()
        self._closed = False

    @contextmanager
    def transaction(self, limit: float) -> Iterator[Connection]:
        with self._turn():
            connection = self._taken()
            try:
                with connection.begin():
                    connection.info[Deadline].until = time.monotonic() + limit
                    yield connection
            except BaseException as error:
                connection.close()
                check_cut_off(error, limit)
                raise
            self._give_back(connection)

    def _taken(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()

    def _give_back(self, connection: Connection) -> None:
        if self._closed or len(self._idle) >= self._most:
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()


class _Turns:
    """Writers of this process wait in line here. SQLite has each sleep and look again, and serves whoever looks first.

    Whose turn does not come in time goes on, and SQLite says that its lock is held.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._line: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        has_turn = self._waited()
        try:
            yield
        finally:
            if has_turn:
                self._pass_on()

    def _waited(self) -> bool:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            called = threading.Event()
            self._line.append(called)
        if called.wait(BUSY_SECONDS):
            return True
        with self._guard:
            if called.is_set():
                return True
            self._line.remove(called)
            return False

    def _pass_on(self) -> None:
        with self._guard:
            if self._line:
                self._line.popleft().set()
            else:
                self._is_taken = False


def _sqlite_engine(url: URL, *, begin: str, reading: bool) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file: a database in memory is another one for each connection")
    file = Path(url.database)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    # What is kept may be personal, and an error's text goes to the log: parameters are hidden, here and below.
    # The driver must not begin transactions by itself: it would take the write lock only at the first write.
    options = {"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None}
    engine = create_engine(url, poolclass=NullPool, connect_args=options, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        record.info[Deadline] = Deadline(connection)
        for pragma in (*_PRAGMAS, *(_READING if reading else _WRITING)):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        try:
            driver.execute(begin)
        except Error as error:
            # SQLAlchemy sees nothing of what is asked of the driver itself: another process may hold the lock too long.
            raise OperationalError(begin, None, error) from error

    return engine


def _postgresql_engine(url: URL) -> Engine:
    # A tenth of a second, which nobody pays who has SQLite.
    import psycopg

    engine = create_engine(
        url,
        # The driver must not begin transactions by itself: ours begin with their limit, in one message.
        isolation_level="AUTOCOMMIT",
        pool_size=8,
        max_overflow=24,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={"connect_timeout": BUSY_SECONDS},
    )

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        try:
            driver.execute(connection.get_execution_options()["begin"], prepare=False)
        except psycopg.Error as error:
            raise OperationalError("BEGIN", None, error) from error

    @event.listens_for(engine, "handle_error")
    def let_go_of_a_demoted_server(context: ExceptionContext) -> None:
        # SQLAlchemy then lets go of the whole pool: new connections may reach the server promoted in its place.
        if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
            context.is_disconnect = True

    return engine
