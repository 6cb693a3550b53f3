"""`/metrics` tells what the neighbours cost: calls, failures by kind and what is under way, tokens and their age."""

import re
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from cherrypoint.broker import Broker, CloudConnectUnavailable
from cherrypoint.client import CloudConnect
from foundation.cache.cache import Cache
from foundation.http.client import HttpClient
from foundation.http.failures import Busy, NoConnection
from tests.support import tls
from tests.support.scripted_cloud_connect import NAME, PASSWORD, Pair
from tests.support.scripted_finesse import ScriptedFinesse, basic
from tests.support.services import ORIGIN, ServedNode, Service, free_port

LINE = re.compile(r"^(pulse_\w+?)(?:_total)?(\{[^}]*\})? ([0-9.e+-]+)$", re.M)
Counts = dict[str, float]


def counts(text: str) -> Counts:
    """Values by name and labels, such as `pulse_neighbour_failures connection`; what is not there is 0."""
    values: Counts = defaultdict(float)
    for name, labels, value in LINE.findall(text):
        words = re.findall(r'(?:kind|outcome)="([^"]*)"', labels)
        values[" ".join([name, *words])] += float(value)
    return values


@pytest.fixture
def current_counts(service: Service) -> Callable[[], Counts]:
    return lambda: counts(service.get("/metrics", origin=None).text)


def gained(before: Counts, after: Counts) -> Counts:
    """What was counted meanwhile, of the neighbours and of tokens."""
    names = [
        name
        for name in after
        if re.match("pulse_(neighbour|token|cloud)", name) and not re.search("timestamp|created", name)
    ]
    return {name: after[name] - before[name] for name in names if after[name] != before[name]}


def test_calls_are_counted_by_what_stood_in_their_way(
    current_counts: Callable[[], Counts], finesse: ScriptedFinesse
) -> None:
    http, before = HttpClient(), current_counts()
    gone = f"http://127.0.0.1:{free_port()}"
    assert http.get(finesse.base, "/", {}, 3).status
    with tls.served(tls.leaf(tls.authority())) as port:
        for base in (f"https://localhost:{port}", gone, gone, "https://finesse1.invalid"):
            with pytest.raises(NoConnection):
                http.get(base, "/", {}, 3)
    assert gained(before, current_counts()) == {
        "pulse_neighbour_calls": 4,
        "pulse_neighbour_failures certificate": 1,
        "pulse_neighbour_failures connection": 1,
        "pulse_neighbour_failures remembered": 1,
        "pulse_neighbour_failures name": 1,
    }


def test_what_is_under_way_and_what_was_one_too_many_is_told(current_counts: Callable[[], Counts], pair: Pair) -> None:
    pair.publisher.delay = 2.0
    http, before = HttpClient(limit=1), current_counts()
    thread = threading.Thread(target=lambda: http.get(pair.bases[0], "/x", {}, 5))
    thread.start()
    time.sleep(0.7)
    with pytest.raises(Busy):
        http.get(pair.bases[0], "/x", {}, 5)
    meanwhile = gained(before, current_counts())
    thread.join()
    assert meanwhile["pulse_neighbour_calls_in_flight"] == 1
    assert meanwhile["pulse_neighbour_failures busy"] == 1
    assert "pulse_neighbour_calls_in_flight" not in gained(before, current_counts())


def test_tokens_are_counted_with_fail_overs_refusals_and_age(current_counts: Callable[[], Counts], pair: Pair) -> None:
    client = CloudConnect(HttpClient(), pair.bases, NAME, PASSWORD, 4.0)
    broker = Broker(client.fetch, Cache(""), refresh=1800, key="counted", seconds=4.0)
    pair.publisher.kill()
    before = current_counts()
    first = broker.token()
    broker.refused(first)
    second = broker.token()
    assert second.generation != first.generation
    gains = gained(before, current_counts())
    assert gains["pulse_token_fetches token"] == 2
    assert gains["pulse_cloud_connect_failovers"] == 1
    assert gains["pulse_token_refusals"] == 1
    assert abs(current_counts()["pulse_token_fetched_timestamp_seconds"] - time.time()) < 60
    assert abs(current_counts()["pulse_token_ends_timestamp_seconds"] - second.expires_at) < 1
    pair.subscriber.kill()
    with pytest.raises(CloudConnectUnavailable):
        client = CloudConnect(HttpClient(), pair.bases, NAME, PASSWORD, 4.0)
        Broker(client.fetch, Cache(""), refresh=1800, key="another", seconds=4.0).token()
    assert gained(before, current_counts())["pulse_token_fetches failed"] == 1


def test_a_renewal_is_counted_as_one(current_counts: Callable[[], Counts], pair: Pair) -> None:
    client = CloudConnect(HttpClient(), pair.bases, NAME, PASSWORD, 4.0)
    broker = Broker(client.fetch, Cache(""), refresh=0.0, key="renewed", seconds=4.0)
    before, deadline = current_counts(), time.monotonic() + 20
    while gained(before, current_counts()).get("pulse_token_renewals", 0) < 1:
        broker.token()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_several_workers_are_counted_together(finesse: ScriptedFinesse, redis_url: str, tmp_path: Path) -> None:
    environ = {
        "PULSE_PUBLIC_URL": "https://pulse.bora.com",
        "PULSE_ALLOWED_ORIGINS": ORIGIN,
        "PULSE_FINESSE_NODES": finesse.base,
        "PULSE_WORKERS": "2",
        "PULSE_THREADS": "4",
        "PULSE_CACHE_URL": redis_url,
        "PULSE_SECRET_KEY": "a key that is long enough to be one",
    }
    calls = 12
    with ServedNode(tmp_path / "data", environ) as node:
        for number in range(calls):
            headers = {"Origin": ORIGIN, "Authorization": basic(f"u{number}", "wrong"), "Connection": "close"}
            assert node.request("POST", "/gadgets/session", headers, {"user": f"u{number}"}).status_code == 401
        values = counts(node.request("GET", "/metrics").data.decode())
        assert values["pulse_neighbour_calls"] == calls
        assert values["pulse_neighbour_calls_in_flight"] == 0
        folders = set(Path(tempfile.gettempdir()).glob("pulse-metrics-*"))
        assert folders
    assert folders - set(Path(tempfile.gettempdir()).glob("pulse-metrics-*"))
