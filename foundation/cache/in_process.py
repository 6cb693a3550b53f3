"""Where cached values are: what the cache needs of a store, and the store of this process. JSON, never pickle."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

import orjson
from cachetools import TLRUCache

ROOM = 100_000


class Lock(Protocol):
    """A name that one holder has; `renew` is needed in time where a holder may die without giving it back."""

    def acquire(self) -> bool: ...
    def renew(self) -> object: ...
    def release(self) -> object: ...


class Store(Protocol):
    """What the cache needs of a place for its values."""

    def get(self, key: str) -> Any: ...
    def left(self, key: str) -> float | None: ...
    def set(self, key: str, value: Any, seconds: int) -> object: ...
    def add(self, key: str, value: Any, seconds: int) -> bool: ...
    def delete(self, key: str) -> object: ...
    def lock(self, key: str) -> Lock: ...
    def ping(self) -> object: ...


class InProcess:
    """Values of this process alone: they end by a clock that never steps, and are kept as Redis would keep them."""

    def __init__(self, room: int = ROOM) -> None:
        self._lock = threading.Lock()
        self._kept: TLRUCache[str, tuple[bytes, float], float] = TLRUCache(room, _end, time.monotonic)
        self._held: set[str] = set()

    def get(self, key: str) -> Any:
        with self._lock:
            kept = self._kept.get(key)
        return orjson.loads(kept[0]) if kept else None

    def left(self, key: str) -> float | None:
        with self._lock:
            kept = self._kept.get(key)
        return kept[1] - time.monotonic() if kept else None

    def set(self, key: str, value: Any, seconds: int) -> None:
        kept = orjson.dumps(value), time.monotonic() + seconds
        with self._lock:
            self._kept[key] = kept

    def add(self, key: str, value: Any, seconds: int) -> bool:
        kept = orjson.dumps(value), time.monotonic() + seconds
        with self._lock:
            is_free = key not in self._kept
            if is_free:
                self._kept[key] = kept
        return is_free

    def delete(self, key: str) -> None:
        with self._lock:
            self._kept.pop(key, None)

    def lock(self, key: str) -> Lock:
        """Its holders live and die with this process: it does not expire."""
        return _InProcessLock(key, self._held, self._lock)

    def ping(self) -> bool:
        return True


def _end(_key: str, value: tuple[bytes, float], _now: float) -> float:
    return value[1]


class _InProcessLock:
    def __init__(self, key: str, held: set[str], guard: threading.Lock) -> None:
        self._key = key
        self._held = held
        self._guard = guard

    def acquire(self) -> bool:
        with self._guard:
            is_free = self._key not in self._held
            self._held.add(self._key)
        return is_free

    def renew(self) -> None:
        """It does not expire."""

    def release(self) -> None:
        with self._guard:
            self._held.discard(self._key)
