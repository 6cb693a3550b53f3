"""What an administrator sees of the service: request ids, logs without personal data, metrics."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Blueprint, Flask, Response, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from werkzeug.exceptions import NotFound

from foundation.version import VERSION
from foundation.web.openapi import described

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger(__name__)

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SLOW_SECONDS = 1.0
REQUEST_ID = "pulse.request_id"
# Set by whoever serves the administrator's port; no header can set it.
APART = "pulse.apart"
ADMINISTRATORS = frozenset({"/metrics", "/docs", "/openapi.json"})
HEALTH = frozenset({"/healthz", "/readyz"})
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

REQUESTS = Counter("pulse_requests", "Answers, by route and status.", ["route", "status"])
SECONDS = Histogram("pulse_request_seconds", "Seconds to an answer, by route.", ["route"])
BUILD = Gauge("pulse_build", "1 for the version that serves.", ["version"], multiprocess_mode="max")


def configure_logs(level: str) -> None:
    """One JSON object a line on standard error; times in UTC. Callers name facts; none of them may be personal."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def audit(event: str, **facts: str) -> None:
    """A line of the audit trail: written whatever `LOG_LEVEL` says."""
    structlog.get_logger("audit").critical(event, audit=True, request_id=request.environ[REQUEST_ID], **facts)


def keep_apart(app: Flask) -> None:
    """Tell metrics and docs on the administrator's port alone, and there nothing but those and the health routes."""

    @app.before_request
    def _apart() -> None:
        rule = request.url_rule.rule if request.url_rule else ""
        if rule in ADMINISTRATORS and not request.environ.get(APART):
            raise NotFound()
        if request.environ.get(APART) and rule not in {*ADMINISTRATORS, *HEALTH}:
            raise NotFound()


def install(app: Flask, *, tls: bool = False) -> None:
    """Watch every request to `app`, and add the route of its metrics.

    `tls`: the public port speaks HTTPS without a proxy in front.
    """
    BUILD.labels(VERSION).set(1)
    app.wsgi_app = Watched(app.wsgi_app, tls)
    app.register_blueprint(_metrics())


class Watched:
    """WSGI around an application: gives each request its id, counts and times it, and logs what failed or was slow."""

    def __init__(self, inner: WSGIApplication, tls: bool = False) -> None:
        self._inner = inner
        self._framed = (NO_SNIFFING, NO_REFERRER, HTTPS_ALONE) if tls else (NO_SNIFFING, NO_REFERRER)
        self._unframed = (*self._framed, UNFRAMED)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        asked = environ.get("HTTP_X_REQUEST_ID", "")
        environ[REQUEST_ID] = request_id = asked if SANE_REQUEST_ID.fullmatch(asked) else os.urandom(8).hex()
        route, status = "none", "500"

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal route, status
            # Flask takes its request out of the environment before it returns.
            route, status = _route(environ), line[:3]
            headers.append(("X-Request-Id", request_id))
            headers += self._guards(route, status, environ)
            return start_response(line, headers, exc_info)

        body = self._inner(environ, start)
        _measure(route, status, time.perf_counter() - began, request_id)
        return body

    def _guards(self, route: str, status: str, environ: WSGIEnvironment) -> tuple[tuple[str, str], ...]:
        """Headers that keep browsers from doing harm with an answer; the administrator's port is plain HTTP."""
        if status in LEAN:
            return (NO_SNIFFING,)
        if APART in environ:
            return (NO_SNIFFING, NO_REFERRER, UNFRAMED)
        return self._framed if route.startswith(PUT_INTO_FRAMES) else self._unframed


def _route(environ: WSGIEnvironment) -> str:
    """The rule that the path matched; `none` for what no route took."""
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return str(rule.rule) if rule else "none"


def _measure(route: str, status: str, seconds: float, request_id: str) -> None:
    requests, waits = _measures(route, status)
    requests.inc()
    waits.observe(seconds)
    if status >= "500" or seconds > SLOW_SECONDS:
        log.warning("answered", route=route, status=status, ms=round(seconds * 1000), id=request_id)


@cache
def _measures(route: str, status: str) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, status), SECONDS.labels(route)


def _metrics() -> Blueprint:
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    @described(media="text/plain")
    def metrics() -> Response:
        """Prometheus' text format, of all workers together."""
        return Response(_collected(), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _collected() -> bytes:
    """Counts of all workers together; what is under way, of those that live."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return generate_latest()
    for worker in {path.stem.rpartition("_")[2] for path in Path(folder).glob("gauge_live*_*.db")}:
        if not _lives(int(worker)):
            multiprocess.mark_process_dead(int(worker))
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return generate_latest(registry)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        """Another user's: it lives."""
    return True
