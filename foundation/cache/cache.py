"""Short-lived facts that all threads, and with Redis all nodes, share."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import redis

from foundation.cache.in_process import InProcess, Lock, Store
from foundation.cache.in_redis import LEASE_SECONDS, InRedis
from foundation.causes import Refusal

POLL_SECONDS = 0.02
# So often a lease is renewed: it ends three times as late.
RENEW_SECONDS = LEASE_SECONDS / 3


@dataclass(slots=True)
class Holder:
    """A lock, and how many threads have it or wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class Cache:
    """Get, set and add for whole seconds; `once` and `shared` let one caller compute while the others wait.

    `refusal` says why the last write that failed was refused.
    """

    def __init__(self, url: str = "") -> None:
        self.is_shared = bool(url)
        self.refusal = Refusal()
        self._store: Store = InRedis(url, self.refusal) if url else InProcess()
        self._holders: dict[str, Holder] = {}
        self._flights: dict[str, Future[Any]] = {}
        self._guard = threading.Lock()

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
        with self._guard:
            flight = self._flights.get(key)
            if leads := flight is None:
                flight = self._flights[key] = Future()
        if leads:
            self._fly(flight, key, seconds, compute)
        return flight.result()

    def once(self, key: str, seconds: int, compute: Callable[[], Any], *, patience: float = 10.0) -> Any:
        """The value under `key`; where there is none, one holder in this process and over all nodes computes it.

        The others wait up to `patience` seconds for it; after that, or where the holder failed, the next one computes.
        """
        with self._held(key):
            deadline = time.monotonic() + patience
            while True:
                found = self.get(key)
                if found is not None:
                    return found
                with self.lease(key) as ours:
                    if ours or time.monotonic() > deadline:
                        return self._found_or_computed(key, seconds, compute)
                time.sleep(POLL_SECONDS)

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

    def _found_or_computed(self, key: str, seconds: int, compute: Callable[[], Any]) -> Any:
        found = self.get(key)
        if found is None:
            found = compute()
            self.set(key, found, seconds)
        return found

    def _fly(self, flight: Future[Any], key: str, seconds: int, compute: Callable[[], Any]) -> None:
        try:
            found = self._get_unless_away(key)
            if found is None:
                found = compute()
                with suppress(redis.RedisError):
                    self.set(key, found, seconds)
        except BaseException as error:
            self._land(key)
            flight.set_exception(error)
        else:
            self._land(key)
            flight.set_result(found)

    def _land(self, key: str) -> None:
        with self._guard:
            del self._flights[key]

    def _get_unless_away(self, key: str) -> Any:
        try:
            return self.get(key)
        except redis.RedisError:
            return None

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


def _keep(lock: Lock, over: threading.Event) -> None:
    """Renew a lease until its holder's work is over; what cannot be renewed now may be a second later."""
    while not over.wait(RENEW_SECONDS):
        with suppress(redis.RedisError):
            lock.renew()
