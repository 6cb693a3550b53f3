"""The connections to Redis: one that is away is asked by one thread at a time, one that was demoted is let go of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from foundation.causes import CacheAwayError, cause_of

REDIS_SECONDS = 2
# A connection that was idle so long is tried before it is used.
IDLE_SECONDS = 15
# After a failure nobody asks Redis for so long; then one does, and the others wait for what it finds at most so long.
AWAY_SECONDS, TRIAL_SECONDS = 1.0, 3.0

T = TypeVar("T")


class RedisClient:
    """A Redis of all nodes; what is asked of its `connections` goes through `ask`."""

    def __init__(self, url: str) -> None:
        self.connections = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            socket_keepalive=True,
            health_check_interval=IDLE_SECONDS,
            # Once more on a new connection, at once: the one before may be of a server that was started anew.
            retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
        )
        self._circuit = Circuit()

    def ask(self, ask: Callable[[], T]) -> T:
        """What Redis answers. Raises redis' own errors, CacheAwayError among them."""
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
        self.connections.connection_pool.disconnect(inuse_connections=False)


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
