"""What was read from a WxM a moment ago: read once for all who ask meanwhile, and kept for seconds."""

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar

from cachetools import TTLCache

from experience.wxm.calls import single_flight

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Recent(Generic[KeyT, ValueT]):
    """Values by key, of at most `most` together as `size` measures them; a larger one is not kept."""

    def __init__(self, most: int, seconds: float, size: Callable[[ValueT], int]) -> None:
        self._flights = single_flight()
        self._lock = threading.Lock()
        self._values: TTLCache[KeyT, ValueT] = TTLCache(most, seconds, getsizeof=size)

    def get(self, key: KeyT, read: Callable[[], ValueT], deadline: float) -> ValueT:
        """The value of `key`, read where none is kept; `deadline` bounds the wait for another's reading."""
        return self._flights.run(key, lambda: self._kept_or(key, read), deadline)

    def _kept_or(self, key: KeyT, read: Callable[[], ValueT]) -> ValueT:
        with self._lock:
            value = self._values.get(key)
        if value is None:
            value = read()
            with self._lock, suppress(ValueError):
                self._values[key] = value
        return value
