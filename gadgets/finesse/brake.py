"""The brake that keeps Finesse accounts from being locked: few refusals reach Finesse, from all nodes together.

Each attempt asks three brakes, and gives back what it took unless Finesse refused it:

1. its account's (`refusals`), under whatever name. Only the account of a Basic credential's own name can be locked by
   it; the user that a request names beside it is not held to account. A Bearer can lock nobody, and is only remembered.
2. where nobody has signed in with the name, what all such names share (`newcomers`).
3. its source's, over all accounts: many names from one address are slowed.

An exempt attempt asks the first alone. Where the store does not answer, nothing is sent to Finesse.

What is left to strangers: from one source two wrong passwords an account, then one in half an hour; from several three,
then one in half an hour, and so long as they go on nobody can sign in to that account from a source where its password
was not accepted in the last half hour. Each acceptance begins anew.
"""

import math
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from foundation.brakes.store import BrakeStore, bucket, fingerprint
from foundation.brakes.throttle import Limit, Place, Throttle, TooManyRefusals
from foundation.errors import PulseError
from gadgets.finesse import newcomers, refusals
from gadgets.finesse.accounts import Account
from gadgets.finesse.credentials import Credential, InvalidCredentials
from gadgets.finesse.newcomers import Extras
from gadgets.finesse.refusals import Judgement, Refusals, Verdict

REMEMBERED_SECONDS = 86_400
PATIENCE_SECONDS = 6.0
POLL_SECONDS = 0.01
SOURCE_LIMIT = Limit(places=30, seconds=10.0)


class TryLater(PulseError):
    status = 429
    code = "try_later"
    title = "Too many refused sign-ins for this user"
    permanent = False


@dataclass(frozen=True, slots=True)
class Case:
    """Who asks for whom, in fingerprints: `turn` is None for a Bearer, `newcomer` for a name that is known."""

    key: str
    password: str
    source: str
    turn: float | None
    newcomer: str | None


class Attempt:
    """One credential on its way to Finesse. What it took is free again at the end, unless Finesse refused it."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(6)
        self.is_accepted = False
        self.is_refused = False
        self.place: Place | None = None

    def accepted(self) -> None:
        """Finesse knew the credential: for half an hour it is exempt where it came from."""
        self.is_accepted = True
        if self.place:
            self.place.accepted()

    def refused(self) -> None:
        """Finesse refused it: it is not sent again for five minutes, and its place stays taken."""
        self.is_refused = True
        if self.place:
            self.place.refused()


class Brake:
    """Remembers, as fingerprints, what Finesse accepted and refused."""

    def __init__(self, store: BrakeStore, key: bytes) -> None:
        self._store = store
        self._key = key
        self._throttle = Throttle(store, "finesse-source", key, SOURCE_LIMIT, _source_is_braked)

    @contextmanager
    def attempt(self, account: Account, credential: Credential, source: str) -> Iterator[Attempt]:
        """Leave to ask Finesse once.

        InvalidCredentials where Finesse refused the same password in the last five minutes; TryLater and
        TooManyRefusals without a place.
        """
        attempt, case = Attempt(), self._case(account, credential, source)
        judgement = self._wait_for(attempt, case)
        try:
            with ExitStack() as places:
                if judgement.verdict is Verdict.ASK:
                    self._take_extra(attempt, case, judgement)
                    attempt.place = places.enter_context(self._throttle.place(source))
                yield attempt
        finally:
            self._settle(attempt, case)

    def accept(self, account: Account, credential: Credential, source: str) -> None:
        """Finesse accepted the credential, and said only then whose it is."""
        attempt = Attempt()
        attempt.accepted()
        self._settle(attempt, self._case(account, credential, source))

    def fingerprint(self, cluster: str, credential: Credential, *names: str) -> str:
        """A fingerprint that holds neither name nor password."""
        return fingerprint(self._key, cluster, credential.header, *names)

    def _case(self, account: Account, credential: Credential, source: str) -> Case:
        who = (account.cluster, account.name)
        password = fingerprint(self._key, *who, str(credential.name is None), credential.secret)
        origin = fingerprint(self._key, "source", source)
        if credential.name is None:
            return Case(f"bearer:{bucket(self._key, password)}", password, origin, None, None)
        if account.is_known:
            return Case(f"account:{fingerprint(self._key, *who)}", password, origin, refusals.TURN_SECONDS, None)
        name = bucket(self._key, *who)
        return Case(f"name:{name}", password, origin, newcomers.TURN_SECONDS, f"extra:{account.cluster}")

    def _wait_for(self, attempt: Attempt, case: Case) -> Judgement:
        """Hold a place. While the same password is on its way, what becomes of it is waited for."""

        def judge(document: object, elapsed: float) -> tuple[object, Judgement]:
            state = Refusals.load(document, elapsed)
            judgement = state.judge(case.password, case.source, is_counted=case.turn is not None)
            if judgement.verdict not in {Verdict.ASK, Verdict.EXEMPT}:
                return None, judgement
            state.hold(attempt.id, case.password, case.source, judgement.verdict is Verdict.EXEMPT)
            return state.dump(), judgement

        deadline = time.monotonic() + PATIENCE_SECONDS
        while (judgement := self._store.update(case.key, REMEMBERED_SECONDS, judge)).verdict is Verdict.WAIT:
            if time.monotonic() > deadline:
                raise _try_later(0.0)
            time.sleep(POLL_SECONDS)
        if judgement.verdict is Verdict.REFUSED:
            raise InvalidCredentials()
        if judgement.verdict is Verdict.LATER:
            raise _try_later(judgement.seconds)
        return judgement

    def _take_extra(self, attempt: Attempt, case: Case, judgement: Judgement) -> None:
        """An extra place, where the name is one with which nobody has signed in."""
        if not case.newcomer or not judgement.is_extra:
            return

        def take(document: object, elapsed: float) -> tuple[object, bool]:
            extras = Extras.load(document, elapsed)
            is_taken = extras.take(attempt.id, case.key, case.source, is_second=judgement.is_second)
            return (extras.dump() if is_taken else None), is_taken

        if not self._store.update(case.newcomer, REMEMBERED_SECONDS, take):
            raise _try_later(judgement.seconds)

    def _settle(self, attempt: Attempt, case: Case) -> None:
        def settle(document: object, elapsed: float) -> tuple[object, None]:
            state = Refusals.load(document, elapsed)
            if attempt.is_refused:
                state.refuse(attempt.id, case.password, case.source, turn=case.turn)
            elif attempt.is_accepted:
                state.accept(attempt.id, case.password, case.source)
            else:
                state.release(attempt.id)
            return state.dump(), None

        def settle_extra(document: object, elapsed: float) -> tuple[object, None]:
            extras = Extras.load(document, elapsed)
            if attempt.is_accepted:
                extras.forget(case.key)
            else:
                extras.release(attempt.id)
            return (extras.dump() if document else None), None

        self._store.update(case.key, REMEMBERED_SECONDS, settle)
        if case.newcomer and not attempt.is_refused:
            self._store.update(case.newcomer, REMEMBERED_SECONDS, settle_extra)


def _try_later(seconds: float) -> TryLater:
    return TryLater("Wait, then sign in to Finesse again.", retry_after=max(1, math.ceil(seconds)))


def _source_is_braked(seconds: int) -> PulseError:
    return TooManyRefusals("Wait, then sign in to Finesse again.", retry_after=seconds)
