"""Cached values in a Redis that all nodes share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import orjson
import redis
from cachelib import RedisCache
from cachelib.serializers import RedisSerializer
from redis.backoff import NoBackoff
from redis.lock import Lock as RedisLock
from redis.retry import Retry
from typing_extensions import override

from foundation.cache_stores import Lock
from foundation.causes import CacheAwayError, Refusal, cause_of

PREFIX = "pulse:"
REDIS_SECONDS = 2
# A connection that was idle so long is tried before it is used.
IDLE_SECONDS = 15
# After a failure nobody asks Redis for so long; then one does, and the others wait for what it finds at most so long.
AWAY_SECONDS, TRIAL_SECONDS = 1.0, 3.0
# A lease is short, so that one whose holder was killed is soon free; its holder renews it while it works.
LEASE_SECONDS = 3.0

T = TypeVar("T")


class InRedis:
    """Values of all nodes. A Redis that is away is asked by one thread at a time; one that was demoted is let go of."""

    def __init__(self, url: str, refusal: Refusal) -> None:
        self._refusal = refusal
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            socket_keepalive=True,
            health_check_interval=IDLE_SECONDS,
            # Once more on a new connection, at once: the one before may be of a server that was started anew.
            retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
        )
        self._cache = _JsonCache(self._client, key_prefix=PREFIX)
        self._circuit = Circuit()

    def get(self, key: str) -> Any:
        return self._ask(lambda: self._cache.get(key))

    def left(self, key: str) -> float | None:
        milliseconds = self._ask(lambda: self._client.pttl(PREFIX + key))
        return milliseconds / 1000 if isinstance(milliseconds, int) and milliseconds >= 0 else None

    def set(self, key: str, value: Any, seconds: int) -> None:
        self._write(lambda: self._cache.set(key, value, seconds))

    def add(self, key: str, value: Any, seconds: int) -> bool:
        """In one command: a process that is killed between two would leave a key that never ends."""
        name, content = PREFIX + key, orjson.dumps(value)
        return bool(self._write(lambda: self._client.set(name, content, nx=True, ex=seconds)))

    def delete(self, key: str) -> None:
        self._write(lambda: self._cache.delete(key))

    def lock(self, key: str) -> Lock:
        return _InRedisLock(RedisLock(self._client, PREFIX + key, LEASE_SECONDS, thread_local=False), self._write)

    def ping(self) -> object:
        return self._ask(self._client.ping)

    def _write(self, ask: Callable[[], T]) -> T:
        with self._refusal.noted():
            return self._ask(ask)

    def _ask(self, ask: Callable[[], T]) -> T:
        with self._circuit.closed():
            try:
                return ask()
            except (redis.ConnectionError, redis.TimeoutError):
                self._let_go()
                raise
            except redis.exceptions.ReadOnlyError:
                # It was demoted; another server may have its name or address by now.
                self._let_go()
                return ask()

    def _let_go(self) -> None:
        """Close what is idle: new connections look the name up anew."""
        self._client.connection_pool.disconnect(inuse_connections=False)


class _InRedisLock:
    def __init__(self, lock: RedisLock, write: Callable[[Callable[[], Any]], Any]) -> None:
        self._lock = lock
        self._write = write

    def acquire(self) -> bool:
        return bool(self._write(lambda: self._lock.acquire(blocking=False)))

    def renew(self) -> None:
        self._write(self._lock.reacquire)

    def release(self) -> None:
        self._write(self._lock.release)


class _Json(RedisSerializer):
    """So that whoever can write to Redis cannot run code here."""

    @override
    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        return orjson.dumps(value)

    @override
    def loads(self, value: bytes | None) -> Any:
        return None if value is None else orjson.loads(value)


class _JsonCache(RedisCache):
    serializer = _Json()


class Circuit:
    """After a failure nobody asks for a second; then one does, and the others hear of the failure at once."""

    def __init__(self) -> None:
        self._cause = ""
        self._until = 0.0
        self._guard = threading.Lock()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """For one call. Raises CacheAwayError where the last one failed, and it is not ours to try again."""
        self._enter()
        try:
            yield
        except (redis.ConnectionError, redis.TimeoutError) as error:
            self._cause, self._until = cause_of(error), time.monotonic() + AWAY_SECONDS
            raise
        except Exception:
            # It answered, if only that it refuses.
            self._cause = ""
            raise
        self._cause = ""

    def _enter(self) -> None:
        if not self._cause:
            return
        with self._guard:
            now = time.monotonic()
            if self._cause and now < self._until:
                raise CacheAwayError(self._cause)
            self._until = now + TRIAL_SECONDS
