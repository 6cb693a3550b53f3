"""Taking a survey with a token (docs/cisco/wxm-api.md §4): open to every origin, the token is the only credential.

A token that is unknown, over or used up is answered `null`, as WxM does: its clients show "expired". What a token
prefills, whoever answers cannot change.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from typing_extensions import override
from werkzeug.routing import BaseConverter

from experience import respondents
from experience.accounts.api_tokens import Caller
from experience.accounts.users import ACCOUNT
from experience.api.answers import as_shown, load
from experience.api.assets import LOGO
from experience.api.support import bodies, models, qr
from experience.api.support.errors import Malformed, Unknown
from experience.api.support.origins import open_to_every_origin
from experience.api.support.schemas import NULL, either, ref
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.surveys import survey_tokens
from experience.surveys.partials import PartialIds
from foundation.web.openapi import described

CODE_PIXELS = 200
# Whoever has a token may put one answer in, and gets it back whole.
CUSTOMER = Caller(ACCOUNT, "system")

Document = dict[str, Any]


class TokenConverter(BaseConverter):
    """A survey token in a path: whatever is not the name of another route, without what links say behind it."""

    regex = r"(?!(?i:qr|import)(?:/|$))[^/]+"

    @override
    def to_python(self, value: str) -> str:
        return survey_tokens.of_link(value)


def blueprint(platform: Platform, ids: PartialIds, public_url: str, survey_url: str) -> Blueprint:
    routes = Blueprint("api_taking", __name__, url_prefix="/api/SurveyByToken")

    @routes.get("/<token:token>")
    @routes.get("/<token:token>/<_device>")
    @described(answer=either(NULL, ref("TokenSurvey")))
    def survey(token: str, _device: str = "") -> Response:
        """The survey that a token invites to; `null` where it is over."""
        return bodies.json_response(_survey(platform, ids, public_url, token))

    @routes.post("/<token:token>")
    @described(body=ref("SentAnswer"), answer=either(NULL, ref("Answer")))
    def answer(token: str) -> Response:
        """Take the answer to a survey; returns it with its new id, `null` where the token is over.

        A token with a `restrictBySignature` takes signed answers alone (403 bad_signature).
        """
        return _answered(platform, token)

    @routes.get("/QR/<token:token>")
    @described(media="image/png")
    def code(token: str) -> Response:
        """A QR code of the survey's address, 200 by 200 pixels; 404 where the token is over."""
        with platform.database.read() as connection:
            if survey_tokens.find(connection, token, usable=True) is None:
                raise Unknown("There is no such survey token, or it is over")
        drawn = qr.picture(f"{survey_url}/{token}", CODE_PIXELS)
        return Response(drawn, mimetype="image/png", headers=bodies.NOT_KEPT)

    open_to_every_origin(routes, "/<token:token>/<_device>", methods="GET, POST")
    return routes


def _survey(platform: Platform, ids: PartialIds, public_url: str, token: str) -> Document | None:
    with platform.database.read() as connection:
        invitation = survey_tokens.find(connection, token, usable=True)
        if invitation is None:
            return None
        documents = catalogue.documents(connection, invitation["location"])
    known = platform.catalogue.questionnaires.get(invitation["location"])
    shown = [document for document in documents if not document.get("isRetired") and not document.get("staffFill")]
    return models.survey(
        logoURL=f"{public_url}{LOGO}",
        businessName=known.display_name if known else invitation["location"],
        questions=shown,
        preFill=models.responses(invitation.get("preFill")),
        ack=invitation.get("rewardCode"),
        skipWelcome=bool(invitation.get("skipWelcome")),
        partialResponseId=ids.new(token),
        doNotSocialShare="Yes" if invitation.get("doNotSocialShare") else None,
        preferredLanguage=invitation.get("preferredLanguage"),
    )


def _answered(platform: Platform, token: str) -> Response:
    sent = bodies.camel(bodies.sent())
    if not isinstance(sent, dict) or not isinstance(sent.get("responses"), list):
        raise Malformed("The body is not an answer")
    kept = respondents.take_whole(platform, token, sent)
    if kept is None:
        return bodies.json_response(None)
    with platform.database.read() as connection:
        return bodies.written(as_shown(platform, CUSTOMER, load(connection, CUSTOMER, kept)))
