"""Files of questionnaires (docs/cisco/wxm-api.md §8.4): put in by writers, read by whoever knows the name."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, request

from experience.accounts.api_tokens import Caller
from experience.api.support import bodies
from experience.api.support.callers import Gate
from experience.api.support.errors import Malformed, Unknown
from experience.api.support.schemas import TEXT, holding
from experience.platform import Platform
from experience.surveys import assets, survey_tokens
from experience.surveys.assets import Asset
from foundation.web.openapi import described

# The file, and what a form has around it.
LARGEST_BODY = assets.LARGEST + 64 * 1024
# Clients want a picture in a survey, whether there is a logo or not: one of a single point that nobody sees.
BLANK = "blank.png"
LOGO = f"/api/StreamUserAsset/{BLANK}"
BLANK_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII="
)
SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=86400, immutable",
}


FILES = holding(files={"type": "string", "contentMediaType": "application/octet-stream"})


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_assets", __name__, url_prefix="/api")

    @routes.post("/UploadUserAsset")
    @gate.writing
    @described(files=FILES, answer=TEXT)
    def upload(_caller: Caller) -> Response:
        """Keep a prompt, picture or PDF (part `files`, at most 4 MiB); answered with the name it is streamed by."""
        return bodies.json_response(_kept(platform))

    @routes.post("/UploadUserAsset/<token:token>")
    @described(files=FILES, answer=TEXT)
    def upload_by_token(token: str) -> Response:
        """Keep a file of somebody who takes a survey; the token is the only credential, for at most 10 files."""
        with platform.database.read() as connection:
            if survey_tokens.find(connection, token, usable=True) is None:
                raise Unknown("There is no such survey token, or it is over")
        return bodies.json_response(_kept(platform, token))

    @routes.get("/DownloadUserAsset/<name>")
    @gate.reading
    @described(answer=TEXT)
    def locate(_caller: Caller, name: str) -> Response:
        """Where a file is, below /api; it is fetched there without a credential."""
        asset = assets.find(platform.database, name)
        if asset is None:
            raise Unknown("There is no such file")
        return bodies.json_response(f"StreamUserAsset/{asset.name}")

    @routes.get("/StreamUserAsset/<name>")
    @described(media="*/*")
    def stream(name: str) -> Response:
        """The file of a name. It needs no credential, for voice browsers have none: nobody guesses the name."""
        asset = Asset(BLANK, "image/png", BLANK_PNG) if name == BLANK else assets.find(platform.database, name)
        if asset is None:
            raise Unknown("There is no such file")
        response = Response(asset.content, mimetype=asset.media, headers=SAFE)
        if not asset.is_shown:
            response.headers["Content-Disposition"] = f"attachment; filename={asset.name}"
        return response

    return routes


def _kept(platform: Platform, token: str = "") -> str:
    """The new name of the file that was sent; of a survey token's, where it has one. Raises Malformed, AssetFault."""
    request.max_content_length = LARGEST_BODY
    sent = request.files.get("files")
    if sent is None:
        raise Malformed("files: a part of this name, with the file")
    return assets.keep(platform.database, sent.filename or "", sent.read(), token).name
