"""The same question from many gadgets is asked once: the others wait for its answer, or hear of its failure at once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from experience.wxm.calls import WxmUnavailable

FAILURE_KEPT = 2.0

T = TypeVar("T")


class Turn:
    """One thread at a time. After a failure nobody asks for seconds, and then one alone: the others hear of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failure: WxmUnavailable | None = None
        self._until = 0.0

    @contextmanager
    def taken(self, deadline: float) -> Iterator[None]:
        failed = self._failure
        # Behind a first try one waits; behind a try of what failed before, threads would only pile up.
        if not self._lock.acquire(timeout=0.0 if failed else max(0.0, deadline - time.monotonic())):
            raise _again(failed) if failed else WxmUnavailable("WxM answered too slowly.", status=504)
        try:
            if self._failure is not None and self._until > time.monotonic():
                raise _again(self._failure)
            yield
            self._failure = None
        except WxmUnavailable as failure:
            if self._until <= time.monotonic():
                self._failure, self._until = failure, time.monotonic() + FAILURE_KEPT
            raise
        finally:
            self._lock.release()


def _again(failure: WxmUnavailable) -> WxmUnavailable:
    """The same for one more thread: an exception is raised once."""
    return WxmUnavailable(failure.detail, status=failure.status, retry_after=failure.retry_after, said=failure.said)


class Shelf(Generic[T]):
    """Things by key, the least lately used forgotten first; what one weighs may change while it stands there."""

    def __init__(self, room: int, weight: Callable[[T], int]) -> None:
        self._room = room
        self._weight = weight
        self._things: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            found = self._things.pop(key, None)
            self._things[key] = found = make() if found is None else found
            weight = sum(map(self._weight, self._things.values()))
            while weight > self._room and len(self._things) > 1:
                weight -= self._weight(self._things.popitem(last=False)[1])
            return found
