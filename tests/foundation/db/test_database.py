"""The database: snapshots, one writer, nothing left open."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from experience.meta import meta
from foundation.db.database import Database


def _put(database: Database, name: str) -> None:
    with database.write() as connection:
        connection.execute(insert(meta).values(name=name, value="x"))


def _names(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.execute(select(meta.c.name)).scalars())


def test_what_is_written_is_read_and_an_error_leaves_nothing(database: Database) -> None:
    _put(database, "kept")
    with pytest.raises(KeyError), database.write() as connection:
        connection.execute(insert(meta).values(name="lost", value="x"))
        raise KeyError
    assert _names(database) == {"kept"}
    _put(database, "again")
    assert _names(database) == {"kept", "again"}


def test_an_error_tells_no_value(database: Database) -> None:
    """Its text goes to the log, and values may be personal."""
    with pytest.raises(DBAPIError) as caught, database.write() as connection:
        connection.execute(text("SELECT :given FROM nowhere"), {"given": "ann@example.com"})
    assert "ann@example.com" not in str(caught.value)


def test_a_read_sees_one_snapshot(database: Database) -> None:
    with database.read() as connection:
        before = connection.execute(select(meta.c.name)).all()
        _put(database, "meanwhile")
        assert connection.execute(select(meta.c.name)).all() == before
    assert _names(database) == {"meanwhile"}


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.read() as connection:
        connection.execute(insert(meta).values(name="x", value="x"))


def test_sqlite_is_set_up_to_lose_nothing(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as connection:
        values = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        ]
    database.close()
    assert values == ["wal", 2, 10_000, 1]


def test_nobody_else_on_the_machine_reads_what_is_kept(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'data' / 'pulse.db'}")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE kept (text)"))
        beside = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "data").iterdir()}
    database.close()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert beside == {"pulse.db": 0o600, "pulse.db-wal": 0o600, "pulse.db-shm": 0o600}


def test_nobody_who_writes_to_sqlite_is_passed_by_all_others(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    def write(name: str) -> float:
        begun = time.monotonic()
        _put(database, name)
        return time.monotonic() - begun

    begun = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(write, map(str, range(480))))
    # Each in line waits for 15 others of 480; by looking again and again some wait nearly to the end.
    assert max(waits) < (time.monotonic() - begun) / 3
    database.close()


def test_a_writer_waits_for_another_from_its_very_start(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    entered = threading.Event()

    def second() -> float:
        entered.wait()
        begun = time.monotonic()
        with database.write() as connection:
            connection.execute(select(meta))
        return time.monotonic() - begun

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second)
        with database.write():
            entered.set()
            time.sleep(0.3)
        assert waiting.result() > 0.25
    database.close()


def test_many_threads_leave_no_file_open(sqlite_url: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    database = Database(sqlite_url)
    for _ in range(5):
        threads = [threading.Thread(target=_names, args=(database,)) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(_open_files(folder)) <= 3 * 40
    with pytest.raises(KeyError), database.read():
        raise KeyError
    _put(database, "x")
    database.close()
    assert _open_files(folder) == []


def test_a_database_in_memory_is_refused() -> None:
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError, match="file"):
            Database(url)


def test_a_broken_connection_is_not_used_again(url: str) -> None:
    database = Database(url)
    with pytest.raises(DBAPIError), database.read() as connection:
        connection.execute(text("SELECT nonsense FROM nowhere"))
    assert _names(database) == set()
    database.close()


def test_the_driver_speaks_upserts_and_returning() -> None:
    assert sqlite3.sqlite_version_info >= (3, 35)


def _open_files(folder: Path) -> list[str]:
    held = list(Path("/proc/self/fd").iterdir())
    return [target for link in held if link.is_symlink() and (target := str(link.readlink())).startswith(str(folder))]
