"""doctor says where the brakes on sign-ins take everybody for one caller, or may forget."""

from collections.abc import Iterator

import pytest
import redis

from tests.support.machines import Machine

CALLERS, MEMORY = "brakes: callers", "brakes: memory"


def test_behind_a_proxy_that_is_not_named_everybody_is_one_source(machine: Machine) -> None:
    machine.set(public_url="https://localhost:1")
    check = machine.doctor().of(CALLERS)
    assert (check["state"], check["code"]) == ("note", "one_source")
    assert "everybody behind it is one source" in check["says"]
    assert "PULSE_TRUSTED_PROXIES" in check["cure"]


@pytest.mark.parametrize(
    "settings",
    [{"public_url": "https://localhost:1", "trusted_proxies": "10.1.2.3"}, {"public_url": "http://localhost:1"}],
)
def test_callers_that_are_told_apart_are_green(machine: Machine, settings: dict[str, str]) -> None:
    machine.set(**settings)
    assert machine.doctor().of(CALLERS)["state"] == "ok"


@pytest.fixture
def small(redis_url: str) -> Iterator[str]:
    """A Redis with an end to its memory."""
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory", "100mb")
        yield redis_url
        client.config_set("maxmemory", "0")
        client.config_set("maxmemory-policy", "noeviction")


@pytest.mark.parametrize(("policy", "state"), [("allkeys-lru", "note"), ("volatile-ttl", "note"), ("noeviction", "ok")])
def test_a_redis_that_drops_keys_is_named(machine: Machine, small: str, policy: str, state: str) -> None:
    with redis.Redis.from_url(small) as client:
        client.config_set("maxmemory-policy", policy)
    machine.set(cache_url=small, secret_key="a key that is long enough to be one")
    assert machine.doctor().of(MEMORY)["state"] == state


def test_without_redis_the_memory_is_our_own(machine: Machine) -> None:
    assert machine.doctor().of(MEMORY)["state"] == "ok"
    machine.set(cache_url="redis://127.0.0.1:1", secret_key="a key that is long enough to be one")
    assert machine.doctor().of(MEMORY)["state"] == "not applicable"
