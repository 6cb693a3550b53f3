"""Errors as WxM tells them: `{"error", "error_description"}`, on every path under /api."""

from __future__ import annotations

import orjson
from flask import Flask, Response

from foundation.errors import BadRequest, PulseError, Refused
from foundation.web import error_handler

PREFIX = "/api"


class BadToken(PulseError):
    """Authlib's InvalidTokenError in this house's tree: the client logs in again and repeats the call once."""

    status = 401
    code = "invalid_token"
    title = "Log in through POST /api/LoginToken first"


class NotAllowed(Refused):
    code = "insufficient_scope"
    title = "This user may read, and not write"


class NotYours(Refused):
    code = "out_of_reach"
    title = "This token is bound to one person's answers"


class Unknown(PulseError):
    status = 404
    code = "not_found"
    title = "There is nothing of this name"


class Malformed(BadRequest):
    code = "invalid_request"
    title = "The request cannot be understood"


def install(app: Flask) -> None:
    error_handler.render_errors_with(app, PREFIX, to_response)


def to_response(error: PulseError) -> Response:
    """The answer for an error; 401 says which scheme is wanted (RFC 6750 §3)."""
    response = Response(
        orjson.dumps({"error": error.code, "error_description": error.detail}),
        error.status,
        mimetype="application/json",
        headers={"Cache-Control": "no-store"},
    )
    if error.status == 401:
        response.headers["WWW-Authenticate"] = f'Bearer error="{error.code}"'
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
