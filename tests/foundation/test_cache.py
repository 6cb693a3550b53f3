"""The cache: JSON for whole seconds, and `once`: one holder computes, over threads and nodes, the rest wait."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from foundation.cache import Cache
from tests.services import free_port


@pytest.fixture(params=["in process", "redis"])
def caches(request: pytest.FixtureRequest, redis_url: str) -> Callable[[int], list[Cache]]:
    """As many nodes' caches as asked for; in process they are one and the same."""
    if request.param == "redis":
        return lambda count: [Cache(redis_url) for _ in range(count)]
    return lambda count: [Cache()] * count


class Work:
    """A slow computation that counts itself, and how many of it ran at once."""

    def __init__(self, seconds: float = 0.05, fail_first: int = 0) -> None:
        self.done = 0
        self.most = 0
        self._seconds = seconds
        self._fail_first = fail_first
        self._running = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        with self._lock:
            self._running += 1
            self.done += 1
            self.most = max(self.most, self._running)
            number = self.done
        time.sleep(self._seconds)
        with self._lock:
            self._running -= 1
        if number <= self._fail_first:
            raise ValueError("not this time")
        return number


def test_what_is_set_is_kept_for_its_seconds(caches: Callable[[int], list[Cache]]) -> None:
    (cache,) = caches(1)
    value = {"a": [1, None, "ä", 1.5, True]}
    cache.set("k", value, 1)
    cache.set("long", value, 60)
    assert cache.get("long") == value
    time.sleep(1.1)
    assert cache.get("k") is None


def test_nothing_is_kept_for_no_seconds(caches: Callable[[int], list[Cache]]) -> None:
    (cache,) = caches(1)
    cache.set("k", 1, 0)
    cache.set("k", 1, -5)
    assert cache.get("k") is None


def test_a_free_key_is_added_once(caches: Callable[[int], list[Cache]]) -> None:
    (cache,) = caches(1)
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda number: cache.add("k", number, 60), range(8)))
    assert sorted(added) == [False] * 7 + [True]
    cache.delete("k")
    assert cache.add("k", 9, 60)


def test_one_computes_and_the_rest_wait(caches: Callable[[int], list[Cache]]) -> None:
    nodes, work = caches(4), Work(0.1)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda place: nodes[place % 4].once("k", 60, work), range(16)))
    assert found == [1] * 16
    assert work.done == 1


def test_other_keys_do_not_wait(caches: Callable[[int], list[Cache]]) -> None:
    (cache,) = caches(1)
    with ThreadPoolExecutor(8) as pool:
        began = time.monotonic()
        list(pool.map(lambda place: cache.once(f"k{place}", 60, Work(0.2)), range(8)))
    assert time.monotonic() - began < 1.5


def test_where_the_holder_fails_the_next_one_computes_alone(caches: Callable[[int], list[Cache]]) -> None:
    nodes, work = caches(2), Work(0.03, fail_first=3)

    def ask(place: int) -> int | None:
        try:
            value: int = nodes[place % 2].once("k", 60, work)
        except ValueError:
            return None
        return value

    with ThreadPoolExecutor(12) as pool:
        asked = []
        for place in range(12):
            # Some come while others wait already: they must queue behind those, not beside them.
            time.sleep(0.01)
            asked.append(pool.submit(ask, place))
    found = [one.result() for one in asked]
    assert found.count(None) == 3
    assert set(found) - {None} == {4}
    assert work.most == 1


def test_a_failure_is_not_kept(caches: Callable[[int], list[Cache]]) -> None:
    (cache,) = caches(1)
    with pytest.raises(ValueError, match="not this time"):
        cache.once("k", 60, Work(0, fail_first=1))
    began = time.monotonic()
    assert cache.once("k", 60, Work(0)) == 1
    assert time.monotonic() - began < 3


def test_nobody_waits_for_a_holder_that_has_finished(redis_url: str) -> None:
    """Several nodes ask for a value that lives for a second: none of them ever waits for much more than its making."""
    nodes = [Cache(redis_url) for _ in range(3)]

    def slowest(node: Cache) -> float:
        waits, end = [], time.monotonic() + 2.5
        while time.monotonic() < end:
            began = time.monotonic()
            node.once("k", 1, Work(0.03))
            waits.append(time.monotonic() - began)
            time.sleep(0.003)
        return max(waits)

    with ThreadPoolExecutor(3) as pool:
        assert max(pool.map(slowest, nodes)) < 3


def test_a_holder_that_died_is_waited_for_no_longer_than_its_lease(redis_url: str) -> None:
    died, lives = Cache(redis_url), Cache(redis_url)
    assert died.add("lease:k", 1, 1)
    began = time.monotonic()
    assert lives.once("k", 60, Work(0), lease=1) == 1
    assert time.monotonic() - began < 2.5


def test_what_stands_in_redis_is_json(redis_url: str) -> None:
    Cache(redis_url).set("k", {"a": 1}, 60)
    client = redis.Redis.from_url(redis_url)
    assert client.get("pulse:k") == b'{"a":1}'
    client.close()


def test_a_cache_that_is_away_is_not_usable() -> None:
    assert Cache().usable()
    with pytest.raises(redis.ConnectionError):
        Cache(f"redis://127.0.0.1:{free_port()}/0").usable()
