"""Who may read from a browser: unknown origins are refused before any work; flask-cors writes headers for the rest."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import structlog
from cachetools import TTLCache
from flask import Flask, Response
from flask_cors.core import get_cors_headers, get_cors_options
from werkzeug.datastructures import EnvironHeaders, Headers

from foundation.errors import Refused
from foundation.web.error_handler import problem
from gadgets.origins.allow_list import AllowList, entry_for

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = structlog.get_logger(__name__)

# Flask takes any number of slashes at the beginning for one.
GUARDED = re.compile(r"/+(?:gadgets|static|finesse)(?:/|\Z)")
OPTIONS: dict[str, Any] = {
    "methods": ["GET", "POST", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "X-Finesse-Authorization", "If-None-Match", "X-Request-Id"],
    "expose_headers": ["ETag", "Retry-After", "X-Request-Id"],
    "max_age": 7200,
    "vary_header": False,
}
VARY = ("Vary", "Origin")
LOG_EVERY_SECONDS = 60.0
LOGGED_A_MINUTE = 50

Pairs = tuple[tuple[str, str], ...]


class OriginNotAllowed(Refused):
    code = "origin_not_allowed"
    title = "This origin is not in ALLOWED_ORIGINS"


class Gatekeeper:
    """WSGI around the service: refuses unknown origins before any work, answers preflights, adds CORS headers.

    What flask-cors says for an origin that is allowed is asked of it once and kept.
    """

    def __init__(self, app: Flask, allowed: AllowList, keep: Callable[[str], object]) -> None:
        self._inner = app.wsgi_app
        self._allowed = allowed
        self._refusals = Refusals(keep)
        self._options = get_cors_options(app, OPTIONS, {"origins": [allowed.pattern()]})
        self._simple = lru_cache(maxsize=1024)(self._for_origin)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not GUARDED.match(environ["PATH_INFO"]):
            return self._inner(environ, start_response)
        origin = environ.get("HTTP_ORIGIN")
        if origin is None:
            return self._inner(environ, _adding(start_response, (VARY,)))
        try:
            headers = self._simple(origin)
        except OriginNotAllowed as error:
            self._refusals.log(origin)
            return problem(error)(environ, _adding(start_response, (VARY,)))
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return self._preflight(environ, start_response)
        return self._inner(environ, _adding(start_response, headers))

    def _preflight(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = Headers(EnvironHeaders(environ))
        # flask-cors answers with what was asked for and is allowed, and a long list costs it time: ask for all of ours.
        headers["Access-Control-Request-Headers"] = ",".join(OPTIONS["allow_headers"])
        return Response(status=204)(environ, _adding(start_response, self._cors_headers(headers, "OPTIONS")))

    def _for_origin(self, origin: str) -> Pairs:
        """Raises OriginNotAllowed, which is not kept: no made-up origin takes the place of a known one."""
        if not self._allowed.allows(origin):
            raise OriginNotAllowed("An administrator can allow it; the service's log names the entry.")
        return self._cors_headers(Headers({"Origin": origin}), "GET")

    def _cors_headers(self, headers: Headers, method: str) -> Pairs:
        allowed = get_cors_headers(self._options, headers, method)
        return (*((name, str(value)) for name, value in allowed.items()), VARY)


class Refusals:
    """Says in the log, once a minute each, which origins were refused, with the entry that would allow them.

    What is logged is kept too, for `doctor`.
    """

    def __init__(self, keep: Callable[[str], object]) -> None:
        self._keep = keep
        self._logged: TTLCache[str, bool] = TTLCache(LOGGED_A_MINUTE, LOG_EVERY_SECONDS)
        self._lock = threading.Lock()

    def log(self, origin: str) -> None:
        with self._lock:
            # One more would push one out that is to be logged no more in its minute.
            if origin in self._logged or len(self._logged) >= LOGGED_A_MINUTE:
                return
            self._logged[origin] = True
        log.warning("origin_refused", origin=origin[:200], would_allow=entry_for(origin))
        self._keep(origin)


def install(app: Flask, allowed: AllowList, keep: Callable[[str], object]) -> None:
    """Guard every path under /gadgets, /static and /finesse of `app`, paths that do not exist included.

    `keep` is called with each refused origin, once a minute.
    """
    app.wsgi_app = Gatekeeper(app, allowed, keep)


def _adding(start_response: StartResponse, more: Pairs) -> StartResponse:
    """`start_response` with more headers; caches must never hand one origin's answer to another: `Vary: Origin`."""

    def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        headers += more
        return start_response(line, headers, exc_info)

    return start
