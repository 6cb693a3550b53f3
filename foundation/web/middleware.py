"""Around every request: its id, its count, its security headers, and a line in the log where it failed or was slow."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask

from foundation.web import metrics
from foundation.web.admin_port import ADMIN_PORT
from foundation.web.logs import REQUEST_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger(__name__)

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SLOW_SECONDS = 1.0
NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
# A page that our answers lead to learns nothing of their path, which may hold a survey token.
NO_REFERRER = ("Referrer-Policy", "no-referrer")
UNFRAMED = ("Content-Security-Policy", "frame-ancestors 'none'")
# For all ports of this host; of the names below it we know nothing.
HTTPS_ALONE = ("Strict-Transport-Security", "max-age=31536000")
# A preflight, and what the browser has already, with all of its headers.
LEAN = frozenset({"204", "304"})
# What Finesse fetches and puts into frames of its own, with the headers or without.
PUT_INTO_FRAMES = ("/static/", "/gadgets/Cisco")


def install(app: Flask, *, tls: bool = False) -> None:
    """Put the middleware around `app`, and add the route of its metrics.

    `tls`: the public port speaks HTTPS without a proxy in front.
    """
    app.wsgi_app = Middleware(app.wsgi_app, tls)
    metrics.install(app)


class Middleware:
    """WSGI around an application."""

    def __init__(self, inner: WSGIApplication, tls: bool = False) -> None:
        self._inner = inner
        self._framed = (NO_SNIFFING, NO_REFERRER, HTTPS_ALONE) if tls else (NO_SNIFFING, NO_REFERRER)
        self._unframed = (*self._framed, UNFRAMED)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        sent_id = environ.get("HTTP_X_REQUEST_ID", "")
        environ[REQUEST_ID] = request_id = sent_id if SANE_REQUEST_ID.fullmatch(sent_id) else os.urandom(8).hex()
        route, status = "none", "500"

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal route, status
            # Flask takes its request out of the environment before it returns.
            route, status = _route(environ), line[:3]
            headers.append(("X-Request-Id", request_id))
            headers += self._security_headers(route, status, environ)
            return start_response(line, headers, exc_info)

        body = self._inner(environ, start)
        seconds = time.perf_counter() - began
        metrics.count(route, status, seconds)
        if status >= "500" or seconds > SLOW_SECONDS:
            log.warning("answered", route=route, status=status, ms=round(seconds * 1000), id=request_id)
        return body

    def _security_headers(self, route: str, status: str, environ: WSGIEnvironment) -> tuple[tuple[str, str], ...]:
        """Headers that keep browsers from doing harm with an answer; the administrator's port is plain HTTP."""
        if status in LEAN:
            return (NO_SNIFFING,)
        if ADMIN_PORT in environ:
            return (NO_SNIFFING, NO_REFERRER, UNFRAMED)
        return self._framed if route.startswith(PUT_INTO_FRAMES) else self._unframed


def _route(environ: WSGIEnvironment) -> str:
    """The rule that the path matched; `none` for what no route took."""
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return str(rule.rule) if rule else "none"
