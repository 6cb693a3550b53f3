"""Short-lived facts that all threads, and with Redis all nodes, share: JSON, never pickle."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
import redis
from cachelib import RedisCache, SimpleCache
from cachelib.serializers import RedisSerializer, SimpleSerializer
from typing_extensions import override

ROOM = 100_000
POLL_SECONDS = 0.02


class Store(Protocol):
    """What we use of cachelib."""

    def get(self, key: str) -> Any: ...
    def set(self, key: str, value: Any, timeout: int) -> bool | None: ...
    def add(self, key: str, value: Any, timeout: int) -> bool: ...
    def delete(self, key: str) -> bool: ...


class JsonInProcess(SimpleSerializer):
    """So that a dictionary keeps just what Redis would keep."""

    @override
    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        return orjson.dumps(value)

    @override
    def loads(self, bvalue: bytes) -> Any:
        return orjson.loads(bvalue)


class JsonInRedis(RedisSerializer):
    """So that whoever can write to Redis cannot run code here."""

    @override
    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        return orjson.dumps(value)

    @override
    def loads(self, value: bytes | None) -> Any:
        return None if value is None else orjson.loads(value)


class InProcess(SimpleCache):
    serializer = JsonInProcess()


class InRedis(RedisCache):
    serializer = JsonInRedis()


@dataclass(slots=True)
class Holder:
    """A lock, and how many threads have it or wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class Cache:
    """Get, set and add for whole seconds; `once` lets one caller compute while the others wait for what it found."""

    def __init__(self, url: str = "") -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) if url else None
        self._store: Store = InRedis(self._redis, key_prefix="pulse:") if self._redis else InProcess(threshold=ROOM)
        self._holders: dict[str, Holder] = {}
        self._guard = threading.Lock()

    def get(self, key: str) -> Any:
        return self._store.get(key)

    def set(self, key: str, value: Any, seconds: int) -> None:
        """Keep `value` for `seconds`; none left means that it is not kept (cachelib would keep it for ever)."""
        if seconds > 0:
            self._store.set(key, value, seconds)

    def add(self, key: str, value: Any, seconds: int) -> bool:
        """Keep `value` unless the key is taken; whether it was free. Atomic over all who share the cache."""
        return self._store.add(key, value, seconds)

    def delete(self, key: str) -> None:
        self._store.delete(key)

    def once(self, key: str, seconds: int, compute: Callable[[], Any], *, lease: int = 10) -> Any:
        """The value under `key`; where there is none, one holder in this process and over all nodes computes it.

        The others wait up to `lease` seconds for it; after that, or where the holder failed, the next one computes.
        """
        with self._held(key):
            found = self.get(key)
            if found is not None:
                return found
            leased = self._lease(key, lease)
            try:
                found = self.get(key)
                if found is None:
                    found = compute()
                    self.set(key, found, seconds)
            finally:
                if leased:
                    self.delete(f"lease:{key}")
            return found

    def usable(self) -> bool:
        """Whether the cache answers; raises redis' own error where it does not."""
        return self._redis is None or bool(self._redis.ping())

    @contextmanager
    def _held(self, key: str) -> Iterator[None]:
        """One thread of this process at a time for one key; the lock is forgotten with its last user."""
        with self._guard:
            holder = self._holders.setdefault(key, Holder())
            holder.users += 1
        try:
            with holder.lock:
                yield
        finally:
            with self._guard:
                holder.users -= 1
                if not holder.users:
                    del self._holders[key]

    def _lease(self, key: str, seconds: int) -> bool:
        """Whether the lease is ours now: not where its holder's finding is there, or its time is over."""
        if self._redis is None:
            return False
        deadline = time.monotonic() + seconds
        while not self.add(f"lease:{key}", 1, seconds):
            if self.get(key) is not None or time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True
