"""One call at a time for one key; whoever comes while it is under way shares the next one, which begins after he came.

So what is read is never older than the question, and a credential is on its way once, however many carry it.
"""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

Result = TypeVar("Result")


class SingleFlight:
    """Of this process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._running: dict[Hashable, Future[Any]] = {}
        self._next: dict[Hashable, Future[Any]] = {}

    def run(self, key: Hashable, call: Callable[[], Result]) -> Result:
        """What `call` returns or raises; where several share it, one of them calls."""
        with self._guard:
            flight: Future[Result] | None = self._next.get(key)
            if flight is None:
                leads, running = True, self._running.get(key)
                flight = self._next[key] = Future()
            else:
                leads, running = False, None
        if leads:
            wait([running] if running else [])
            self._fly(key, flight, call)
        return flight.result()

    def _fly(self, key: Hashable, flight: "Future[Result]", call: Callable[[], Result]) -> None:
        with self._guard:
            self._running[key] = self._next.pop(key)
        try:
            flight.set_result(call())
        except BaseException as error:
            flight.set_exception(error)
        finally:
            with self._guard:
                if self._running.get(key) is flight:
                    del self._running[key]
