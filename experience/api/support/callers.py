"""Who calls: a bearer token, or Basic with a password or an API key; what he may do, and how far he may see."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from flask import Response, request
from sqlalchemy import ColumnElement

from experience.accounts.api_tokens import Bearers, Caller
from experience.answers.schema import conditions
from experience.api.support.errors import BadToken, NotAllowed, NotYours
from experience.api.support.sign_in import SignIn
from foundation.brakes.sign_ins import refusals_noted, request_source
from foundation.errors import Refused
from foundation.web.openapi import described

LARGEST_BODY = 2 * 1024 * 1024

P = ParamSpec("P")
View = Callable[Concatenate[Caller, P], Response]
Route = Callable[P, Response]


class FromAnotherSite(Refused):
    code = "cross_site"
    title = "Basic is not for requests that another site makes"


class Gate:
    """Hands a route its caller as the first argument, or refuses."""

    def __init__(self, sign_in: SignIn, bearers: Bearers, public_url: str) -> None:
        self._sign_in = sign_in
        self.bearers = bearers
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}".lower()

    def reading(self, view: View[P]) -> Route[P]:
        """For whoever is known; what a bound token sees is for the route to narrow, by `scope`."""
        return self._guarded(view, _anyone)

    def account(self, view: View[P]) -> Route[P]:
        """For whoever is known and sees the whole account."""
        return self._guarded(view, _unbound)

    def writing(self, view: View[P]) -> Route[P]:
        """For whoever may write."""
        return self._guarded(view, _writer)

    def _guarded(self, view: View[P], judge: Callable[[Caller], None]) -> Route[P]:
        @described(security=("wxmBearer", "wxmBasic"))
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            request.max_content_length = LARGEST_BODY
            caller = self._caller()
            judge(caller)
            return view(caller, *args, **kwargs)

        return guarded

    def _caller(self) -> Caller:
        scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            raise BadToken()
        with refusals_noted("api", self._shown):
            caller = None
            if scheme.lower() == "bearer":
                caller = self.bearers.find(credential.strip())
            elif scheme.lower() == "basic":
                caller = self._basic()
            if caller is None:
                raise BadToken()
            return caller

    def _shown(self) -> str:
        """Who is refused, as the audit trail may show it."""
        credential = request.authorization
        return self._sign_in.shown((credential.username if credential else None) or "")

    def _basic(self) -> Caller | None:
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
        if (origin is not None and origin.lower() != self._origin) or site.lower() not in {"none", "same-origin"}:
            raise FromAnotherSite()
        credential = request.authorization
        if credential is None or not credential.username or not credential.password:
            return None
        user = self._sign_in.check(credential.username, credential.password, request_source())
        return Caller(user.name, user.role) if user else None


def reached(caller: Caller) -> list[ColumnElement[bool]]:
    """The answers that this caller may see, as conditions on the table."""
    return [] if caller.scope is None else conditions(caller.scope)


def _anyone(_caller: Caller) -> None:
    pass


def _unbound(caller: Caller) -> None:
    if caller.scope is not None:
        raise NotYours()


def _writer(caller: Caller) -> None:
    if not caller.may_write:
        raise NotAllowed()
