"""Who may read from a browser: unknown origins are refused before any work; flask-cors writes headers for the rest."""

import re
import time

import structlog
from flask import Flask, Response, request
from flask_cors import CORS

from foundation.errors import BadRequest, Refused
from gadgets.origins import AllowList, entry_for

log = structlog.get_logger(__name__)

GUARDED = re.compile(r"/(?:gadgets|static|finesse)(?:/|\Z)")
METHODS = ["GET", "POST", "DELETE"]
REQUEST_HEADERS = ["Authorization", "Content-Type", "X-Finesse-Authorization", "If-None-Match", "X-Request-Id"]
EXPOSED = ["ETag", "Retry-After", "X-Request-Id"]
PREFLIGHT_SECONDS = 7200
LONGEST_HEADER_LIST = 1024
LOG_EVERY_SECONDS = 60.0
LOGGED_A_MINUTE = 50


class OriginNotAllowed(Refused):
    code = "origin_not_allowed"
    title = "This origin is not in ALLOWED_ORIGINS"


class Gatekeeper:
    """Refuses origins that are not allowed, and logs each once a minute with the entry that would allow it."""

    def __init__(self, allowed: AllowList) -> None:
        self._allowed = allowed
        self._logged: dict[str, float] = {}

    def admit(self) -> Response | None:
        """Before every request: None lets it pass, an answer ends it (a preflight), OriginNotAllowed refuses it."""
        origin = request.environ.get("HTTP_ORIGIN")
        if origin is None or not GUARDED.match(request.path):
            return None
        if not self._allowed.allows(origin):
            self._log(origin)
            raise OriginNotAllowed("An administrator can allow it; the service's log names the entry.")
        return _preflight() if request.method == "OPTIONS" else None

    def _log(self, origin: str) -> None:
        now = time.monotonic()
        if self._logged.get(origin, -LOG_EVERY_SECONDS) > now - LOG_EVERY_SECONDS:
            return
        self._logged = {key: at for key, at in self._logged.items() if at > now - LOG_EVERY_SECONDS}
        if len(self._logged) < LOGGED_A_MINUTE:
            self._logged[origin] = now
            log.warning("origin_refused", origin=origin[:200], would_allow=entry_for(origin))


def install(app: Flask, allowed: AllowList) -> None:
    """Guard every route under /gadgets, /static and /finesse of `app`, routes that do not exist included."""
    app.before_request(Gatekeeper(allowed).admit)
    app.after_request(_vary)
    CORS(
        app,
        resources=GUARDED.pattern,
        origins=[allowed.pattern()],
        methods=METHODS,
        allow_headers=REQUEST_HEADERS,
        expose_headers=EXPOSED,
        max_age=PREFLIGHT_SECONDS,
        always_send=False,
        intercept_exceptions=False,
    )


def _preflight() -> Response | None:
    if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in request.environ:
        return None
    if len(request.environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")) > LONGEST_HEADER_LIST:
        raise BadRequest("Access-Control-Request-Headers is too long.")
    return Response(status=204)


def _vary(response: Response) -> Response:
    """Caches must never hand one origin's answer, or a refusal, to another: `Vary: Origin` on every guarded answer."""
    if GUARDED.match(request.path):
        vary = response.headers.get("Vary", "")
        if "Origin" not in vary:
            response.headers["Vary"] = f"{vary}, Origin" if vary else "Origin"
    return response
