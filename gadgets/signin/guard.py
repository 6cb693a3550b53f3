"""Sessions of signed-in people: short tokens, and the guard that routes use."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from cachetools import LRUCache
from flask import Response, request

from foundation.errors import PulseError
from foundation.signed import SignedClaims, is_over
from foundation.web.openapi import described
from gadgets.signin.person import Person

SESSION_SECONDS = 900
AUDIENCE = "gadgets"
VERIFIED_KEPT = 20_000

# How a request says whose session it is, for openapi.json.
SECURITY = {"session": {"type": "http", "scheme": "bearer", "description": "From POST /gadgets/session."}}

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


class Guard:
    """Hands a route the person whose session it is asked with, as the first argument."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def person(self) -> Person:
        """Who is signed in. Raises SessionRequired."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        person = self._sessions.person(token.strip()) if scheme.lower() == "bearer" else None
        if person is None:
            raise SessionRequired()
        return person

    def signed_in(self, view: View[P]) -> Callable[P, Response]:
        @described(security=tuple(SECURITY), errors=(SessionRequired,))
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            return view(self.person(), *args, **kwargs)

        return guarded
