"""One token for all who ask: one fetch, ahead of expiry, the old one until its end, and only a refused one dropped."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import pairwise
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
import redis
from prometheus_client import REGISTRY

from cherrypoint import broker as brokers
from cherrypoint.broker import LOOK_SECONDS, Broker, CloudConnectUnavailable
from cherrypoint.client import CloudConnect
from cherrypoint.token import Token
from foundation.cache import cache as caches
from foundation.cache import in_redis
from foundation.cache.cache import Cache
from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from tests.support.clocks import step_clock
from tests.support.redis_server import own_redis
from tests.support.scripted_cloud_connect import NAME, PASSWORD, Pair

AT_ONCE = 2000
Brokers = Callable[..., Broker]


def ask_at_once(broker: Broker, times: int) -> list[str]:
    """What each of so many threads got; the name of an error where there was no token."""
    got: list[str] = []
    begin = threading.Barrier(times)

    def ask() -> None:
        begin.wait()
        try:
            got.append(broker.token().access_token)
        except CloudConnectUnavailable as error:
            got.append(error.code)

    threads = [threading.Thread(target=ask) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def eventually(check: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_2000_at_once_from_a_cold_start_make_one_call(pair: Pair, broker: Brokers) -> None:
    pair.publisher.delay = 0.3
    got = ask_at_once(broker(seconds=10.0), AT_ONCE)
    assert set(got) == {"publisher-token-000001"}
    assert len(got) == AT_ONCE
    assert pair.calls == 1


def in_a_process(url: str, bases: tuple[str, str], begin: Event, got: "Queue[list[str]]") -> None:
    client = CloudConnect(HttpClient(), bases, NAME, PASSWORD, 10.0)
    broker = Broker(client.fetch, Cache(url), refresh=1800, key="pair", seconds=10.0, patient=AT_ONCE)
    begin.wait()
    got.put(ask_at_once(broker, AT_ONCE // 2))


def test_2000_at_once_over_two_processes_make_one_call(pair: Pair, redis_url: str) -> None:
    pair.publisher.delay = 0.3
    spawn = multiprocessing.get_context("spawn")
    begin, got = spawn.Event(), spawn.Queue()
    children = [spawn.Process(target=in_a_process, args=(redis_url, pair.bases, begin, got)) for _ in range(2)]
    for child in children:
        child.start()
    begin.set()
    tokens = [token for _ in children for token in got.get(timeout=60)]
    for child in children:
        child.join()
    assert set(tokens) == {"publisher-token-000001"}
    assert len(tokens) == AT_ONCE
    assert pair.calls == 1


def test_it_is_renewed_ahead_by_one_while_all_use_the_old(pair: Pair, broker: Brokers) -> None:
    token_broker = broker(refresh=1.0)
    first = token_broker.token()
    pair.publisher.delay = 1.2
    time.sleep(1.05)
    began = time.monotonic()
    assert {token_broker.token().generation for _ in range(200)} == {first.generation}
    assert time.monotonic() - began < 1
    eventually(lambda: token_broker.token().generation != first.generation)
    assert pair.calls == 2


def test_a_short_life_is_renewed_at_four_fifths(pair: Pair, broker: Brokers) -> None:
    pair.publisher.life = 5.0
    token_broker = broker()
    first = token_broker.token()
    time.sleep(3)
    assert token_broker.token() == first
    assert pair.calls == 1
    time.sleep(1.1)
    eventually(lambda: token_broker.token() != first)
    assert pair.calls == 2


def test_a_failed_renewal_keeps_the_old_to_its_end_and_pauses_longer_each_time(pair: Pair, broker: Brokers) -> None:
    pair.publisher.life = 5.0
    token_broker = broker(refresh=0.1)
    first = token_broker.token()
    pair.publisher.fault = pair.subscriber.fault = "500"
    tries: list[float] = []
    began = time.monotonic()
    while time.monotonic() - began < 4.3:
        assert token_broker.token() == first
        if pair.subscriber.calls > len(tries):
            tries.append(time.monotonic())
        time.sleep(0.02)
    assert 2 <= len(tries) <= 4
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses == sorted(pauses)
    time.sleep(0.8)
    with pytest.raises(CloudConnectUnavailable) as raised:
        token_broker.token()
    assert raised.value.status == 503
    assert raised.value.retry_after is not None
    assert raised.value.retry_after >= 1


def test_while_it_pauses_nobody_waits_and_nothing_is_asked(pair: Pair, broker: Brokers) -> None:
    pair.publisher.fault = pair.subscriber.fault = "500"
    token_broker = broker()
    with pytest.raises(CloudConnectUnavailable):
        token_broker.token()
    before, began = pair.calls, time.monotonic()
    assert set(ask_at_once(token_broker, 20)) == {"cloud_connect_unavailable"}
    assert time.monotonic() - began < 3
    assert pair.calls == before


def test_it_comes_back_after_the_pause(pair: Pair, broker: Brokers) -> None:
    pair.publisher.fault = pair.subscriber.fault = "500"
    token_broker = broker()
    with pytest.raises(CloudConnectUnavailable):
        token_broker.token()
    pair.publisher.fault = ""
    time.sleep(1.4)
    assert token_broker.token().access_token.startswith("publisher-")


def test_a_wrong_password_is_tried_but_once_a_minute(pair: Pair) -> None:
    client = CloudConnect(HttpClient(), pair.bases, NAME, "wrong", 4.0)
    token_broker = Broker(client.fetch, Cache(), refresh=1800, key="pair")
    with pytest.raises(CloudConnectUnavailable) as raised:
        token_broker.token()
    assert (raised.value.retry_after or 0) > brokers.LONGEST_PAUSE * 0.7
    assert pair.calls == 1


def test_a_refused_token_is_dropped_once(pair: Pair, broker: Brokers) -> None:
    token_broker = broker()
    old = token_broker.token()
    for _ in range(20):
        token_broker.refused(old)
    new = token_broker.token()
    assert new.generation != old.generation
    counted = refusals()
    token_broker.refused(old)
    assert refusals() == counted
    assert token_broker.token() == new
    assert pair.calls == 2


def refusals() -> float:
    return REGISTRY.get_sample_value("pulse_token_refusals_total") or 0.0


def test_what_another_node_fetched_just_before_our_turn_is_taken(
    pair: Pair, broker: Brokers, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(redis_url)
    node, other = broker(cache), broker(Cache(redis_url))
    lease = cache.lease

    def lease_after_the_other(name: str) -> AbstractContextManager[bool]:
        other.token()
        return lease(name)

    monkeypatch.setattr(cache, "lease", lease_after_the_other)
    assert node.token() == other.token()
    assert pair.calls == 1


def test_who_waited_once_is_waited_for_again(pair: Pair, broker: Brokers) -> None:
    token_broker = broker(patient=1)
    token_broker.refused(token_broker.token())
    pair.publisher.delay = brokers.IMPATIENT_SECONDS + 0.5
    assert token_broker.token().access_token == "publisher-token-000002"


def test_two_nodes_whose_old_token_is_refused_get_a_new_one_at_once(
    pair: Pair, broker: Brokers, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brokers, "YOUNG_SECONDS", 1)
    node, other = broker(Cache(redis_url)), broker(Cache(redis_url))
    old = node.token()
    assert other.token() == old
    time.sleep(1.1)
    node.refused(old)
    other.refused(old)
    assert node.token() == other.token() != old
    assert pair.calls == 2


def test_many_refusals_of_one_token_at_once_make_one_call(pair: Pair, broker: Brokers) -> None:
    token_broker = broker()
    old = token_broker.token()

    def refuse() -> None:
        token_broker.refused(old)
        assert token_broker.token().generation != old.generation

    threads = [threading.Thread(target=refuse) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pair.calls == 2


def test_a_wxm_that_refuses_every_token_is_not_a_storm_of_calls(pair: Pair, broker: Brokers) -> None:
    token_broker = broker()
    refused = 0
    for _ in range(50):
        try:
            token_broker.refused(token_broker.token())
        except CloudConnectUnavailable:
            refused += 1
    assert pair.calls <= 3
    assert refused >= 45


def test_nodes_on_one_redis_share_tokens_and_refusals(pair: Pair, broker: Brokers, redis_url: str) -> None:
    node, other = broker(Cache(redis_url)), broker(Cache(redis_url))
    old = node.token()
    assert other.token() == old
    node.refused(old)
    new = node.token()
    other.refused(old)
    assert other.token() == new
    assert pair.calls == 2


def test_a_node_that_was_killed_while_it_fetched_is_waited_for_no_longer_than_its_lease(
    pair: Pair, broker: Brokers, redis_url: str
) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("pulse:lease:token:pair:none", "of one that is gone", px=1000)
    began = time.monotonic()
    assert broker(Cache(redis_url), seconds=10.0).token().access_token == "publisher-token-000001"
    assert time.monotonic() - began < 8


def test_a_slow_fetch_keeps_its_lease_and_stays_the_only_one(
    pair: Pair, broker: Brokers, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_redis, "LEASE_SECONDS", 1.5)
    monkeypatch.setattr(caches, "RENEW_SECONDS", 0.3)
    pair.publisher.delay = 2.2
    nodes = [broker(Cache(redis_url), seconds=10.0) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        assert {token.generation for token in pool.map(lambda node: node.token(), nodes)} == {
            nodes[0].token().generation
        }
    assert pair.calls == 1


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_clock_that_is_set_neither_ends_a_token_nor_holds_up_its_renewal(
    pair: Pair, broker: Brokers, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    pair.publisher.life = 1500.0
    token_broker = broker(refresh=1.0)
    first = token_broker.token()
    step_clock(monkeypatch, step)
    assert token_broker.token() == first
    assert pair.calls == 1
    eventually(lambda: token_broker.token().generation != first.generation)


@pytest.mark.parametrize("off", [-60.0, 60.0])
def test_a_node_whose_clock_is_off_shares_tokens_their_ends_and_pauses(
    pair: Pair, broker: Brokers, redis_url: str, monkeypatch: pytest.MonkeyPatch, off: float
) -> None:
    pair.publisher.life = 30.0
    node, other = broker(Cache(redis_url)), broker(Cache(redis_url))
    token = node.token()
    step_clock(monkeypatch, off)
    assert other.token() == token
    assert pair.calls == 1
    pair.publisher.fault = pair.subscriber.fault = "500"
    other.refused(token)
    with pytest.raises(CloudConnectUnavailable):
        other.token()
    before = pair.calls
    step_clock(monkeypatch, 0.0)
    node.refused(token)
    with pytest.raises(CloudConnectUnavailable) as raised:
        node.token()
    assert (raised.value.retry_after or 0) <= 2
    assert pair.calls == before
    pair.publisher.fault = ""
    eventually(lambda: fetches(node))


def test_a_shared_token_is_as_old_as_the_cache_says(pair: Pair, broker: Brokers, redis_url: str) -> None:
    """A node that comes later counts from when the token was fetched, not from when it came."""
    pair.publisher.life = 600.0
    token = broker(Cache(redis_url)).token()
    late, later = (broker(Cache(redis_url)) for _ in range(2))
    with redis.Redis.from_url(redis_url) as client:
        client.expire("pulse:token-newest:pair", brokers.GENERATION_KEPT + 60)  # nine of its ten minutes are over
        assert late.token() == token
        eventually(lambda: late.token() != token)
        client.expire("pulse:token-newest:pair", brokers.GENERATION_KEPT - 60)  # it ended a minute ago
        assert later.token() not in (token, late.token())
    assert pair.calls == 3


def fetches(broker: Broker) -> bool:
    try:
        broker.token()
    except CloudConnectUnavailable:
        return False
    return True


def test_a_token_that_was_refused_stays_so_though_the_clock_is_set(
    pair: Pair, broker: Brokers, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, other = broker(Cache(redis_url)), broker(Cache(redis_url))
    old = node.token()
    step_clock(monkeypatch, 90_000.0)
    node.refused(old)
    with redis.Redis.from_url(redis_url) as client:
        assert client.ttl(f"pulse:token-refused:pair:{old.generation}") > 60
    assert other.token() != old


def test_a_slow_fetch_lets_most_go_soon(pair: Pair, broker: Brokers) -> None:
    pair.publisher.fault = pair.subscriber.fault = "hung"
    token_broker = broker(seconds=6.0, patient=4)
    began = time.monotonic()
    leader = threading.Thread(target=lambda: ask_at_once(token_broker, 4))
    leader.start()
    time.sleep(0.5)
    assert ask_at_once(token_broker, 20) == ["cloud_connect_unavailable"] * 20
    assert time.monotonic() - began < 5
    leader.join()


def test_a_fetch_that_fails_unexpectedly_is_told_to_all_and_tried_again() -> None:
    calls: list[int] = []

    def fetch() -> Token:
        calls.append(1)
        if len(calls) == 1:
            raise NeighbourDown("a bad day")
        return Token("t" * 16, time.time() + 100, "1")

    token_broker = Broker(fetch, Cache(), refresh=1800, key="x")
    with pytest.raises(CloudConnectUnavailable):
        token_broker.token()
    time.sleep(1.4)
    assert token_broker.token().generation == "1"


def test_the_token_goes_on_while_the_cache_is_gone(
    pair: Pair, broker: Brokers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[str] = []
    start = threading.Thread.start

    def noted(thread: threading.Thread) -> None:
        began.append(thread.name)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", noted)
    with own_redis(tmp_path) as (url, server):
        node = broker(Cache(url), refresh=0.5)
        token = node.token().access_token
        server.terminate()
        server.wait()
        time.sleep(0.6)
        due = time.monotonic()
        while time.monotonic() < due + 0.4:
            assert node.token().access_token == token
        most = 1 + (time.monotonic() - due) / LOOK_SECONDS
    assert 1 <= began.count("token-renewal") <= most, "a thread for every request"
