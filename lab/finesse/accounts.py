"""Who asks: passwords with their lock-out after five wrong ones, and Bearer tokens while single sign-on is on."""

import base64
import binascii
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from lab.finesse.sso import Tokens
from lab.people import cast

WRONG_BEFORE_LOCK = 5  # docs/cisco/finesse.md §5.2
LOCK_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one Authorization header; `account` is set only where the password was right and the door open."""

    account: str | None
    claimed: str
    locked: bool = False

    @property
    def person(self) -> cast.Person | None:
        return cast.find(self.account) if self.account else None

    @property
    def is_administrator(self) -> bool:
        return self.account == cast.ADMINISTRATOR


NOBODY = Verdict(None, "")


@dataclass(slots=True)
class _Record:
    wrong: int = 0
    locked_until: float = 0.0


class Accounts:
    """Thread-safe; the clock counts seconds and can be handed in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._records: dict[str, _Record] = {}
        self.tokens = Tokens(clock)

    def check(self, header: str | None) -> Verdict:
        """Judge `Basic base64(name:password)`; with single sign-on `Bearer token`, and Basic of administrators alone.

        Anything else is nobody and counts against no one.
        """
        name, _ = _basic(header)
        if not self.tokens.on or name == cast.ADMINISTRATOR:
            return self.check_password(header)
        scheme, _, token = (header or "").partition(" ")
        account = self.tokens.account(token.strip()) if scheme.lower() == "bearer" else None
        return Verdict(account, account) if account else Verdict(None, _account(name) or "")

    def check_password(self, header: str | None) -> Verdict:
        """As the page of the identity provider does, whatever is on."""
        name, password = _basic(header)
        account = _account(name)
        if account is None:
            return NOBODY
        right = password == cast.EVERYONES_WORD
        if right and account not in self._records:
            return Verdict(account, account)
        return self._weigh(account, right)

    def _weigh(self, account: str, right: bool) -> Verdict:
        with self._guard:
            record = self._records.setdefault(account, _Record())
            if self._clock() < record.locked_until:
                record.locked_until = self._clock() + LOCK_SECONDS
                return Verdict(None, account, locked=True)
            if right:
                del self._records[account]
                return Verdict(account, account)
            record.wrong = record.wrong % WRONG_BEFORE_LOCK + 1
            if record.wrong == WRONG_BEFORE_LOCK:
                record.locked_until = self._clock() + LOCK_SECONDS
            return Verdict(None, account, locked=record.wrong == WRONG_BEFORE_LOCK)

    def unlock_all(self) -> None:
        with self._guard:
            self._records.clear()


def _account(name: str) -> str | None:
    if name == cast.ADMINISTRATOR:
        return name
    person = cast.find(name)
    return person.id if person else None


def _basic(header: str | None) -> tuple[str, str]:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
