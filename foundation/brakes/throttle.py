"""Brakes on guessing: so many refusals at once, then one in some seconds. What is accepted costs nothing.

A place is taken before a guess is judged, and given back unless it was refused: guesses that are made at the same
moment get no further than those made one after another.
"""

import math
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from foundation.brakes.store import BrakeStore, Change, Document, bucket, fingerprint
from foundation.errors import PulseError

# How long a place can be held by one whose process has ended meanwhile.
LEASE_SECONDS = 20.0
PATIENCE_SECONDS = 3.0
POLL_SECONDS = 0.01


class TooManyRefusals(PulseError):
    status = 429
    code = "try_later"
    title = "Too many refused sign-ins from this address"
    permanent = False


@dataclass(frozen=True, slots=True)
class Limit:
    """`places` refusals at once; `seconds` after each one of them is forgotten."""

    places: int
    seconds: float


@dataclass(slots=True)
class Level:
    """How many refusals count now, and the places that are held: seconds left by the holder's id."""

    refusals: float
    held: dict[str, float]

    @classmethod
    def load(cls, document: Document, elapsed: float, limit: Limit) -> "Level":
        refusals, held = document or (0.0, {})
        left = {holder: seconds - elapsed for holder, seconds in held.items() if seconds > elapsed}
        return cls(max(0.0, refusals - elapsed / limit.seconds), left)

    def dump(self) -> Document:
        return [self.refusals, self.held]


class Place:
    """A place in a throttle; `refused` keeps it taken."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(6)
        self.is_refused = False
        self.is_accepted = False

    def refused(self) -> None:
        self.is_refused = True

    def accepted(self) -> None:
        """One who is known came from there: a refusal from there is forgiven."""
        self.is_accepted = True


class Throttle:
    """One brake for each subject: an address, a name, or all of them."""

    def __init__(
        self, store: BrakeStore, name: str, key: bytes, limit: Limit, error: Callable[[int], PulseError] | None = None
    ) -> None:
        self._store = store
        self._name = name
        self._key = key
        self._limit = limit
        self._seconds = math.ceil(limit.places * limit.seconds + LEASE_SECONDS)
        self._error = error or _too_many

    @contextmanager
    def place(self, subject: str) -> Iterator[Place]:
        """A place for one guess. Where guesses under way hold the last ones, their end is waited for."""
        key = f"{self._name}:{bucket(self._key, self._name, subject)}"
        place, deadline = Place(), time.monotonic() + PATIENCE_SECONDS
        while wait := self._store.update(key, self._seconds, lambda *document: self._take(place, *document)):
            if wait > 0 or time.monotonic() > deadline:
                raise self._error(max(1, math.ceil(wait)))
            time.sleep(POLL_SECONDS)
        try:
            yield place
        finally:
            self._store.update(key, self._seconds, lambda *document: self._settle(place, *document))

    def _take(self, place: Place, document: Document, elapsed: float) -> tuple[Document, float]:
        """0.0: taken; -1.0: held by others, who may give it back; else the seconds until a refusal is forgotten."""
        level, places = Level.load(document, elapsed, self._limit), self._limit.places
        if level.refusals + 1 > places:
            return None, (level.refusals + 1 - places) * self._limit.seconds
        if level.refusals + len(level.held) + 1 > places:
            return None, -1.0
        level.held[place.id] = LEASE_SECONDS
        return level.dump(), 0.0

    def _settle(self, place: Place, document: Document, elapsed: float) -> tuple[Document, None]:
        level = Level.load(document, elapsed, self._limit)
        level.held.pop(place.id, None)
        if place.is_refused:
            level.refusals += 1
        elif place.is_accepted:
            level.refusals = max(0.0, level.refusals - 1)
        return level.dump(), None


def _too_many(seconds: int) -> PulseError:
    return TooManyRefusals("Wait, then sign in again.", retry_after=seconds)


class Lately:
    """Credentials that were accepted from a source a short time ago: others' guesses do not hold them up.

    Only from that source: else whoever guesses would learn which guess is right from an open brake.
    """

    def __init__(self, store: BrakeStore, name: str, key: bytes, seconds: int) -> None:
        self._store = store
        self._name = name
        self._key = key
        self._seconds = seconds

    def renew(self, *words: str) -> bool:
        """Whether it was accepted lately; if so, its time begins anew."""
        return self._change(words, lambda document, _: (True, True) if document else (None, False))

    def remember(self, *words: str) -> None:
        self._change(words, lambda *_: (True, True))

    def forget(self, *words: str) -> None:
        self._change(words, lambda document, _: (False if document else None, False))

    def _change(self, words: tuple[str, ...], change: Change[bool]) -> bool:
        key = f"{self._name}:{fingerprint(self._key, self._name, *words)}"
        return self._store.update(key, self._seconds, change)
