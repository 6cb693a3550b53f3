"""Why a store cannot be used, in one word: every refusal here comes from a real store, and none shows its text."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from foundation.cache.cache import Cache
from foundation.causes import cause_of
from foundation.db.database import Database
from foundation.db.deadlines import QueryTooSlow
from tests.support.databases import POSTGRES
from tests.support.redis_server import own_redis
from tests.support.services import free_port

HOST = "postgresql+psycopg://127.0.0.1"


def refused_by(url: str, statement: str = "CREATE TABLE never (a INTEGER)") -> str:
    """Why a write is refused there."""
    with pytest.raises((SQLAlchemyError, QueryTooSlow)) as raised:
        write(Database(url), statement)
    return cause_of(raised.value)


def write(database: Database, *statements: str) -> None:
    try:
        with database.write() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        database.close()


def sqlite(folder: Path) -> str:
    url = f"sqlite:///{folder / 'some.db'}"
    write(Database(url), "CREATE TABLE kept (a INTEGER PRIMARY KEY, b TEXT)")
    return url


def test_sqlite_that_takes_no_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = sqlite(tmp_path)
    assert refused_by("sqlite:///file:some.db?mode=ro&uri=true") == "read_only"
    with pytest.raises((SQLAlchemyError, QueryTooSlow)) as raised:
        write(Database(url), "PRAGMA max_page_count=1", "CREATE TABLE more (a INTEGER)")
    assert cause_of(raised.value) == "full"


def test_sqlite_that_another_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foundation.db.database.BUSY_SECONDS", 0.05)
    url = sqlite(tmp_path)
    with sqlite3.connect(tmp_path / "some.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert refused_by(url) == "busy"
    other.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "junk.db").write_bytes(b"x" * 8192)
    assert refused_by(f"sqlite:///{tmp_path / 'junk.db'}") == "damaged"
    url = sqlite(tmp_path)
    assert refused_by(url, "INSERT INTO nowhere VALUES (1)") == "not_migrated"


def test_what_our_own_mistakes_say_of_the_store(tmp_path: Path) -> None:
    url = sqlite(tmp_path)
    write(Database(url), "INSERT INTO kept VALUES (1, '')")
    for mistake in ("INSERT INTO kept VALUES (1, 'lost')", "INSERT INTO kept", "CREATE TABLE kept (a)"):
        assert refused_by(url, mistake) == ""
    for mistake in ("SELECT 1 / 0", "SELECT 1 +"):
        assert refused_by(POSTGRES, mistake) == ""
    assert cause_of(ValueError("read-only")) == ""


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        (f"{HOST}:{{port}}/test", "refused"),
        ("postgresql+psycopg://nowhere.invalid/test", "name"),
        (f"{HOST}:5432/no_such_database?user=postgres", "missing"),
        (f"{HOST}:5432/test?user=nobody_of_this_name", "authentication"),
    ],
)
def test_postgresql_that_cannot_be_reached(url: str, cause: str) -> None:
    assert refused_by(url.format(port=free_port())) == cause


def test_postgresql_that_takes_no_writes() -> None:
    assert refused_by(f"{POSTGRES}?options=-cdefault_transaction_read_only%3Don") == "read_only"


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ("25006", "read_only"),
        ("42501", "not_permitted"),
        ("42P01", "not_migrated"),
        ("53100", "full"),
        ("53300", "busy"),
        ("57014", "timed_out"),
        ("57P01", "lost"),
        ("57P03", "starting"),
        ("58030", "io_error"),
        ("XX001", "damaged"),
        ("23505", ""),
        ("XX000", ""),
    ],
)
def test_the_states_of_postgresql(state: str, cause: str) -> None:
    assert refused_by(POSTGRES, f"DO $$ BEGIN RAISE EXCEPTION 'hush' USING ERRCODE='{state}'; END $$") == cause


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with own_redis(tmp_path_factory.mktemp("redis")) as (url, _process):
        yield url


REFUSED: dict[str, Callable[[Any], object]] = {
    "read_only": lambda client: client.replicaof("127.0.0.1", free_port()),
    "full": lambda client: client.config_set("maxmemory", 1),
    "no_replicas": lambda client: client.config_set("min-replicas-to-write", 1),
    "not_permitted": lambda client: client.acl_setuser("default", enabled=True, nopass=True, commands=["-set"]),
    "authentication": lambda client: client.config_set("requirepass", "hush"),
}


@pytest.mark.parametrize("cause", REFUSED)
def test_a_redis_that_takes_no_writes(server: str, cause: str) -> None:
    with redis.Redis.from_url(server) as client:
        try:
            REFUSED[cause](client)
            with pytest.raises(redis.RedisError) as raised:
                Cache(server).set("k", 1, 60)
            assert cause_of(raised.value) == cause
        finally:
            client.acl_setuser("default", enabled=True, nopass=True, commands=["+@all"], reset_passwords=True)
            client.config_set("maxmemory", 0)
            client.config_set("min-replicas-to-write", 0)
            client.replicaof("NO", "ONE")


def test_a_redis_that_cannot_save_what_it_is_to_keep(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    with own_redis(tmp_path / "gone", "--save", "3600 1") as (url, _process), redis.Redis.from_url(url) as client:
        (tmp_path / "gone").rmdir()
        try:
            client.bgsave()
            while client.info("persistence")["rdb_bgsave_in_progress"]:
                time.sleep(0.01)
            with pytest.raises(redis.RedisError) as raised:
                Cache(url).set("k", 1, 60)
            assert cause_of(raised.value) == "cannot_save"
        finally:
            # It would not end without having saved.
            client.config_set("save", "")


@pytest.mark.parametrize(
    ("url", "cause"), [("redis://127.0.0.1:{port}/0", "refused"), ("redis://nowhere.invalid:6379/0", "name")]
)
def test_a_redis_that_cannot_be_reached(url: str, cause: str) -> None:
    cache = Cache(url.format(port=free_port()))
    for _ in range(2):
        with pytest.raises(redis.ConnectionError) as raised:
            cache.get("k")
        assert cause_of(raised.value) == cause
