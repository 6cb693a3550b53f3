"""The style sheet and the script of the page, under a hash of what is in them; and the logos of questionnaires."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request
from pydantic_core import PydanticCustomError
from werkzeug.exceptions import NotFound

from experience.platform import Platform
from experience.questionnaires.page_settings import PICTURES, picture
from foundation.web.openapi import HTML, described

FOLDER = Path(__file__).parent / "static"
TYPES = {"survey.css": "text/css", "survey.js": "text/javascript"}
LOGO = "logo"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def blueprint(platform: Platform) -> Blueprint:
    routes = Blueprint("survey_files", __name__, url_prefix="/s/static")

    @routes.get(f"/{LOGO}/<digest>")
    @described(media=(*PICTURES, HTML), status=(200, 404))
    def logo(digest: str) -> Response:
        """The logo of a questionnaire."""
        known = (questionnaire.page.logo for questionnaire in platform.catalogue.questionnaires.values())
        return _logo(digest, known)

    @routes.get("/<digest>/<name>")
    @described(media=(*TYPES.values(), HTML), status=(200, 404))
    def file(digest: str, name: str) -> Response:
        """The style sheet or the script of the survey page."""
        if name not in TYPES or digest != hash_of(_content(name)):
            raise NotFound()
        is_packed = request.accept_encodings["gzip"] > 0
        response = Response(_packed(name) if is_packed else _content(name), mimetype=TYPES[name], headers=FOREVER)
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return response

    return routes


def path_of(name: str) -> str:
    """Where a file is, below `/s/`."""
    return f"static/{hash_of(_content(name))}/{name}"


def logo_path(logo: str) -> str:
    """Where a questionnaire's logo is, below `/s/`; empty where it has none."""
    return f"static/{LOGO}/{hash_of(logo.encode())}" if logo else ""


@cache
def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


@cache
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_content(name), mtime=0)


def _logo(digest: str, logos: Iterable[str]) -> Response:
    logo = next((logo for logo in logos if logo and hash_of(logo.encode()) == digest), "")
    try:
        media, content = picture(logo)
    except PydanticCustomError:
        raise NotFound() from None
    return Response(content, mimetype=media, headers=FOREVER)
