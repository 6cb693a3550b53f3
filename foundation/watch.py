"""What an administrator sees of the service: request ids, logs without personal data, metrics, health."""

import logging
import os
import re
import sys
import time
from collections.abc import Callable, Mapping

import structlog
from flask import Blueprint, Flask, Response, g, json, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

log = structlog.get_logger(__name__)

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SLOW_SECONDS = 1.0

REQUESTS = Counter("pulse_requests", "Answers, by route and status.", ["route", "status"])
SECONDS = Histogram("pulse_request_seconds", "Seconds to an answer, by route.", ["route"])


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
    structlog.get_logger("audit").critical(event, audit=True, request_id=g.get("request_id", ""), **facts)


def install(app: Flask, checks: Mapping[str, Callable[[], object]]) -> None:
    """Request ids, metrics and the health routes on `app`; `checks` are tried by `/readyz`, a failing one raises."""
    app.before_request(_begin)
    app.after_request(_end)
    app.register_blueprint(_health(checks))


def _begin() -> None:
    g.began = time.perf_counter()
    asked = request.environ.get("HTTP_X_REQUEST_ID", "")
    g.request_id = asked if SANE_REQUEST_ID.fullmatch(asked) else os.urandom(8).hex()


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule else "none"
    REQUESTS.labels(route, str(response.status_code)).inc()
    SECONDS.labels(route).observe(seconds)
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.status_code >= 500 or seconds > SLOW_SECONDS:
        log.warning("answered", route=route, status=response.status_code, ms=round(seconds * 1000), id=g.request_id)
    return response


def _health(checks: Mapping[str, Callable[[], object]]) -> Blueprint:
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """The process lives."""
        return _plain({"status": "up"})

    @blueprint.get("/readyz")
    def readyz() -> Response:
        """What the service stands on is usable; 503 names what is not."""
        failing = {name: reason for name, check in checks.items() if (reason := _reason(check))}
        return _plain({"status": "unready" if failing else "ready", "failing": failing}, 503 if failing else 200)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        """Prometheus' text format, of all workers together."""
        return Response(_collected(), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _reason(check: Callable[[], object]) -> str:
    """The kind of error that a check fails with, never its message, which may hold a password; "" if it passes."""
    try:
        check()
    except Exception as error:
        return type(error).__name__
    return ""


def _plain(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _collected() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return generate_latest(registry)
