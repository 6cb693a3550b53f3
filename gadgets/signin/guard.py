"""Sessions of signed-in people: short tokens, and the guard that routes use."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import BearerTokenValidator, InvalidTokenError
from cachetools import LRUCache
from flask import Response, request
from typing_extensions import override

from foundation.errors import PulseError
from foundation.signed import SignedClaims, is_over
from gadgets.signin.person import Person

SESSION_SECONDS = 900
AUDIENCE = "gadgets"
VERIFIED_KEPT = 20_000

P = ParamSpec("P")
View = Callable[Concatenate[Person, P], Response]


class SessionRequired(PulseError):
    status = 401
    code = "session_required"
    title = "Sign in through POST /gadgets/session first"


class Sessions:
    """Issues and reads session tokens: JWTs of 15 minutes; the first key signs, all verify."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._signed = SignedClaims(keys, "session", AUDIENCE)
        self._verified: LRUCache[str, tuple[float, Person]] = LRUCache(VERIFIED_KEPT)
        self._lock = threading.Lock()

    def issue(self, person: Person) -> str:
        return self._signed.sign(person.claims(), SESSION_SECONDS)[0]

    def person(self, token: str) -> Person | None:
        """Whose token this is; None for one that is forged, expired or not ours."""
        with self._lock:
            known = self._verified.get(token)
        if known is None:
            known = self._verify(token)
        return None if known is None or is_over(known[0]) else known[1]

    def _verify(self, token: str) -> tuple[float, Person] | None:
        claims = self._signed.read(token)
        if claims is None:
            return None
        verified = float(claims["exp"]), Person.of_claims(claims)
        with self._lock:
            self._verified[token] = verified
        return verified


class SessionValidator(BearerTokenValidator):
    """What Authlib asks of us: the person of a bearer token."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__()
        self._sessions = sessions

    @override
    def authenticate_token(self, token_string: str) -> Person | None:
        return self._sessions.person(token_string)

    @override
    def validate_token(self, token: Person | None, scopes: object, request: object, **kwargs: object) -> None:
        if token is None:
            raise InvalidTokenError()


class Guard(ResourceProtector):
    """Authlib's protector of routes; `signed_in` hands a route its Person as the first argument."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__()
        self.register_token_validator(SessionValidator(sessions))

    @override
    def acquire_token(self, scopes: object = None, **kwargs: object) -> Person:
        """Authlib's own, but for the copy of the request: only its Authorization header is of use here."""
        person: Person = self.validate_request(scopes, request, **kwargs)
        return person

    def person(self) -> Person:
        """Who is signed in. Raises SessionRequired."""
        try:
            return self.acquire_token()
        except OAuth2Error as error:
            raise SessionRequired() from error

    def signed_in(self, view: View[P]) -> Callable[P, Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            return view(self.person(), *args, **kwargs)

        return guarded
