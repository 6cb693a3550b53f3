"""What the brakes on sign-ins stand on: who counts as one caller, and a store that forgets nothing early."""

from __future__ import annotations

from collections.abc import Iterator

from redis import RedisError

from commands.checks.context import Scene
from commands.checks.result import Finding, does_not_apply, note, ok
from foundation.cache.redis_client import RedisClient


def sources(scene: Scene) -> Iterator[Finding]:
    """Where something else ends TLS, all callers have its address unless it is named."""
    check, settings = "brakes: callers", scene.settings
    if settings.trusted_proxies:
        yield ok(check, f"told apart by what {', '.join(settings.trusted_proxies)} wrote into X-Forwarded-For")
    elif settings.public_url.startswith("https://") and not settings.tls_cert:
        message = "a proxy ends TLS in front of us and TRUSTED_PROXIES is not set: everybody behind it is one source"
        cure = "set PULSE_TRUSTED_PROXIES to the proxy's address: wrong passwords of one caller hold up all others now"
        yield note(check, message, cure, "one_source")
    else:
        yield ok(check, "told apart by their own addresses")


def memory(scene: Scene) -> Iterator[Finding]:
    """A Redis that drops keys where it is full forgets refusals."""
    check = "brakes: memory"
    if not scene.settings.cache_url:
        yield ok(check, "in this process, beside the cache")
        return
    try:
        with RedisClient(scene.settings.cache_url).connections as client:
            facts = client.info("memory")
    except (RedisError, OSError):
        yield does_not_apply(check, "Redis does not say how it uses its memory")
        return
    policy = str(facts.get("maxmemory_policy", "noeviction"))
    if facts.get("maxmemory") and policy != "noeviction":
        message = (
            f"Redis drops keys where its memory is full (maxmemory-policy {policy}), and refused sign-ins with them"
        )
        yield note(check, message, "set maxmemory-policy noeviction in Redis", "evicts")
        return
    yield ok(check, "Redis drops nothing before its time")
