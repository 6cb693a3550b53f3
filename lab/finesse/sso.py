"""Single sign-on: opaque access tokens that rotate, and refresh tokens (docs/cisco/finesse.md §5.3)."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

REFRESHED_AT = 0.75  # of a token's life, as Cisco tells third parties to; the rest is the overlap of old and new
REFRESH_LIFE_SECONDS = 36_000.0


@dataclass(frozen=True, slots=True)
class Grant:
    """A token, the one to refresh it by, and after how many seconds to do so."""

    token: str
    refresh_token: str
    rotate_after: float


class Tokens:
    """Thread-safe; the clock counts seconds and can be handed in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.on = False
        self.seconds = 60.0
        self._clock = clock
        self._guard = threading.Lock()
        self._access: dict[str, tuple[float, str]] = {}
        self._refresh: dict[str, tuple[float, str]] = {}

    def switch(self, on: bool, seconds: float) -> None:
        """Every token given before is void."""
        with self._guard:
            self.on, self.seconds = on, seconds
            self._access.clear()
            self._refresh.clear()

    def grant(self, account: str) -> Grant:
        with self._guard:
            now = self._clock()
            self._access = {name: kept for name, kept in self._access.items() if kept[0] > now}
            self._refresh = {name: kept for name, kept in self._refresh.items() if kept[0] > now}
            grant = Grant(secrets.token_urlsafe(48), secrets.token_urlsafe(32), self.seconds)
            self._access[grant.token] = (now + self.seconds / REFRESHED_AT, account)
            self._refresh[grant.refresh_token] = (now + REFRESH_LIFE_SECONDS, account)
        return grant

    def refresh(self, refresh_token: str) -> Grant | None:
        """The next token; a refresh token is good more than once, for two windows may share it."""
        account = self._of(self._refresh, refresh_token)
        return self.grant(account) if account else None

    def account(self, token: str) -> str | None:
        """Whose access token it is, while it lives."""
        return self._of(self._access, token)

    def _of(self, kept: dict[str, tuple[float, str]], name: str) -> str | None:
        with self._guard:
            until, account = kept.get(name, (0.0, ""))
            return account if account and until > self._clock() else None
