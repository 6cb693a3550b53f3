"""/readyz says when writes are refused or what we stand on hangs, soon and in one word, and stays cheap."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from experience.platform import Platform
from foundation.cache import redis_client
from foundation.cache.cache import Cache
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.web import store_health
from foundation.web.probe import Probe
from tests.support.databases import empty_schema
from tests.support.problems import assert_problem
from tests.support.redis_server import own_redis
from tests.support.scripted_finesse import Account, ScriptedFinesse
from tests.support.services import Service, free_port
from tests.support.tcp_switch import TcpSwitch, tcp_switch

KEY = ("a key that is long enough to be one",)


def ready(service: Service) -> tuple[int, str, dict[str, str]]:
    answer = service.get("/readyz", origin=None)
    assert answer.json is not None
    assert set(answer.json) == {"status", "failing"}
    return answer.status_code, answer.json["status"], answer.json["failing"]


def eventually(check: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was refused is tried again at once, and what was not too."""
    monkeypatch.setattr(store_health, "WRITE_SECONDS", 0.0)
    monkeypatch.setattr(store_health, "REFUSED_SECONDS", 0.0)


@pytest.fixture
def schema() -> Iterator[str]:
    with empty_schema() as url:
        upgrade(url)
        database = Database(url)
        Platform(database)
        database.close()
        yield url


def execute(url: str, *statements: str) -> None:
    database = Database(url)
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))
    database.close()


def through(url: str, switch: TcpSwitch) -> str:
    return make_url(url).set(port=switch.port).render_as_string(hide_password=False)


def test_the_last_write_that_was_refused_counts_until_one_is_made(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, as SQLite tells it to the request that meets it."""
    monkeypatch.setattr(store_health, "REFUSED_SECONDS", 3600.0)
    service = start()
    assert ready(service) == (200, "ready", {})
    database: Database = service.app.extensions["pulse"]["database"]
    with pytest.raises(SQLAlchemyError), database.write() as connection:
        connection.execute(text("PRAGMA max_page_count=1"))
        connection.execute(text("CREATE TABLE more AS SELECT zeroblob(1000000)"))
    assert ready(service) == (503, "unready", {"database": "full"})
    store_health.write_database(database)
    assert ready(service) == (200, "ready", {})


@pytest.mark.usefixtures("look_again")
def test_a_disk_that_is_full_is_said_before_any_request_meets_it(schema: str, start: Callable[..., Service]) -> None:
    refuse = "BEGIN RAISE EXCEPTION 'hush' USING ERRCODE='53100'; END"
    execute(schema, f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$")
    service = start(database_url=schema, secret_key=KEY)
    assert ready(service) == (200, "ready", {})
    execute(schema, "CREATE TRIGGER full_disk BEFORE INSERT ON heartbeats EXECUTE FUNCTION refuse()")
    assert ready(service) == (503, "unready", {"database": "full"})
    execute(schema, "DROP TRIGGER full_disk ON heartbeats")
    assert ready(service) == (200, "ready", {})


def test_a_read_only_postgresql_is_said_and_answers_503_to_what_writes(
    schema: str, start: Callable[..., Service], finesse: ScriptedFinesse
) -> None:
    finesse.add(Account("1001", "ann"))
    read_only = f"{make_url(schema).query['options']} -cdefault_transaction_read_only=on"
    url = make_url(schema).update_query_dict({"options": read_only}).render_as_string(hide_password=False)
    service = start(database_url=url, secret_key=KEY)
    assert_problem(service.sign_in("1001"), 503, "database_unavailable")
    assert ready(service) == (503, "unready", {"database": "read_only"})


@pytest.fixture
def role(schema: str) -> Iterator[str]:
    """A role of PostgreSQL that begins every session read-only."""
    name = f"pulse_{uuid4().hex[:12]}"
    execute(schema, f"CREATE ROLE {name} LOGIN SUPERUSER", f"ALTER ROLE {name} SET default_transaction_read_only = on")
    yield name
    execute(schema, f"DROP ROLE {name}")


@pytest.mark.usefixtures("look_again")
def test_connections_that_are_read_only_are_let_go_of(
    schema: str, role: str, start: Callable[..., Service], finesse: ScriptedFinesse
) -> None:
    """As of a server that was demoted and did not close them, while new ones find the one promoted in its place."""
    finesse.add(Account("1001", "ann"))
    url = make_url(schema).set(username=role).render_as_string(hide_password=False)
    service = start(database_url=url, secret_key=KEY)
    assert ready(service) == (503, "unready", {"database": "read_only"})
    assert_problem(service.sign_in("1001"), 503, "database_unavailable")
    execute(schema, f"ALTER ROLE {role} RESET default_transaction_read_only")
    eventually(lambda: service.sign_in("1001").status_code == 200)
    eventually(lambda: ready(service) == (200, "ready", {}))


def test_a_postgresql_that_hangs_is_said_soon_and_new_connections_find_another(
    schema: str, start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a server that was stopped, while its address goes over to another one."""
    monkeypatch.setattr(store_health, "READ_ABANDON_SECONDS", 2.0)
    with tcp_switch(make_url(schema).port or 5432) as address:
        service = start(database_url=through(schema, address), secret_key=KEY)
        assert ready(service) == (200, "ready", {})
        address.hang()
        eventually(lambda: ready(service) == (503, "unready", {"database": "timed_out"}))
        began = time.monotonic()
        assert service.get("/healthz", origin=None).status_code == 200
        assert ready(service)[0] == 503
        assert time.monotonic() - began < 8
        eventually(lambda: ready(service) == (200, "ready", {}))


def test_a_probe_that_hangs_is_given_up_and_what_it_hangs_on_let_go() -> None:
    hangs, let_go, looks = [True], [], []

    def check() -> None:
        looks.append(1)
        while hangs[0] and len(looks) == 1:
            time.sleep(0.01)

    probe = Probe(check, patience=0.05, abandon_after=0.3, let_go=lambda: let_go.append(1))
    assert probe.cause(time.monotonic() + 5) == "timed_out"
    eventually(lambda: probe.cause(time.monotonic() + 5) == "")
    hangs[0] = False
    assert let_go == [1]


def test_no_write_is_made_at_every_probe(
    redis_url: str, start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store_health.WRITE_SECONDS == 15
    monkeypatch.setattr(store_health, "WRITE_SECONDS", 3600.0)
    shared = start(cache_url=redis_url, secret_key=KEY)
    database: Database = shared.app.extensions["pulse"]["database"]
    beats = text("SELECT seen_at FROM heartbeats")
    assert ready(shared) == (200, "ready", {})
    with database.read() as connection:
        first = connection.execute(beats).scalars().all()
    with redis.Redis.from_url(redis_url) as client:
        client.config_resetstat()
        for _ in range(20):
            assert ready(shared) == (200, "ready", {})
        assert "cmdstat_set" not in client.info("commandstats")
    with database.read() as connection:
        assert connection.execute(beats).scalars().all() == first
    assert len(first) == 1


def test_heartbeats_of_nodes_that_are_gone_are_forgotten(service: Service) -> None:
    database: Database = service.app.extensions["pulse"]["database"]
    with database.write() as connection:
        for number in range(50):
            row = {"node": f"container-{number}", "seen_at": "2026-01-01 00:00:00.000000"}
            connection.execute(text("INSERT INTO heartbeats VALUES (:node, :seen_at)"), row)
    for _ in range(3):
        store_health.beat(database, "mine")
    with database.read() as connection:
        assert connection.execute(text("SELECT node FROM heartbeats")).scalars().all() == ["mine"]


def test_a_database_file_that_is_gone_is_said_though_it_is_still_open(service: Service) -> None:
    assert ready(service) == (200, "ready", {})
    (service.settings.data_dir / "pulse.db").unlink()
    eventually(lambda: ready(service) == (503, "unready", {"database": "missing"}))


def test_who_writes_by_right_is_no_refusal(start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has one lock; an import of another process may hold it."""
    monkeypatch.setattr("foundation.db.database.BUSY_SECONDS", 0.1)
    service = start()
    database: Database = service.app.extensions["pulse"]["database"]
    other = Database(service.settings.database)
    with other.write() as connection:
        connection.execute(text("DELETE FROM heartbeats"))
        store_health.write_database(database)
        assert database.refusal.cause == ""
        assert ready(service) == (200, "ready", {})
    other.close()


REFUSED: dict[str, Callable[[Any], object]] = {
    "read_only": lambda client: client.replicaof("127.0.0.1", free_port()),
    "full": lambda client: client.config_set("maxmemory", 1),
}


@pytest.mark.usefixtures("look_again")
@pytest.mark.parametrize("cause", REFUSED)
def test_a_redis_that_takes_no_writes_leaves_the_service_degraded(
    start: Callable[..., Service], tmp_path: Path, cause: str
) -> None:
    with own_redis(tmp_path) as (url, _process), redis.Redis.from_url(url) as client:
        service = start(cache_url=url, secret_key=KEY)
        assert ready(service) == (200, "ready", {})
        REFUSED[cause](client)
        assert ready(service) == (200, "degraded", {"cache": cause})
        client.replicaof("NO", "ONE")
        client.config_set("maxmemory", 0)
        assert ready(service) == (200, "ready", {})


def test_a_demoted_redis_is_let_go_of_and_the_one_promoted_in_its_place_is_found(
    start: Callable[..., Service], finesse: ScriptedFinesse, tmp_path: Path
) -> None:
    for user in ("1001", "1002"):
        finesse.add(Account(user, f"user{user}"))
    with own_redis(tmp_path) as (first, _), own_redis(tmp_path) as (second, _), tcp_switch(port_of(first)) as address:
        service = start(cache_url=f"redis://127.0.0.1:{address.port}/0", secret_key=KEY)
        assert service.sign_in("1001").status_code == 200
        address.target = port_of(second)
        with redis.Redis.from_url(first) as client:
            client.replicaof("127.0.0.1", free_port())
        # Its connections are still those to the first.
        eventually(lambda: service.sign_in("1002").status_code == 200, 10)
        with redis.Redis.from_url(second) as client:
            assert client.keys("pulse:*")


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_a_silent_redis_is_asked_by_one_while_the_others_are_told_at_once(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_client, "REDIS_SECONDS", 0.5)
    with tcp_switch(make_url(redis_url).port or 6379) as silent:
        cache = Cache(f"redis://127.0.0.1:{silent.port}/0")
        cache.set("k", 1, 60)
        silent.pause()
        with pytest.raises(redis.TimeoutError):
            cache.get("k")
        began = time.monotonic()
        for _ in range(50):
            with pytest.raises(redis.RedisError):
                cache.get("k")
        assert time.monotonic() - began < 15
        silent.go_on()
        eventually(lambda: lookups(cache) == 1)


def lookups(cache: Cache) -> object:
    try:
        return cache.get("k")
    except redis.RedisError:
        return None
