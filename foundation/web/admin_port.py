"""What only the administrator's port shows: metrics and docs, and there nothing else but health."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import NotFound

# Set in the WSGI environment by whoever serves the administrator's port; no header can set it.
ADMIN_PORT = "pulse.admin_port"
ADMIN_ROUTES = frozenset({"/metrics", "/docs", "/openapi.json"})
HEALTH_ROUTES = frozenset({"/healthz", "/readyz"})
# What customers have no business with, where a node serves nobody else.
HIDDEN_FROM_CUSTOMERS = ADMIN_ROUTES | {"/readyz"}


def restrict_admin_routes(app: Flask, hidden: frozenset[str] = ADMIN_ROUTES) -> None:
    """Serve these routes on the administrator's port alone, and there nothing but admin and health routes."""

    @app.before_request
    def check_port() -> None:
        rule = request.url_rule.rule if request.url_rule else ""
        is_admin_port = ADMIN_PORT in request.environ
        if rule in hidden and not is_admin_port:
            raise NotFound()
        if is_admin_port and rule not in ADMIN_ROUTES | HEALTH_ROUTES:
            raise NotFound()
