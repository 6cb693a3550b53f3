"""The brake that keeps Finesse accounts from being locked: few refusals reach Finesse, from all nodes together.

Finesse locks an agent out for five minutes after five wrong passwords in a row (contract/finesse.md §4.5).
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from foundation.cache import Cache
from foundation.errors import PulseError
from gadgets.credentials import Credential, InvalidCredentials

WINDOW_SECONDS = 300
REFUSALS_ALLOWED = 3
ACCEPTED_SECONDS = 1800


class TryLater(PulseError):
    status = 429
    code = "try_later"
    title = "Too many refused sign-ins for this user"
    permanent = False


class Attempt:
    """One credential on its way to Finesse. Its slots are free again at the end, unless Finesse refused it."""

    def __init__(
        self, cache: Cache, accepted: str, refused: str, slots: tuple[str, ...], count: Callable[[], object]
    ) -> None:
        self._cache = cache
        self._accepted = accepted
        self._refused = refused
        self._slots = slots
        self._count = count

    def accepted(self) -> None:
        """Finesse knew the credential: for half an hour it needs no slot."""
        if self._slots:
            self._cache.set(self._accepted, 1, ACCEPTED_SECONDS)

    def refused(self) -> None:
        """Finesse refused it: it is not sent again for five minutes, and its slots stay taken as long."""
        self._cache.delete(self._accepted)
        self._cache.set(self._refused, 1, WINDOW_SECONDS)
        if not self._slots:
            # It was exempt and has been changed since: Finesse counts this refusal like any other.
            self._count()
        self._slots = ()

    def end(self) -> None:
        for slot in self._slots:
            self._cache.delete(slot)


class Brake:
    """Remembers, under an HMAC, what Finesse accepted and refused; hands out three slots a user in five minutes."""

    def __init__(self, cache: Cache, key: bytes) -> None:
        self._cache = cache
        self._key = key

    @contextmanager
    def attempt(self, cluster: str, subjects: frozenset[str], credential: Credential) -> Iterator[Attempt]:
        """Leave to ask Finesse once. Every name in `subjects` could be locked by it, so each must have a slot left.

        InvalidCredentials where Finesse refused the same one in the last five minutes; TryLater without a slot.
        """
        accepted = f"accepted:{self.fingerprint(cluster, credential, *sorted(subjects))}"
        refused = f"refused:{self.fingerprint(cluster, credential, *([] if credential.name else sorted(subjects)))}"
        if self._cache.get(refused) is not None:
            raise InvalidCredentials()
        exempt = self._cache.get(accepted) is not None
        slots = () if exempt else self._take_slots(cluster, subjects)
        attempt = Attempt(self._cache, accepted, refused, slots, lambda: self._count(cluster, subjects))
        try:
            yield attempt
        finally:
            attempt.end()

    def _count(self, cluster: str, subjects: frozenset[str]) -> None:
        """Take a slot for each subject that has one left."""
        for subject in subjects:
            self._take_slot(self._slots_of(cluster, subject))

    def _slots_of(self, cluster: str, subject: str) -> str:
        return f"slot:{self.fingerprint(cluster, None, subject)}"

    def _take_slots(self, cluster: str, subjects: frozenset[str]) -> tuple[str, ...]:
        taken: list[str] = []
        for subject in sorted(subjects):
            slot = self._take_slot(self._slots_of(cluster, subject))
            if slot is None:
                for held in taken:
                    self._cache.delete(held)
                raise TryLater("Wait, then sign in to Finesse again.", retry_after=self._wait(cluster, subject))
            taken.append(slot)
        return tuple(taken)

    def _take_slot(self, prefix: str) -> str | None:
        until = int(time.time()) + WINDOW_SECONDS
        names = (f"{prefix}:{place}" for place in range(REFUSALS_ALLOWED))
        return next((name for name in names if self._cache.add(name, until, WINDOW_SECONDS)), None)

    def _wait(self, cluster: str, subject: str) -> int:
        """Seconds until the first slot is free again."""
        prefix = self._slots_of(cluster, subject)
        ends = [self._cache.get(f"{prefix}:{place}") for place in range(REFUSALS_ALLOWED)]
        return max(1, min((int(end) for end in ends if end is not None), default=0) - int(time.time()))

    def fingerprint(self, cluster: str, credential: Credential | None, *names: str) -> str:
        """A fingerprint that holds neither name nor password."""
        text = "\0".join((cluster, credential.header if credential else "", *names))
        return hmac.digest(self._key, text.encode(), hashlib.sha256).hex()[:40]
