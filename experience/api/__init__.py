"""WxM's API on the built-in platform (contract/wxm-api.md; design/interfaces.md, WxM face)."""

from __future__ import annotations

from flask import Flask

from experience.api import (
    accounts,
    answering,
    asking,
    callers,
    faults,
    inviting,
    login,
    paths,
    shapes,
    summaries,
    visualize,
)
from experience.platform import Platform
from experience.tokens import ApiTokens
from experience.users import Users
from foundation import openapi
from foundation.cache import Cache


def install(app: Flask, platform: Platform, users: Users, tokens: ApiTokens, cache: Cache, public_url: str) -> None:
    """Add every route under /api to `app`; `public_url` is our own origin, from which Basic may come."""
    faults.install(app)
    gate = callers.Gate(users, tokens, callers.Ended(cache), public_url)
    app.register_blueprint(login.blueprint(users, tokens, gate, public_url))
    app.register_blueprint(asking.blueprint(platform, gate))
    app.register_blueprint(answering.blueprint(platform, gate))
    app.register_blueprint(summaries.blueprint(platform, gate))
    app.register_blueprint(visualize.blueprint(platform, gate))
    app.register_blueprint(inviting.blueprint(platform, gate))
    app.register_blueprint(inviting.taking(platform))
    app.register_blueprint(accounts.blueprint(platform, gate))
    paths.install(app)
    openapi.add_schemas(app, "/api/", shapes.ERROR, shapes.SCHEMAS, shapes.SECURITY)
