"""Tickets for the way to the other node, which is another origin: redeemed once, within two minutes."""

import secrets
import threading
import time
from collections.abc import Callable

LIFE_SECONDS = 120.0


class Tickets:
    """Thread-safe. What a ticket stands for never appears in an address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._waiting: dict[str, tuple[float, dict[str, str]]] = {}

    def give(self, items: dict[str, str]) -> str:
        ticket = secrets.token_urlsafe(24)
        with self._guard:
            now = self._clock()
            self._waiting = {name: kept for name, kept in self._waiting.items() if kept[0] > now}
            self._waiting[ticket] = (now + LIFE_SECONDS, items)
        return ticket

    def redeem(self, ticket: str) -> dict[str, str] | None:
        with self._guard:
            until, items = self._waiting.pop(ticket, (0.0, {}))
        return items if until > self._clock() else None
