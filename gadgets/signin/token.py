"""GET /gadgets/token, and the same where Finesse has it (docs/cisco/finesse.md §5.4): a WxM token for others' gadgets.

Off unless an administrator switched it on; where WxM is built in, the token is bound to the person who asks.
"""

from collections.abc import Callable
from typing import Protocol

from flask import Blueprint, Response, json, request

from experience.model.scope import Scope
from foundation.errors import Refused
from foundation.web.openapi import described
from gadgets.pulse.scope import widest_scope
from gadgets.signin.guard import Guard, SessionRequired
from gadgets.signin.models import TokenParameters, TokenResponse, UnknownTokenSource
from gadgets.signin.person import Person
from gadgets.signin.session import SIGN_IN_ERRORS, SignIn, signed_in_by_credential


class AccessToken(Protocol):
    """A token, and its end in epoch seconds."""

    @property
    def access_token(self) -> str: ...

    @property
    def expires_at(self) -> float: ...


Mint = Callable[[Scope], AccessToken]


class TokenEndpointOff(Refused):
    code = "token_endpoint_off"
    title = "An administrator can switch this on with TOKEN_ENDPOINT"


ERRORS = (UnknownTokenSource, TokenEndpointOff)


def blueprint(guard: Guard, desk: SignIn, mint: Mint, state: str) -> Blueprint:
    """`mint` gives a token for what a person may see; nothing is given unless `state` is `on`."""
    routes = Blueprint("token", __name__)

    @routes.before_request
    def refuse_while_off() -> None:
        if state != "on":
            raise TokenEndpointOff()

    @routes.get("/gadgets/token")
    @guard.signed_in
    @described(query=TokenParameters, answer=TokenResponse, errors=ERRORS)
    def token(person: Person) -> Response:
        """A token of the WxM, for who is signed in."""
        return _answer(person, mint)

    @routes.get("/finesse/api/CloudConnectTokenService")
    @described(query=TokenParameters, answer=TokenResponse, errors=(SessionRequired, *SIGN_IN_ERRORS, *ERRORS))
    def token_service() -> Response:
        """The same at Finesse's own path, which also takes a Basic Finesse credential."""
        return _answer(_signed_in_or_basic(guard, desk), mint)

    return routes


def _answer(person: Person, mint: Mint) -> Response:
    TokenParameters.parse(request.args.to_dict())
    token = mint(widest_scope(person))
    body = {"access_token": token.access_token, "expires_at": int(token.expires_at * 1000)}
    return Response(json.dumps(body), mimetype="application/json", headers={"Cache-Control": "no-store"})


def _signed_in_or_basic(guard: Guard, desk: SignIn) -> Person:
    if not request.headers.get("Authorization", "").lower().startswith("basic "):
        return guard.person()
    return signed_in_by_credential(desk, lambda credential: credential.name or "")
