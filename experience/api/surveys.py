"""Taking a survey with a token (docs/cisco/wxm-api.md §4): open to every origin, the token is the only credential.

A token that is unknown, over or used up is answered `null`, as WxM does: its clients show "expired". What a token
prefills, whoever answers cannot change.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection
from werkzeug.routing import BaseConverter

from experience.accounts.api_tokens import Caller
from experience.accounts.users import ACCOUNT
from experience.answers.parse import moment
from experience.api.answers import load, taken
from experience.api.support import bodies, qr, signatures
from experience.api.support.errors import Malformed, Unknown
from experience.api.support.origins import open_to_every_origin
from experience.api.support.schemas import NULL, either, ref
from experience.dispatch import events
from experience.dispatch.events import Happened
from experience.model.errors import BadAnswer
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.surveys import partials, survey_tokens
from experience.surveys.partials import MOST_RESPONSES, Followed, PartialIds
from foundation.signed import SKEW_SECONDS
from foundation.web.openapi import described

CODE_PIXELS = 200
# A client's clock may be ahead of ours by so much.
CLOCKS_DIFFER = timedelta(minutes=5)
# Whoever has a token may put one answer in, and gets it back whole.
CUSTOMER = Caller(ACCOUNT, "system")

Document = dict[str, Any]


class UsedUp(Exception):
    """Another answer had the last use of the token."""


class TokenConverter(BaseConverter):
    """A survey token in a path: whatever is not the name of another route."""

    regex = r"(?!(?i:qr|import)(?:/|$))[^/]+"


def blueprint(platform: Platform, ids: PartialIds, survey_url: str) -> Blueprint:
    routes = Blueprint("api_taking", __name__, url_prefix="/api/SurveyByToken")

    @routes.get("/<token:token>")
    @routes.get("/<token:token>/<_device>")
    @described(answer=either(NULL, ref("TokenSurvey")))
    def survey(token: str, _device: str = "") -> Response:
        """The survey that a token invites to; `null` where it is over."""
        return bodies.json_response(_survey(platform, ids, token))

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


def with_prefills(responses: list[Any], invitation: Document) -> list[Any]:
    """The responses of an answer: what the invitation prefills stands as it is. Raises Malformed."""
    prefilled = [response for response in invitation.get("preFill") or () if isinstance(response, dict)]
    fixed = [response.get("questionId") for response in prefilled]
    rest = [sent for sent in responses if not (isinstance(sent, dict) and sent.get("questionId") in fixed)]
    if len(rest) > MOST_RESPONSES:
        raise Malformed(f"responses: at most {MOST_RESPONSES}")
    return [*rest, *prefilled]


def use(invitation: Document, connection: Connection) -> None:
    """One use less of an invitation, in the transaction that keeps the answer. Raises UsedUp."""
    if not survey_tokens.use(connection, invitation["id"]):
        raise UsedUp
    if isinstance(dispatch := invitation.get("dispatchId"), str):
        events.append(connection, [Happened(invitation["id"], dispatch, "Answered")])


def _survey(platform: Platform, ids: PartialIds, token: str) -> Document | None:
    with platform.database.read() as connection:
        invitation = survey_tokens.find(connection, token, usable=True)
        if invitation is None:
            return None
        documents = catalogue.documents(connection, invitation["location"])
    known = platform.catalogue.questionnaires.get(invitation["location"])
    shown = [document for document in documents if not document.get("isRetired") and not document.get("staffFill")]
    return {
        "businessName": known.display_name if known else invitation["location"],
        "preferredLanguage": invitation.get("preferredLanguage"),
        "partialResponseId": ids.new(token),
        "skipWelcome": bool(invitation.get("skipWelcome")),
        "classicCaptcha": False,
        "textStyles": [],
        "questions": shown,
        "preFill": invitation.get("preFill") or [],
        "translated": {},
        "attributes": {},
        "accountSpecificSettings": [],
        "customMetrics": {},
    }


def _answered(platform: Platform, token: str) -> Response:
    sent = bodies.camel(bodies.sent())
    if not isinstance(sent, dict) or not isinstance(sent.get("responses"), list):
        raise Malformed("The body is not an answer")
    with platform.database.read() as connection:
        invitation = survey_tokens.find(connection, token)
        is_over = survey_tokens.find(connection, token, usable=True) is None
        waiting = partials.awaiting(connection, token) if invitation else {}
    if invitation and waiting and (known := _completed(platform, invitation, waiting, sent)):
        return bodies.written(known)
    if invitation is None or is_over:
        return bodies.json_response(None)
    signatures.check(invitation, sent)
    answer = {**sent, "id": None, "user": ACCOUNT, "locationId": invitation["location"]}
    answer |= dict.fromkeys(("archived", "notes", "openTicket"))
    answer["responses"] = with_prefills(sent["responses"], invitation)
    answer["responseDateTime"] = _possible(sent.get("responseDateTime"), invitation)
    try:
        return bodies.written(taken(platform, CUSTOMER, answer, partial(use, invitation)))
    except UsedUp:
        return bodies.json_response(None)


def _possible(moment_sent: object, invitation: Document) -> object:
    """When an answer was given, as its client says; None, which is now, where it cannot have been then."""
    try:
        at = moment(moment_sent)
    except BadAnswer:
        return moment_sent
    made = moment(invitation["created"]) - timedelta(seconds=SKEW_SECONDS)
    return moment_sent if made <= at <= datetime.now(UTC) + CLOCKS_DIFFER else None


def _completed(platform: Platform, invitation: Document, waiting: dict[str, Document], sent: Document) -> str | None:
    """The answer that a partial survey has become, where this is the whole of it, which a client sends as well."""
    try:
        responses = platform.checked(invitation["location"], sent["responses"])
    except BadAnswer:
        return None
    facts = {name: sent[name] for name in ("surveyClient", "responseDuration") if sent.get(name) is not None}
    whole = {**facts, "responses": with_prefills(sent["responses"], invitation)}
    fixed = [response["questionId"] for response in invitation.get("preFill") or ()]
    alone = invitation["validUses"] == 1
    for survey, document in waiting.items():
        if partials.is_whole(document, {**facts, "responses": responses}, fixed, or_more=alone):
            try:
                platform.amend(partials.answer_id(survey), whole, partial(partials.follow, survey))
            except Followed:
                continue
            with platform.database.read() as connection:
                return load(connection, CUSTOMER, partials.answer_id(survey))
    return None
