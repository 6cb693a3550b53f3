"""Metrics: each answer is counted and timed by its route; `/metrics` shows the counts of all workers together."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from foundation.version import VERSION
from foundation.web.openapi import described

REQUESTS = Counter("pulse_requests", "Answers, by route and status.", ["route", "status"])
SECONDS = Histogram("pulse_request_seconds", "Seconds to an answer, by route.", ["route"])
BUILD = Gauge("pulse_build", "1 for the version that serves.", ["version"], multiprocess_mode="max")

# The key of what is called before somebody looks.
REFRESHING = "metrics_refreshing"


def install(app: Flask) -> None:
    """Add the route of the metrics."""
    BUILD.labels(VERSION).set(1)
    blueprint = Blueprint("metrics", __name__)

    refreshing: list[Callable[[], None]] = app.extensions.setdefault(REFRESHING, [])

    @blueprint.get("/metrics")
    @described(media="text/plain")
    def metrics() -> Response:
        """Prometheus' text format, of all workers together."""
        for refresh in refreshing:
            refresh()
        return Response(_collect(), content_type=CONTENT_TYPE_LATEST)

    app.register_blueprint(blueprint)


def refresh_with(app: Flask, refresh: Callable[[], None]) -> None:
    """Have a gauge brought up to date whenever somebody looks."""
    app.extensions.setdefault(REFRESHING, []).append(refresh)


def count(route: str, status: str, seconds: float) -> None:
    """One answer."""
    requests, waits = _labelled(route, status)
    requests.inc()
    waits.observe(seconds)


@cache
def _labelled(route: str, status: str) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, status), SECONDS.labels(route)


def _collect() -> bytes:
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
