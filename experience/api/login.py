"""LoginToken, logout and API keys (docs/cisco/wxm-api.md §2), in Authlib's error types."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from flask import Blueprint, Response, request

from experience.accounts.api_tokens import ApiTokens, Caller
from experience.accounts.users import ACCOUNT, User, Users
from experience.api.support import bodies
from experience.api.support.callers import Gate
from experience.api.support.errors import Unknown
from experience.api.support.schemas import TEXT, ref
from experience.api.support.sign_in import SignIn
from foundation.brakes.sign_ins import note_refusal, refusals_noted, request_source
from foundation.web.openapi import described

LARGEST_FORM = 16 * 1024
MOST_FIELDS = 50
# The only role with which Cisco's invitation module lets somebody in.
ROLE = "User"


def blueprint(users: Users, sign_in: SignIn, tokens: ApiTokens, gate: Gate, public_url: str) -> Blueprint:
    routes = Blueprint("api_login", __name__, url_prefix="/api")
    host = urlsplit(public_url).hostname or "localhost"

    @routes.post("/LoginToken")
    @described(form=ref("Credential"), answer=ref("Token"))
    def login() -> Response:
        """A bearer token for a name and a password or API key, sent as a form with grant_type=password."""
        request.max_content_length = LARGEST_FORM
        try:
            user = _granted(sign_in, {name.lower(): value for name, value in _form().items()})
        except OAuth2Error as error:
            return _refused(error)
        token, expires_at = tokens.issue(user)
        return bodies.json_response(_token(user, token, expires_at, host))

    @routes.get("/account/logout")
    @gate.reading
    @described(answer={"const": True})
    def logout(caller: Caller) -> Response:
        """End the token of this call."""
        gate.bearers.end(caller)
        return bodies.json_response(True)

    @routes.get("/GenerateAPIKey")
    @gate.writing
    @described(answer=TEXT)
    def generate_api_key(caller: Caller) -> Response:
        """A new API key of the caller; the earlier one and every token of the caller are of no use any more."""
        return bodies.json_response(users.new_key(caller.user))

    @routes.get("/GetAPIKey")
    @gate.account
    @described(answer=TEXT)
    def get_api_key(caller: Caller) -> Response:
        """The caller's API key, where GenerateAPIKey made it."""
        key = users.key(caller.user)
        if key is None:
            raise Unknown("A key that was chosen is kept as a hash alone; GenerateAPIKey makes another")
        return bodies.json_response(key)

    return routes


def _form() -> dict[str, str]:
    """The form of the request, whatever type it says it has: some clients send none."""
    if request.form:
        return request.form.to_dict()
    with suppress(ValueError):
        return dict(parse_qsl(request.get_data().decode(), max_num_fields=MOST_FIELDS))
    return {}


def _granted(sign_in: SignIn, form: dict[str, str]) -> User:
    kind, name, secret = form.get("grant_type"), form.get("username"), form.get("password")
    if kind and kind != "password":
        raise OAuth2Error(error="unsupported_grant_type", description="grant_type: password, and no other")
    if not kind or not name or not secret:
        raise InvalidRequestError("Send a form: grant_type=password, username and password (or API key)")
    with refusals_noted("api", lambda: sign_in.shown(name)):
        user = sign_in.check(name, secret, request_source())
    if user is None:
        note_refusal("api", InvalidGrantError.error, sign_in.shown(name))
        raise InvalidGrantError("The user name or password is wrong")
    return user


def _refused(error: OAuth2Error) -> Response:
    """A wrong password is 401, as WxM has it, where RFC 6749 would say 400."""
    status = 401 if isinstance(error, InvalidGrantError) else 400
    refusal = bodies.json_response({"error": error.error, "error_description": error.description})
    refusal.status_code = status
    return refusal


def _token(user: User, token: str, expires_at: int, host: str) -> dict[str, Any]:
    issued = _issued(expires_at)
    return {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": expires_at - issued,
        "userName": user.name,
        "email": f"{user.name}@{host}",
        "primaryRole": ROLE,
        "managedBy": ACCOUNT,
        "preview": "False",
        "station": "local",
        "hash": base64.b64encode(hashlib.sha256(token.encode()).digest()).decode(),
        ".issued": formatdate(issued, usegmt=True),
        ".expires": formatdate(expires_at, usegmt=True),
    }


def _issued(expires_at: int) -> int:
    return expires_at - 43_200
