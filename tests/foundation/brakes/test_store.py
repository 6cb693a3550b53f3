"""Documents of brakes: changed atomically, forgotten in time, and never pushed out."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import redis

from foundation.brakes.store import BrakesBusy, BrakeStore, Document, InProcess, InRedis, bucket, open_store
from foundation.cache import in_process
from foundation.cache.redis_client import RedisClient


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def closing_client(url: str) -> Iterator[RedisClient]:
    client = RedisClient(url)
    yield client
    client.connections.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["process", "redis"])
def stores(request: pytest.FixtureRequest, clock: Clock, redis_url: str) -> Iterator[list[BrakeStore]]:
    """Two nodes' stores of one Redis, or one store twice."""
    if request.param == "process":
        yield [InProcess(clock)] * 2
        return
    clients = [RedisClient(redis_url) for _ in range(2)]
    yield [InRedis(client, clock) for client in clients]
    for client in clients:
        client.connections.close()


def add(document: Document, _elapsed: float) -> tuple[Document, int]:
    count: int = (document or 0) + 1
    return count, count


def age(document: Document, elapsed: float) -> tuple[Document, float]:
    return None, elapsed


def test_no_change_is_lost_between_nodes_and_threads(stores: list[BrakeStore]) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda number: stores[number % 2].update("key", 60, add), range(80)))
    assert sorted(numbers) == list(range(1, 81))


def test_a_change_that_leaves_a_document_as_it_is_writes_nothing(stores: list[BrakeStore], clock: Clock) -> None:
    stores[0].update("key", 60, add)
    clock.now += 7
    assert stores[1].update("key", 60, age) == pytest.approx(7)
    clock.now += 7
    assert stores[1].update("key", 60, age) == pytest.approx(14)


def test_what_another_node_wrote_meanwhile_is_seen(stores: list[BrakeStore]) -> None:
    for store in stores:
        store.update("key", 60, add)
    assert stores[0].update("key", 60, lambda document, _: (None, document)) == 2
    assert stores[0].update("key", 60, add) == 3


def test_a_node_keeps_few_copies(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foundation.brakes.store.MOST_COPIES", 10)
    with closing_client(redis_url) as client:
        store = InRedis(client)
        for number in range(50):
            store.update(f"key-{number}", 60, add)
        assert len(store._copies) <= 10
        assert [store.update(f"key-{number}", 60, add) for number in range(50)] == [2] * 50


def test_a_clock_that_steps_back_keeps_no_brake_on(clock: Clock, redis_url: str) -> None:
    with closing_client(redis_url) as client:
        store = InRedis(client, clock)
        store.update("key", 60, add)
        clock.now -= 3600
        assert store.update("key", 60, age) == 0
        clock.now += 30
        assert store.update("key", 60, age) == pytest.approx(30)
        assert store.update("key", 60, add) == 2


def test_a_document_is_forgotten_in_time(clock: Clock) -> None:
    store = InProcess(clock)
    assert [store.update("key", 60, add), store.update("key", 60, add)] == [1, 2]
    clock.now += 60
    assert store.update("key", 60, add) == 1


def test_redis_forgets_a_document_in_time(redis_url: str) -> None:
    open_store(redis_url).update("key", 60, add)
    with redis.Redis.from_url(redis_url) as client:
        (key,) = client.scan_iter("*")
        assert 58_000 < int(str(client.pttl(key))) <= 60_000


def test_what_is_over_is_dropped(clock: Clock) -> None:
    store = InProcess(clock)
    for number in range(500):
        store.update(f"old-{number}", 60, add)
    clock.now += 60
    for number in range(1000):
        store.update(f"new-{number}", 60, add)
    assert len(store._documents) <= 1000


def test_what_is_not_over_outlives_the_dropping_of_what_is(clock: Clock) -> None:
    store = InProcess(clock)
    store.update("key", 60, add)
    clock.now += 30
    for number in range(1000):
        store.update(f"other-{number}", 60, add)
    assert store.update("key", 60, add) == 2


def test_a_full_cache_pushes_no_brake_out() -> None:
    cache, store = in_process.InProcess(room=100), open_store()
    store.update("key", 60, add)
    for number in range(1000):
        cache.set(f"session-{number}", 1, 60)
    assert store.update("key", 60, add) == 2


def test_made_up_names_have_so_many_keys_and_no_more() -> None:
    assert {len(bucket(b"key", f"name-{number}")) for number in range(1000)} == {4}
    assert bucket(b"key", "name") != bucket(b"another key", "name")


def test_a_document_that_never_comes_to_rest_lets_nobody_past(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foundation.brakes.store.TRIES", 3)
    with closing_client(redis_url) as client:
        store, other = InRedis(client), InRedis(client)

        def disturbed(document: Document, elapsed: float) -> tuple[Document, int]:
            other.update("key", 60, add)
            return add(document, elapsed)

        with pytest.raises(BrakesBusy) as raised:
            store.update("key", 60, disturbed)
    assert (raised.value.status, raised.value.code) == (503, "cache_unavailable")


def test_where_redis_is_gone_nothing_is_decided() -> None:
    change: Callable[[Document, float], tuple[Document, int]] = add
    with pytest.raises(redis.RedisError):
        open_store("redis://127.0.0.1:1").update("key", 60, change)
