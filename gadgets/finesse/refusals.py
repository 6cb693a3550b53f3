"""What Finesse refused and accepted of one account, and whether it may be asked once more; pure.

Finesse locks an account at the fifth wrong password in a row (docs/cisco/finesse.md §5.2). So refusals have three
places. They stay taken until a password is accepted; after the third, one more is asked every half hour.

- A source may take two of the three, then one in half an hour, which does not take the third: the third is there for
  somebody else, at any time. So one stranger, however patient, keeps nobody out.
- Where several sources have taken all three, who asked last waits twice as long as all others: again nobody can take
  every turn alone.
- A password that was accepted from a source in the last half hour is exempt there. Only there: to a guesser who finds
  all places taken, an exempt password would be the one that is not answered "try later".
- A password is on its way once. Others who carry it wait for what becomes of it: so the first refusal ends the
  exemption before the second request is made.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Self

PLACES = 3
PLACES_A_SOURCE = 2
WAIT_SECONDS = 1800.0
ACCEPTED_SECONDS = 1800.0
REFUSED_SECONDS = 300.0
# Longer than Finesse has for an answer: a place that is held by a process which ended is free again after it.
LEASE_SECONDS = 20.0
SOURCES_A_PASSWORD = 8
PASSWORDS_AN_ACCOUNT = 8
REFUSED_AN_ACCOUNT = 50


class Verdict(Enum):
    """What becomes of an attempt."""

    ASK = "ask"
    EXEMPT = "exempt"
    WAIT = "wait"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`seconds` to wait before LATER may be otherwise. `is_extra`: a place beyond the account's first.

    `is_second`: the source has one already.
    """

    verdict: Verdict
    seconds: float = 0.0
    is_extra: bool = False
    is_second: bool = False


@dataclass(slots=True)
class Source:
    """Places that a source has taken, and the seconds until it may try again once they are used up."""

    places: int = 0
    wait: float = 0.0


@dataclass(slots=True)
class Held:
    """An attempt under way; an exempt one holds no place."""

    password: str
    source: str
    is_exempt: bool
    left: float

    def aged(self, elapsed: float) -> Self:
        return type(self)(self.password, self.source, self.is_exempt, self.left - elapsed)


@dataclass(slots=True)
class Refusals:
    """All of one account. Every name and password stands here as a fingerprint, every time as seconds that are left."""

    count: int = 0
    wait: float = 0.0
    sources: dict[str, Source] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    accepted: dict[str, dict[str, float]] = field(default_factory=dict)
    refused: dict[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, document: Any, elapsed: float) -> Self:
        """As it stands `elapsed` seconds after it was written."""
        if document is None:
            return cls()
        count, wait, sources, under_way, accepted, refused = document
        exempt = {password: _aged(by_source, elapsed) for password, by_source in accepted.items()}
        return cls(
            count,
            max(0.0, wait - elapsed),
            {name: Source(places, max(0.0, wait - elapsed)) for name, (places, wait) in sources.items()},
            {name: held for name, facts in under_way.items() if (held := Held(*facts).aged(elapsed)).left > 0},
            {password: by_source for password, by_source in exempt.items() if by_source},
            _aged(refused, elapsed),
        )

    def dump(self) -> Any:
        sources = {
            name: [source.places, source.wait] for name, source in self.sources.items() if source.places or source.wait
        }
        under_way = {
            attempt: [held.password, held.source, held.is_exempt, held.left] for attempt, held in self.held.items()
        }
        return [self.count, self.wait, sources, under_way, self.accepted, self.refused]

    def judge(self, password: str, source: str, *, is_counted: bool = True) -> Judgement:
        """Whether this attempt may be made now. What is not counted (a Bearer) needs no place."""
        if password in self.refused:
            return Judgement(Verdict.REFUSED)
        if source in self.accepted.get(password, {}):
            judgement = Judgement(Verdict.EXEMPT)
        else:
            judgement = self._place(source) if is_counted else Judgement(Verdict.ASK)
        is_under_way = any(held.password == password for held in self.held.values())
        if is_under_way and judgement.verdict is not Verdict.LATER:
            return Judgement(Verdict.WAIT)
        return judgement

    def _place(self, source: str) -> Judgement:
        mine = self.sources.get(source, Source())
        held = [attempt.source for attempt in self.held.values() if not attempt.is_exempt]
        under_way = held.count(source)
        if mine.wait > 0:
            return Judgement(Verdict.LATER, mine.wait)
        ordinal = self.count + len(held)
        is_due = self.wait <= 0 and not held
        if mine.places + under_way < PLACES_A_SOURCE and ordinal < PLACES:
            is_extra = ordinal > 0 and not is_due
            return Judgement(Verdict.ASK, self.wait, is_extra, is_extra and mine.places + under_way > 0)
        if is_due:
            return Judgement(Verdict.ASK)
        return Judgement(Verdict.LATER, self.wait if self.count >= PLACES else 0.0)

    def hold(self, attempt: str, password: str, source: str, is_exempt: bool) -> None:
        self.held[attempt] = Held(password, source, is_exempt, LEASE_SECONDS)

    def release(self, attempt: str) -> None:
        """Neither accepted nor refused: the place is free again."""
        self.held.pop(attempt, None)

    def accept(self, attempt: str, password: str, source: str) -> None:
        """Finesse counts from zero again, and so do we. A source that had used its places up still waits its time."""
        held = self.held.pop(attempt, None)
        self.count, self.wait = 0, 0.0
        for source_state in self.sources.values():
            source_state.places = 0
        if held is None or not held.is_exempt:
            self.sources.pop(source, None)
        by_source = self.accepted.pop(password, {})
        by_source.pop(source, None)
        self.accepted[password] = _newest(by_source, SOURCES_A_PASSWORD - 1) | {source: ACCEPTED_SECONDS}
        for old in list(self.accepted)[:-PASSWORDS_AN_ACCOUNT]:
            del self.accepted[old]

    def refuse(self, attempt: str, password: str, source: str, *, wait: float | None = WAIT_SECONDS) -> None:
        """One refusal more, at Finesse and here. Without a wait it is remembered, and not counted."""
        held = self.held.pop(attempt, None)
        self.accepted.pop(password, None)
        self.refused = _newest(self.refused, REFUSED_AN_ACCOUNT - 1) | {password: REFUSED_SECONDS}
        if wait is not None:
            self._count(source, wait, is_exempt=held is not None and held.is_exempt)

    def _count(self, source: str, wait: float, *, is_exempt: bool) -> None:
        mine = self.sources.setdefault(source, Source())
        was_full = self.count >= PLACES
        if mine.places < PLACES_A_SOURCE or is_exempt:
            self.count = min(PLACES, self.count + 1)
        mine.places = min(PLACES_A_SOURCE, mine.places + 1)
        if was_full:
            mine.wait = 2 * wait
        elif mine.places >= PLACES_A_SOURCE:
            mine.wait = wait
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Case:
    """Who asks for whom, in fingerprints: one attempt of a password from a source.

    `wait_seconds` is None for a Bearer.

    Each of its methods is a change of the account's document, for a `BrakeStore`.
    """

    attempt: str
    key: str
    password: str
    source: str
    wait_seconds: float | None

    def begin(self, document: Any, elapsed: float) -> tuple[Any, Judgement]:
        """Hold a place, where the attempt may be made now."""
        state = Refusals.load(document, elapsed)
        judgement = state.judge(self.password, self.source, is_counted=self.wait_seconds is not None)
        if judgement.verdict not in {Verdict.ASK, Verdict.EXEMPT}:
            return None, judgement
        state.hold(self.attempt, self.password, self.source, judgement.verdict is Verdict.EXEMPT)
        return state.dump(), judgement

    def accept(self, document: Any, elapsed: float) -> tuple[Any, None]:
        state = Refusals.load(document, elapsed)
        state.accept(self.attempt, self.password, self.source)
        return state.dump(), None

    def refuse(self, document: Any, elapsed: float) -> tuple[Any, None]:
        state = Refusals.load(document, elapsed)
        state.refuse(self.attempt, self.password, self.source, wait=self.wait_seconds)
        return state.dump(), None

    def release(self, document: Any, elapsed: float) -> tuple[Any, None]:
        state = Refusals.load(document, elapsed)
        state.release(self.attempt)
        return state.dump(), None


def _aged(seconds: dict[str, float], elapsed: float) -> dict[str, float]:
    return {name: left - elapsed for name, left in seconds.items() if left > elapsed}


def _newest(seconds: dict[str, float], most: int) -> dict[str, float]:
    return dict(list(seconds.items())[-most:])
