"""WxM's API on the built-in platform (contract/wxm-api.md; design/interfaces.md, WxM face)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from experience.api import (
    accounts,
    answering,
    asking,
    assets,
    callers,
    dispatching,
    faults,
    finding,
    importing,
    inviting,
    login,
    partials,
    paths,
    shapes,
    summaries,
    taking,
    visualize,
)
from experience.api.sign_in import SignIn
from experience.partials import PartialIds
from experience.platform import Platform
from experience.tokens import ApiTokens, Bearers
from experience.users import Users
from foundation.web import openapi

# What any route under /api takes.
LARGEST_BODY = max(importing.LARGEST_BATCH, dispatching.LARGEST_BATCH)


@dataclass(frozen=True, slots=True)
class Places:
    """Where we are reached: our own origin, from which Basic may come, and where customers reach surveys."""

    public_url: str
    survey_url: str


def install(
    app: Flask,
    platform: Platform,
    users: Users,
    sign_in: SignIn,
    tokens: ApiTokens,
    ids: PartialIds,
    places: Places,
) -> None:
    """Add every route under /api to `app`."""
    faults.install(app)
    app.url_map.converters["token"] = taking.TokenConverter
    gate = callers.Gate(users, sign_in, Bearers(platform.database, tokens), places.public_url)
    app.register_blueprint(login.blueprint(users, sign_in, tokens, gate, places.public_url))
    app.register_blueprint(asking.blueprint(platform, gate))
    app.register_blueprint(answering.blueprint(platform, gate))
    app.register_blueprint(summaries.blueprint(platform, gate))
    app.register_blueprint(visualize.blueprint(platform, gate))
    app.register_blueprint(inviting.blueprint(platform, gate))
    app.register_blueprint(finding.blueprint(platform, gate))
    app.register_blueprint(importing.blueprint(platform, gate, places.survey_url))
    app.register_blueprint(taking.blueprint(platform, ids, places.survey_url))
    app.register_blueprint(partials.blueprint(platform, ids))
    app.register_blueprint(dispatching.blueprint(platform, gate))
    app.register_blueprint(assets.blueprint(platform, gate))
    app.register_blueprint(accounts.blueprint(platform, gate))
    paths.install(app)
    openapi.add_schemas(app, "/api/", shapes.ERROR, shapes.SCHEMAS, shapes.SECURITY)
