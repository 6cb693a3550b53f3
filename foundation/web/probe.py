"""A look at one thing that we stand on, made in a thread of its own, so that one that hangs holds nobody up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from functools import partial

from foundation.causes import UNKNOWN, Refusal, cause_of

TIMED_OUT = "timed_out"


class Probe:
    """`check` raises what it fails with; it is made again after `every` seconds, after a failure sooner: `again`.

    A look that takes longer than `patience` counts as timed out; until then the last result stands. Where
    `let_go` is there, one that hangs for `abandon_after` seconds is left alone, what it may hang on is let go of, and
    another one is made; else it is waited for.
    """

    def __init__(
        self,
        check: Callable[[], object],
        *,
        every: float = 1.0,
        again: float = 1.0,
        patience: float = 1.2,
        abandon_after: float = 5.0,
        let_go: Callable[[], object] | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        self._check = check
        self._every, self._again = every, again
        self._patience, self._abandon_after = patience, abandon_after
        self._let_go = let_go
        self._refusal = refusal or Refusal()
        self._guard = threading.Lock()
        self._look: Future[str] | None = None
        self._began = 0.0
        self._before = ""

    def begin(self) -> Callable[[float], str]:
        """See to it that a look was made lately or is under way; what is returned waits for its cause."""
        with self._guard:
            look, now = self._look, time.monotonic()
            if look is None or self._is_due(look, now - self._began):
                hangs = look is not None and not look.done()
                self._before = look.result() if look is not None and not hangs else ""
                look = self._look = Future()
                self._began = now
                threading.Thread(target=self._make, args=(look, hangs), name="probe", daemon=True).start()
            return partial(self._cause, look, self._began + self._patience)

    def cause(self, deadline: float) -> str:
        """Why the check fails, "" where it passes; no later than at `deadline`, by the monotonic clock."""
        return self.begin()(deadline)

    def _cause(self, look: Future[str], end: float, deadline: float) -> str:
        try:
            cause = look.result(max(0.0, min(deadline, end) - time.monotonic()))
        except NotYet:
            cause = TIMED_OUT if end <= deadline else self._before
        return cause or self._refusal.cause

    def _is_due(self, look: Future[str], age: float) -> bool:
        if look.done():
            return age >= (self._again if look.result() or self._refusal.cause else self._every)
        return self._let_go is not None and age >= self._abandon_after

    def _make(self, look: Future[str], after_hang: bool) -> None:
        try:
            if after_hang and self._let_go:
                self._let_go()
            self._check()
        except Exception as error:
            look.set_result(cause_of(error) or UNKNOWN)
        else:
            look.set_result("")
