"""Places of names with which nobody has signed in here; pure.

Two such names may be the login id and the login name of one account, and only Finesse knows. Three places each would
make six refusals, and Finesse locks at the fifth. So a name has its first place of its own; the second and the third
are extra, and all such names of a cluster share them: any two names have four places together, however they are named.

A source has a second place for one such name at a time. So one stranger cannot use up, with names of his own making,
what somebody who signs in for the first time needs.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

# Any two names: one place each, and so many extra ones together.
EXTRA_OF_TWO = 2
EXTRA_SECONDS = 86_400.0
MOST_EXTRA = 200
# Each of the two names has its own turns: together one in half an hour.
WAIT_SECONDS = 3600.0


@dataclass(slots=True)
class Extra:
    """An extra place: of which name, which source took it, whether as its second, and the seconds it is left."""

    name: str
    source: str
    is_second: bool
    left: float = EXTRA_SECONDS


@dataclass(slots=True)
class Extras:
    """The extra places of a cluster, by the attempt that took each."""

    places: dict[str, Extra] = field(default_factory=dict)

    @classmethod
    def load(cls, document: Any, elapsed: float) -> Self:
        places = {attempt: Extra(*facts) for attempt, facts in (document or {}).items()}
        for place in places.values():
            place.left -= elapsed
        return cls({attempt: place for attempt, place in places.items() if place.left > 0})

    def dump(self) -> Any:
        return {
            attempt: [place.name, place.source, place.is_second, place.left] for attempt, place in self.places.items()
        }

    def take(self, attempt: str, name: str, source: str, *, is_second: bool) -> bool:
        """Whether there is one for this name and this source; where too many are taken there is none for anybody."""
        by_name = Counter(place.name for place in self.places.values())
        of_another = max((count for other, count in by_name.items() if other != name), default=0)
        has_second = any(
            place.is_second and place.source == source and place.name != name for place in self.places.values()
        )
        if len(self.places) >= MOST_EXTRA or by_name[name] + 1 + of_another > EXTRA_OF_TWO:
            return False
        if is_second and has_second:
            return False
        self.places[attempt] = Extra(name, source, is_second)
        return True

    def release(self, attempt: str) -> None:
        self.places.pop(attempt, None)

    def forget(self, name: str) -> None:
        """A password of this name was accepted: Finesse counts from zero again."""
        self.places = {attempt: place for attempt, place in self.places.items() if place.name != name}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An attempt for such a name, in fingerprints. Its methods are changes of the cluster's document."""

    cluster: str
    attempt: str
    name: str
    source: str

    def take(self, is_second: bool, document: Any, elapsed: float) -> tuple[Any, bool]:
        """Whether there was an extra place."""
        extras = Extras.load(document, elapsed)
        is_taken = extras.take(self.attempt, self.name, self.source, is_second=is_second)
        return (extras.dump() if is_taken else None), is_taken

    def accept(self, document: Any, elapsed: float) -> tuple[Any, None]:
        extras = Extras.load(document, elapsed)
        extras.forget(self.name)
        return (extras.dump() if document else None), None

    def release(self, document: Any, elapsed: float) -> tuple[Any, None]:
        extras = Extras.load(document, elapsed)
        extras.release(self.attempt)
        return (extras.dump() if document else None), None
