"""Who may use our Cloud Connect: one name and one password, compared in constant time, with a brake on guessing."""

import hashlib
import hmac
from contextlib import ExitStack

from werkzeug.datastructures import Authorization

from foundation.brakes.sign_ins import unknown_user
from foundation.brakes.store import BrakeStore
from foundation.brakes.throttle import Lately, Limit, Throttle
from foundation.errors import PulseError

GUESSES_AN_ADDRESS = 10
GUESSES_OF_ALL = 60
ACCEPTED_SECONDS = 1800
# Together no more than so many in five minutes, and as many at once.
AN_ADDRESS = Limit(GUESSES_AN_ADDRESS, 30.0)
ALL_ADDRESSES = Limit(GUESSES_OF_ALL, 5.0)


class CredentialRequired(PulseError):
    status = 401
    code = "invalid_credentials"
    title = "Send the Cloud Connect administrator's name and password as HTTP Basic"


class TooManyGuesses(PulseError):
    status = 429
    code = "try_later"
    title = "Too many wrong passwords"
    permanent = False


class Gate:
    """Lets the administrator in. Who was let in from an address lately is not held up by anybody's guesses."""

    def __init__(self, name: str, password: str, store: BrakeStore, key: bytes) -> None:
        self._key = key
        self._name = name
        self._right = self._digest(name, password)
        self._lately = Lately(store, "cloud-connect-accepted", key, ACCEPTED_SECONDS)
        self._of_source = Throttle(store, "cloud-connect-source", key, AN_ADDRESS, _too_many)
        self._of_all = Throttle(store, "cloud-connect-all", key, ALL_ADDRESSES, _too_many)

    def check(self, credential: Authorization | None, source: str) -> None:
        """Raises CredentialRequired or TooManyGuesses for anyone else."""
        if credential is None or credential.type != "basic":
            raise CredentialRequired()
        digest = self._digest(credential.username or "", credential.password or "")
        is_right = hmac.compare_digest(digest, self._right)
        words = digest.hex(), source
        if is_right and self._lately.renew(*words):
            return
        with ExitStack() as places:
            taken = [places.enter_context(self._of_source.place(source)), places.enter_context(self._of_all.place(""))]
            if is_right:
                self._lately.remember(*words)
                return
            for place in taken:
                place.refused()
            self._lately.forget(*words)
        raise CredentialRequired()

    def shown(self, credential: Authorization | None) -> str:
        """Who asks, as the audit trail may show it."""
        name = (credential.username if credential and credential.type == "basic" else None) or ""
        return name if name == self._name else unknown_user(self._key, name)

    def _digest(self, name: str, password: str) -> bytes:
        """Of one length whatever was given, so that a comparison tells nothing of it."""
        return hmac.digest(self._key, f"{len(name)}:{name}{password}".encode("utf-8", "replace"), hashlib.sha256)


def _too_many(seconds: int) -> PulseError:
    return TooManyGuesses(retry_after=seconds)
