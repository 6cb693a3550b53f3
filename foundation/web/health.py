"""/healthz: the process lives. /readyz: what the service stands on can be used; 503 names what cannot.

A thing that is not needed for everything makes the service `degraded`, which is 200: the rest goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog
from flask import Blueprint, Flask, Response, json

from foundation.version import VERSION
from foundation.web.models import ResponseModel
from foundation.web.openapi import described
from foundation.web.probe import Probe

log = structlog.get_logger(__name__)

# Longer than a probe is patient: whoever asks while one hangs gets that answer.
ANSWER_SECONDS = 1.5


class HealthResponse(ResponseModel):
    status: Literal["up"]
    version: str


class ReadinessResponse(ResponseModel):
    status: Literal["ready", "degraded", "unready"]
    failing: dict[str, str]


@dataclass(frozen=True, slots=True)
class Dependency:
    """One thing that we stand on: how it is looked at, and whether we are of no use without it."""

    probes: Sequence[Probe]
    is_needed: bool = True


class Health:
    """What can be used of all that we stand on, by the looks that were made last; answered within a second or two."""

    def __init__(self, dependencies: Mapping[str, Dependency]) -> None:
        self._dependencies = dependencies
        self._known: dict[str, str] = {}
        self._guard = threading.Lock()

    def causes(self) -> dict[str, str]:
        """What fails, and why: a word of `foundation/causes.py`."""
        deadline = time.monotonic() + ANSWER_SECONDS
        looks = {name: [probe.begin() for probe in thing.probes] for name, thing in self._dependencies.items()}
        causes = {name: next(filter(None, [look(deadline) for look in begun]), "") for name, begun in looks.items()}
        self._log(causes)
        return {name: cause for name, cause in causes.items() if cause}

    def failing(self) -> dict[str, str]:
        """What fails of that without which we are of no use, and why."""
        return {name: cause for name, cause in self.causes().items() if self._dependencies[name].is_needed}

    def status(self, causes: Mapping[str, str]) -> str:
        if any(self._dependencies[name].is_needed for name in causes):
            return "unready"
        return "degraded" if causes else "ready"

    def _log(self, causes: Mapping[str, str]) -> None:
        """What has changed since it was looked at last."""
        with self._guard:
            changed = {name: cause for name, cause in causes.items() if self._known.get(name, "") != cause}
            self._known |= changed
        for name, cause in changed.items():
            if cause:
                log.warning("unusable", what=name, cause=cause)
            else:
                log.info("usable_again", what=name)


def install(app: Flask, health: Health) -> None:
    """Add the health routes."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    @described(answer=HealthResponse)
    def healthz() -> Response:
        """The process lives; which version it is."""
        return _plain({"status": "up", "version": VERSION})

    @blueprint.get("/readyz")
    @described(answer=ReadinessResponse, status=(200, 503))
    def readyz() -> Response:
        """What the service stands on is usable; 503 names what is not."""
        causes = health.causes()
        status = health.status(causes)
        return _plain({"status": status, "failing": causes}, 503 if status == "unready" else 200)

    app.register_blueprint(blueprint)


def _plain(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json", headers={"Cache-Control": "no-store"})
