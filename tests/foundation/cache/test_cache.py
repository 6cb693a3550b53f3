"""The cache: JSON for whole seconds, and `once`: one holder computes, over threads and nodes, the rest wait."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing.synchronize import Event

import pytest
import redis

from foundation.cache import cache as caches_module
from foundation.cache import in_redis
from foundation.cache.cache import Cache
from tests.support.clocks import step_clock
from tests.support.services import free_port


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
        results = list(pool.map(lambda place: nodes[place % 4].once("k", 60, work), range(16)))
    assert results == [1] * 16
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
        futures = []
        for place in range(12):
            # Some come while others wait already: they must queue behind those, not beside them.
            time.sleep(0.01)
            futures.append(pool.submit(ask, place))
    results = [future.result() for future in futures]
    assert results.count(None) == 3
    assert set(results) - {None} == {4}
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


def held_by_a_process(url: str, held: Event) -> None:
    """Hold a lease, until this process is killed."""
    in_redis.LEASE_SECONDS, caches_module.RENEW_SECONDS = 1.5, 0.3
    with Cache(url).lease("k") as ours:
        assert ours
        held.set()
        time.sleep(600)


def test_a_lease_lasts_while_its_holder_works_and_is_soon_free_when_it_was_killed(redis_url: str) -> None:
    spawn, cache = multiprocessing.get_context("spawn"), Cache(redis_url)
    held = spawn.Event()
    holder = spawn.Process(target=held_by_a_process, args=(redis_url, held), daemon=True)
    holder.start()
    assert held.wait(60)
    until = time.monotonic() + 2.0
    while time.monotonic() < until:
        assert not is_free(cache), "ended while its holder worked"
        time.sleep(0.1)
    holder.kill()
    holder.join()
    began = time.monotonic()
    assert cache.once("k", 60, Work(0)) == 1
    assert time.monotonic() - began < 8


def is_free(cache: Cache) -> bool:
    with cache.lease("k") as ours:
        return ours


def test_a_lease_that_another_has_by_now_is_not_ended(redis_url: str) -> None:
    slow, second, third = (Cache(redis_url) for _ in range(3))
    with redis.Redis.from_url(redis_url) as client, ExitStack() as later:
        with slow.lease("k"):
            client.delete("pulse:lease:k")  # as if it had not been renewed in time
            assert later.enter_context(second.lease("k"))
        assert not is_free(third)
    assert is_free(third)


def test_a_lease_is_ours_alone_in_one_process_too(caches: Callable[[int], list[Cache]]) -> None:
    holder, other = caches(2)
    with holder.lease("k") as ours:
        assert (ours, is_free(other)) == (True, False)
    assert is_free(other)


def test_what_every_node_may_compute_waits_for_none_of_them(redis_url: str) -> None:
    """As a node that was killed, or has stopped, while it counted."""
    stopped, begun, go_on = Cache(redis_url), threading.Event(), threading.Event()

    def never() -> int:
        begun.set()
        go_on.wait(60)
        return 0

    with ThreadPoolExecutor(1) as pool:
        pool.submit(stopped.shared, "k", 60, never)
        assert begun.wait(60)
        began = time.monotonic()
        assert Cache(redis_url).shared("k", 60, Work(0)) == 1
        waited = time.monotonic() - began
        go_on.set()
    assert waited < 8


def test_in_a_process_one_computes_for_all_that_ask_meanwhile(caches: Callable[[int], list[Cache]]) -> None:
    (cache,), work = caches(1), Work(0.3)
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda _: cache.shared("k", 60, work), range(16)))
    assert (results, work.done) == ([1] * 16, 1)


def test_a_failure_is_told_to_all_that_waited_and_not_kept(caches: Callable[[int], list[Cache]]) -> None:
    (cache,) = caches(1)
    with pytest.raises(ValueError, match="not this time"):
        cache.shared("k", 60, Work(0, fail_first=1))
    assert cache.shared("k", 60, Work(0)) == 1


def test_a_key_is_added_with_its_end_in_one_command(redis_url: str) -> None:
    """A process that is killed between two commands would leave it for ever."""
    with redis.Redis.from_url(redis_url) as client:
        client.config_resetstat()
        assert Cache(redis_url).add("k", 1, 60)
        assert 0 < client.ttl("pulse:k") <= 60
        assert "cmdstat_expire" not in client.info("commandstats")


def test_what_is_kept_here_ends_by_a_clock_that_never_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache()
    cache.set("soon", 1, 1)
    cache.set("late", 1, 3600)
    step_clock(monkeypatch, -3600)
    time.sleep(1.1)
    assert cache.get("soon") is None
    step_clock(monkeypatch, 2 * 3600)
    assert cache.get("late") == 1
    assert 3500 < (cache.left("late") or 0) <= 3600


def test_what_stands_in_redis_is_json(redis_url: str) -> None:
    Cache(redis_url).set("k", {"a": 1}, 60)
    client = redis.Redis.from_url(redis_url)
    assert client.get("pulse:k") == b'{"a":1}'
    client.close()


def test_a_cache_that_is_away_is_not_usable() -> None:
    assert Cache().usable()
    with pytest.raises(redis.ConnectionError):
        Cache(f"redis://127.0.0.1:{free_port()}/0").usable()
