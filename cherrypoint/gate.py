"""Who may use our Cloud Connect: one name and one password, compared in constant time, with a brake on guessing."""

import hashlib
import hmac
import os

import structlog
from werkzeug.datastructures import Authorization

from foundation.cache import Cache
from foundation.errors import PulseError

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 300
GUESSES_AN_ADDRESS = 10
GUESSES_OF_ALL = 60
ACCEPTED_SECONDS = 1800


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
    """Lets the administrator in. Who was let in from an address lately is not held up by others' guesses."""

    def __init__(self, name: str, password: str, cache: Cache) -> None:
        self._salt = os.urandom(16)
        self._right = self._digest(name, password)
        self._cache = cache

    def check(self, credential: Authorization | None, address: str) -> None:
        """Raises CredentialRequired or TooManyGuesses for anyone else."""
        is_right = self._is_right(credential)
        is_known = self._cache.get(f"cc-accepted:{address}") is not None
        if is_right and is_known:
            return
        if self._is_full(f"cc-guess:{address}", GUESSES_AN_ADDRESS) or self._is_full("cc-guess", GUESSES_OF_ALL):
            raise TooManyGuesses(retry_after=WINDOW_SECONDS)
        if is_right:
            self._cache.set(f"cc-accepted:{address}", 1, ACCEPTED_SECONDS)
            return
        if credential is not None:
            self._count(f"cc-guess:{address}", GUESSES_AN_ADDRESS)
            self._count("cc-guess", GUESSES_OF_ALL)
            log.warning("wrong_password", face="cherrypoint", address=address)
        raise CredentialRequired()

    def _is_right(self, credential: Authorization | None) -> bool:
        name = credential.username if credential and credential.type == "basic" else None
        given = self._digest(name or "", (credential.password if credential else None) or "")
        return hmac.compare_digest(given, self._right) and name is not None

    def _digest(self, name: str, password: str) -> bytes:
        """Of one length whatever was given, so that a comparison tells nothing of it."""
        return hmac.digest(self._salt, f"{len(name)}:{name}{password}".encode("utf-8", "replace"), hashlib.sha256)

    def _is_full(self, prefix: str, places: int) -> bool:
        """Places are taken in order, so the last one tells."""
        return self._cache.get(f"{prefix}:{places - 1}") is not None

    def _count(self, prefix: str, places: int) -> None:
        names = (f"{prefix}:{place}" for place in range(places))
        next((name for name in names if self._cache.add(name, 1, WINDOW_SECONDS)), None)
