"""A scripted pair of Cloud Connect nodes, and brokers that ask it."""

from collections.abc import Callable, Iterator

import pytest

from cherrypoint.broker import Broker
from cherrypoint.client import CloudConnect
from foundation.cache.cache import Cache
from foundation.http.client import HttpClient
from tests.support.scripted_cloud_connect import NAME, PASSWORD, Pair, scripted_pair


@pytest.fixture
def pair() -> Iterator[Pair]:
    with scripted_pair() as scripted:
        yield scripted


@pytest.fixture
def client(pair: Pair) -> Callable[..., CloudConnect]:
    """A client of the pair, as a node that has just started has it."""

    def begin(seconds: float = 4.0, password: str = PASSWORD) -> CloudConnect:
        return CloudConnect(HttpClient(), pair.bases, NAME, password, seconds)

    return begin


@pytest.fixture
def broker(client: Callable[..., CloudConnect]) -> Callable[..., Broker]:
    def begin(cache: Cache | None = None, seconds: float = 4.0, refresh: float = 1800, patient: int = 5000) -> Broker:
        fetch = client(seconds).fetch
        return Broker(fetch, cache or Cache(), refresh=refresh, key="pair", seconds=seconds, patient=patient)

    return begin
