"""Short-lived facts that all threads, and with Redis all nodes, share."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import redis

from foundation.cache.in_process import InProcess, Lock, Store
from foundation.cache.in_redis import LEASE_SECONDS, InRedis
from foundation.causes import Refusal
from foundation.single_flight import SingleFlight

POLL_SECONDS = 0.02
# So often a lease is renewed: it ends three times as late.
RENEW_SECONDS = LEASE_SECONDS / 3


class Cache:
    """Get, set and add for whole seconds; `once` and `shared` let one caller compute while the others wait.

    `refusal` says why the last write that failed was refused.
    """

    def __init__(self, url: str = "") -> None:
        self.is_shared = bool(url)
        self.refusal = Refusal()
        self._store: Store = InRedis(url, self.refusal) if url else InProcess()
        self._flights = SingleFlight()

    def get(self, key: str) -> Any:
        return self._store.get(key)

    def left(self, key: str) -> float | None:
        """The seconds for which `key` is kept yet, by the clock of whoever keeps it; None where it is not there."""
        return self._store.left(key)

    def set(self, key: str, value: Any, seconds: int) -> None:
        """Keep `value` for `seconds`; none left means that it is not kept (cachelib would keep it for ever)."""
        if seconds > 0:
            self._store.set(key, value, seconds)

    def add(self, key: str, value: Any, seconds: int) -> bool:
        """Keep `value` unless the key is taken; whether it was free. Atomic over all who share the cache."""
        return self._store.add(key, value, seconds)

    def delete(self, key: str) -> None:
        self._store.delete(key)

    def shared(self, key: str, seconds: int, compute: Callable[[], Any]) -> Any:
        """The value under `key`; else one thread of this process computes it, for all that ask meanwhile.

        Other nodes may compute it too: none waits for another, nor for a cache that is away.
        """
        return self._flights.run(("shared", key), lambda: self._compute_unless_cached(key, seconds, compute))

    def once(self, key: str, seconds: int, compute: Callable[[], Any], *, patience: float = 10.0) -> Any:
        """The value under `key`; where there is none, one holder in this process and over all nodes computes it.

        The others wait up to `patience` seconds for it; after that, or where the holder failed, the next one computes.
        """
        return self._flights.run_alone(("once", key), lambda: self._once(key, seconds, compute, patience))

    @contextmanager
    def lease(self, name: str) -> Iterator[bool]:
        """Whether `name` is ours alone, over all who share the cache, while the block runs. Nobody waits here."""
        lock = self._store.lock(f"lease:{name}")
        if not lock.acquire():
            yield False
            return
        over = threading.Event()
        if self.is_shared:
            threading.Thread(target=_keep, args=(lock, over), name="lease", daemon=True).start()
        try:
            yield True
        finally:
            over.set()
            # Where Redis is away it ends by itself; where it is no longer ours it is another's.
            with suppress(redis.RedisError):
                lock.release()

    def usable(self) -> bool:
        """Whether the cache answers; raises redis' own error where it does not."""
        return bool(self._store.ping())

    def _once(self, key: str, seconds: int, compute: Callable[[], Any], patience: float) -> Any:
        deadline = time.monotonic() + patience
        while True:
            value = self.get(key)
            if value is not None:
                return value
            with self.lease(key) as ours:
                if ours or time.monotonic() > deadline:
                    return self._get_or_compute(key, seconds, compute)
            time.sleep(POLL_SECONDS)

    def _get_or_compute(self, key: str, seconds: int, compute: Callable[[], Any]) -> Any:
        value = self.get(key)
        if value is None:
            value = compute()
            self.set(key, value, seconds)
        return value

    def _compute_unless_cached(self, key: str, seconds: int, compute: Callable[[], Any]) -> Any:
        """As `_get_or_compute`, where the cache may be away."""
        value = None
        with suppress(redis.RedisError):
            value = self.get(key)
        if value is None:
            value = compute()
            with suppress(redis.RedisError):
                self.set(key, value, seconds)
        return value


def _keep(lock: Lock, over: threading.Event) -> None:
    """Renew a lease until its holder's work is over; what cannot be renewed now may be a second later."""
    while not over.wait(RENEW_SECONDS):
        with suppress(redis.RedisError):
            lock.renew()
