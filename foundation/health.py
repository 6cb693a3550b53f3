"""/healthz: the process lives. /readyz: what the service stands on can be used; 503 names what cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Flask, Response, json

Checks = Mapping[str, Callable[[], object]]


def install(app: Flask, checks: Checks) -> None:
    """Add the health routes; `checks` are tried by `/readyz`, a failing one raises."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """The process lives."""
        return _plain({"status": "up"})

    @blueprint.get("/readyz")
    def readyz() -> Response:
        """What the service stands on is usable; 503 names what is not."""
        found = failing(checks)
        return _plain({"status": "unready" if found else "ready", "failing": found}, 503 if found else 200)

    app.register_blueprint(blueprint)


def failing(checks: Checks) -> dict[str, str]:
    """The checks that fail, and why."""
    return {name: reason for name, check in checks.items() if (reason := _reason(check))}


def _reason(check: Callable[[], object]) -> str:
    """The kind of error that a check fails with, never its message, which may hold a password; "" if it passes."""
    try:
        check()
    except Exception as error:
        return type(error).__name__
    return ""


def _plain(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json", headers={"Cache-Control": "no-store"})
