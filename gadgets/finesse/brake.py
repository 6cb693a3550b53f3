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
from functools import partial

from foundation.brakes.store import BrakeStore, bucket, fingerprint
from foundation.brakes.throttle import Limit, Place, Throttle, TooManyRefusals
from foundation.errors import PulseError
from gadgets.finesse import newcomers, refusals
from gadgets.finesse.accounts import Account
from gadgets.finesse.credentials import Credential, InvalidCredentials
from gadgets.finesse.newcomers import Newcomer
from gadgets.finesse.refusals import Case, Judgement, Verdict

REMEMBERED_SECONDS = 86_400
PATIENCE_SECONDS = 6.0
POLL_SECONDS = 0.01
SOURCE_LIMIT = Limit(places=30, seconds=10.0)


class TryLater(PulseError):
    status = 429
    code = "try_later"
    title = "Too many refused sign-ins for this user"
    permanent = False


@dataclass(slots=True)
class Attempt:
    """One credential on its way to Finesse. What it took is free again at the end, unless Finesse refused it."""

    is_accepted: bool = False
    is_refused: bool = False
    place: Place | None = None

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
        case, newcomer, judgement = self._begin(account, credential, source)
        attempt = Attempt()
        try:
            with ExitStack() as places:
                if judgement.verdict is Verdict.ASK:
                    if newcomer and judgement.is_extra:
                        self._take_extra(newcomer, judgement)
                    attempt.place = places.enter_context(self._throttle.place(source))
                yield attempt
        finally:
            self._settle(attempt, case, newcomer)

    def accept(self, account: Account, credential: Credential, source: str) -> None:
        """Finesse accepted the credential, and said only then whose it is."""
        self._settle(Attempt(is_accepted=True), *self._case(account, credential, source))

    def fingerprint(self, cluster: str, credential: Credential, *names: str) -> str:
        """A fingerprint that holds neither name nor password."""
        return fingerprint(self._key, cluster, credential.header, *names)

    def _case(self, account: Account, credential: Credential, source: str) -> tuple[Case, Newcomer | None]:
        """The attempt in fingerprints; a Newcomer too where nobody has signed in with the name."""
        attempt, who = secrets.token_hex(6), (account.cluster, account.name)
        password = fingerprint(self._key, *who, str(credential.name is None), credential.secret)
        origin = fingerprint(self._key, "source", source)
        if credential.name is None:
            return Case(attempt, f"bearer:{bucket(self._key, password)}", password, origin, None), None
        if account.is_known:
            key = f"account:{fingerprint(self._key, *who)}"
            return Case(attempt, key, password, origin, refusals.WAIT_SECONDS), None
        key = f"name:{bucket(self._key, *who)}"
        newcomer = Newcomer(f"extra:{account.cluster}", attempt, key, origin)
        return Case(attempt, key, password, origin, newcomers.WAIT_SECONDS), newcomer

    def _begin(self, account: Account, credential: Credential, source: str) -> tuple[Case, Newcomer | None, Judgement]:
        """Hold a place. While the same password is on its way, what becomes of it is waited for."""
        case, newcomer = self._case(account, credential, source)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (judgement := self._store.update(case.key, REMEMBERED_SECONDS, case.begin)).verdict is Verdict.WAIT:
            if time.monotonic() > deadline:
                raise _try_later(0.0)
            time.sleep(POLL_SECONDS)
        if judgement.verdict is Verdict.REFUSED:
            raise InvalidCredentials()
        if judgement.verdict is Verdict.LATER:
            raise _try_later(judgement.seconds)
        return case, newcomer, judgement

    def _take_extra(self, newcomer: Newcomer, judgement: Judgement) -> None:
        take = partial(newcomer.take, judgement.is_second)
        if not self._store.update(newcomer.cluster, REMEMBERED_SECONDS, take):
            raise _try_later(judgement.seconds)

    def _settle(self, attempt: Attempt, case: Case, newcomer: Newcomer | None) -> None:
        """Note what became of it."""
        settle = case.refuse if attempt.is_refused else case.accept if attempt.is_accepted else case.release
        self._store.update(case.key, REMEMBERED_SECONDS, settle)
        if newcomer and not attempt.is_refused:
            settle = newcomer.accept if attempt.is_accepted else newcomer.release
            self._store.update(newcomer.cluster, REMEMBERED_SECONDS, settle)


def _try_later(seconds: float) -> TryLater:
    return TryLater("Wait, then sign in to Finesse again.", retry_after=max(1, math.ceil(seconds)))


def _source_is_braked(seconds: int) -> PulseError:
    return TooManyRefusals("Wait, then sign in to Finesse again.", retry_after=seconds)
