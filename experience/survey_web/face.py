"""The survey face: its routes, its errors, how much of a body it reads."""

from __future__ import annotations

import re

from flask import Flask

from experience.platform import Platform
from experience.survey_web import error_pages, files, forms, preview, routes, unsubscribing
from experience.survey_web.limits import Limits
from experience.survey_web.preview import PreviewLinks
from experience.survey_web.visits import Surveys
from experience.surveys.partials import PartialIds
from foundation.brakes.store import BrakeStore
from foundation.keys import derived
from foundation.web import openapi

LARGEST_BODY = forms.LARGEST_BODY
PATHS = re.compile(r"/+s/")


def install(app: Flask, platform: Platform, keys: tuple[bytes, ...], brakes: BrakeStore) -> None:
    """Add every route under /s to `app`; `keys` are those of all nodes with this face."""
    surveys, limits = Surveys(platform), Limits(brakes, derived(keys[0], "survey limits"))
    error_pages.install(app, platform, surveys)
    app.register_blueprint(files.blueprint(platform))
    app.register_blueprint(preview.blueprint(platform, surveys, PreviewLinks(keys), limits))
    app.register_blueprint(unsubscribing.blueprint(platform, limits))
    app.register_blueprint(routes.blueprint(platform, surveys, PartialIds(keys), limits))
    openapi.add_schemas(app, "/s/", security={})
