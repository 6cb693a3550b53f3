"""Cached values in a Redis that all nodes share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from cachelib import RedisCache
from cachelib.serializers import RedisSerializer
from redis.lock import Lock as RedisLock
from typing_extensions import override

from foundation.cache.in_process import Lock
from foundation.cache.redis_client import RedisClient
from foundation.causes import Refusal

PREFIX = "pulse:"
# A lease is short, so that one whose holder was killed is soon free; its holder renews it while it works.
LEASE_SECONDS = 3.0

T = TypeVar("T")


class InRedis:
    """Values of all nodes."""

    def __init__(self, url: str, refusal: Refusal) -> None:
        self._refusal = refusal
        self._redis = RedisClient(url)
        self._cache = _JsonCache(self._redis.connections, key_prefix=PREFIX)

    def get(self, key: str) -> Any:
        return self._redis.ask(lambda: self._cache.get(key))

    def left(self, key: str) -> float | None:
        milliseconds = self._redis.ask(lambda: self._redis.connections.pttl(PREFIX + key))
        return milliseconds / 1000 if isinstance(milliseconds, int) and milliseconds >= 0 else None

    def set(self, key: str, value: Any, seconds: int) -> None:
        self._write(lambda: self._cache.set(key, value, seconds))

    def add(self, key: str, value: Any, seconds: int) -> bool:
        """In one command: a process that is killed between two would leave a key that never ends."""
        name, content = PREFIX + key, orjson.dumps(value)
        return bool(self._write(lambda: self._redis.connections.set(name, content, nx=True, ex=seconds)))

    def delete(self, key: str) -> None:
        self._write(lambda: self._cache.delete(key))

    def lock(self, key: str) -> Lock:
        return _InRedisLock(
            RedisLock(self._redis.connections, PREFIX + key, LEASE_SECONDS, thread_local=False), self._write
        )

    def ping(self) -> object:
        return self._redis.ask(self._redis.connections.ping)

    def _write(self, ask: Callable[[], T]) -> T:
        try:
            return self._redis.ask(ask)
        except Exception as error:
            self._refusal.note(error)
            raise


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
