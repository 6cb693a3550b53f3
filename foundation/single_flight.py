"""One call at a time for one key: whoever comes while it is under way shares its result, or waits for a turn.

Waiting is bounded by the caller's deadline. Whoever waits hears of the caller's failure; after a failure of the kind
that is remembered, nobody calls for a pause, and then one thread alone, while the others hear of that failure at once:
behind a try of what failed before, threads would only pile up.
"""

import copy
import math
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any, TypeVar

from cachetools import LRUCache

FAILURES_REMEMBERED = 1000

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Failure:
    """What the last call for a key failed with, and until when nobody calls again."""

    error: Exception
    until: float


class SingleFlight:
    """Of this process. `timed_out` makes what is raised where a call takes longer than its caller may wait."""

    def __init__(
        self,
        *,
        timed_out: Callable[[], Exception] = TimeoutError,
        remembered: type[Exception] | None = None,
        pause: float = 0.0,
    ) -> None:
        self._timed_out = timed_out
        self._remembered: tuple[type[Exception], ...] = (remembered,) if remembered else ()
        self._pause = pause
        self._guard = threading.Lock()
        self._flights: dict[Hashable, Future[Any]] = {}
        self._failures: LRUCache[Hashable, Failure] = LRUCache(FAILURES_REMEMBERED)

    def run(self, key: Hashable, call: Callable[[], Result], deadline: float = math.inf) -> Result:
        """What `call` returns or raises; a call that is under way is shared."""
        flight, is_ours = self._enter(key)
        if is_ours:
            return self._fly(key, flight, call)
        self._wait(flight, deadline)
        result: Result = flight.result()
        return result

    def run_next(self, key: Hashable, call: Callable[[], Result], deadline: float = math.inf) -> Result:
        """As `run`, but what is shared begins after now: what it reads is never older than the question."""
        with self._guard:
            under_way = self._flights.get(key)
        if under_way is not None:
            self._wait(under_way, deadline)
        return self.run(key, call, deadline)

    def run_alone(self, key: Hashable, call: Callable[[], Result], deadline: float = math.inf) -> Result:
        """As `run`, but each caller makes the own call, one after the other: for what several change or extend."""
        while True:
            flight, is_ours = self._enter(key)
            if is_ours:
                return self._fly(key, flight, call)
            self._wait(flight, deadline)

    def _enter(self, key: Hashable) -> tuple[Future[Any], bool]:
        """The call under way, or a new one and that it is ours; raises a failure that is remembered."""
        with self._guard:
            flight, failure = self._flights.get(key), self._failures.get(key)
            if failure is not None and (flight is not None or time.monotonic() < failure.until):
                # An exception is raised by one thread only.
                raise copy.copy(failure.error)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = Future()
            return flight, True

    def _wait(self, flight: Future[Any], deadline: float) -> None:
        wait([flight], None if deadline == math.inf else max(0.0, deadline - time.monotonic()))
        if not flight.done():
            raise self._timed_out()

    def _fly(self, key: Hashable, flight: Future[Any], call: Callable[[], Result]) -> Result:
        try:
            result = call()
        except BaseException as error:
            self._land(key, error)
            flight.set_exception(error)
            raise
        self._land(key)
        flight.set_result(result)
        return result

    def _land(self, key: Hashable, error: BaseException | None = None) -> None:
        """Let the next one call, before those that wait get the result."""
        with self._guard:
            del self._flights[key]
            if isinstance(error, self._remembered):
                self._failures[key] = Failure(error, time.monotonic() + self._pause)
            elif error is None:
                self._failures.pop(key, None)
