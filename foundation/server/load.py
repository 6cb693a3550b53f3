"""Whether this process serves: its event loop turns, and threads are free. For health routes on either port."""

from __future__ import annotations

import time
from collections.abc import Callable

from foundation.causes import UnusableError

STUCK_SECONDS = 5.0


class EventLoopStuck(Exception):
    """The event loop has not turned for a while: nobody reads what comes in on the public port."""


class Load:
    """What the server notes and the health routes read; without a server, as in tests of routes, all is well."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_beat: float | None = None
        self._saturated: Callable[[], bool] = lambda: False

    def follow(self, saturated: Callable[[], bool]) -> None:
        self._saturated = saturated

    def beat(self) -> None:
        """The event loop is alive."""
        self._last_beat = self._clock()

    def check_threads(self) -> None:
        """Raises UnusableError where all threads are held, and requests wait for one."""
        if self._saturated():
            raise UnusableError("saturated")

    def check_loop(self) -> None:
        if self._last_beat is not None and self._clock() - self._last_beat > STUCK_SECONDS:
            raise EventLoopStuck()
