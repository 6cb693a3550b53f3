"""WxM's API on the built-in platform (docs/wxm-api.md; what clients expect: docs/cisco/wxm-api.md)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from experience.accounts.api_tokens import ApiTokens, Bearers
from experience.accounts.users import Users
from experience.api import (
    accounts,
    answers,
    assets,
    dispatches,
    event_log,
    login,
    partials,
    questions,
    summaries,
    survey_tokens,
    surveys,
    token_import,
    token_search,
    visualize,
)
from experience.api.support import callers, errors, paths, schemas
from experience.api.support.sign_in import SignIn
from experience.platform import Platform
from experience.surveys.partials import PartialIds
from foundation.web import openapi

# What any route under /api takes.
LARGEST_BODY = max(token_import.LARGEST_BATCH, dispatches.LARGEST_BATCH)


@dataclass(frozen=True, slots=True)
class PublicUrls:
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
    places: PublicUrls,
) -> None:
    """Add every route under /api to `app`."""
    errors.install(app)
    app.url_map.converters["token"] = surveys.TokenConverter
    gate = callers.Gate(sign_in, Bearers(platform.database, tokens), places.public_url)
    app.register_blueprint(login.blueprint(users, sign_in, tokens, gate, places.public_url))
    app.register_blueprint(questions.blueprint(platform, gate))
    app.register_blueprint(answers.blueprint(platform, gate))
    app.register_blueprint(summaries.blueprint(platform, gate))
    app.register_blueprint(visualize.blueprint(platform, gate))
    app.register_blueprint(survey_tokens.blueprint(platform, gate))
    app.register_blueprint(token_search.blueprint(platform, gate))
    app.register_blueprint(token_import.blueprint(platform, gate, places.survey_url))
    app.register_blueprint(surveys.blueprint(platform, ids, places.public_url.rstrip("/"), places.survey_url))
    app.register_blueprint(partials.blueprint(platform, ids))
    app.register_blueprint(dispatches.blueprint(platform, gate))
    app.register_blueprint(event_log.blueprint(platform, gate))
    app.register_blueprint(assets.blueprint(platform, gate))
    app.register_blueprint(accounts.blueprint(platform, gate))
    paths.install(app)
    openapi.add_schemas(app, "/api/", error=schemas.ERROR, schemas=schemas.SCHEMAS, security=schemas.SECURITY)
