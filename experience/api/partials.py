"""Surveys that are answered bit by bit (docs/cisco/wxm-api.md §4.3); open to every origin."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response
from sqlalchemy import Connection

from experience.accounts.users import ACCOUNT
from experience.api.answers import taken
from experience.api.support import bodies, signatures
from experience.api.support.errors import Malformed, Unknown
from experience.api.support.origins import open_to_every_origin
from experience.api.support.schemas import array_of, ref
from experience.api.surveys import CUSTOMER, UsedUp, use, with_prefills
from experience.model.errors import BadAnswer
from experience.platform import Platform
from experience.surveys import partials, survey_tokens
from experience.surveys.partials import PartialIds
from foundation.web.openapi import described

FLAGS = {"true": True, "false": False}
OVER = "This survey is over, or was never opened"

Document = dict[str, Any]


def blueprint(platform: Platform, ids: PartialIds) -> Blueprint:
    routes = Blueprint("api_partials", __name__, url_prefix="/api/PartialSurvey")

    @routes.post("/<partial>/<completed>")
    @routes.post("/<partial>/<completed>/<client>")
    @routes.post("/<partial>/<completed>/<client>/<device>")
    @described(body=array_of(ref("SentResponse")), status=204)
    def keep(partial: str, completed: str, client: str | None = None, device: str | None = None) -> Response:
        """Keep what was answered so far under the `partialResponseId` that SurveyByToken gave out.

        A response takes the place of an earlier one to the same question. With `true` the survey becomes an answer,
        once; with `false` it is no answer, and is forgotten after 30 days.
        """
        if completed.lower() not in FLAGS:
            raise Malformed("The id is followed by true, where the survey is completed, or false")
        token = ids.token(partial)
        if token is None:
            raise Unknown(OVER)
        _keep(platform, partial, token, {"surveyClient": client, "deviceId": device})
        if FLAGS[completed.lower()]:
            _complete(platform, partial, token)
        return Response(status=204)

    open_to_every_origin(routes, "/<_partial>/<_completed>/<_client>/<_device>", methods="POST")
    return routes


def _keep(platform: Platform, partial: str, token: str, facts: Document) -> None:
    """Keep the responses of the request; of a survey that is completed they change nothing."""
    responses = bodies.camel(bodies.sent())
    if not isinstance(responses, list):
        raise Malformed("The body is not a list of responses")
    with platform.database.read() as connection:
        known = partials.find(connection, partial)
        invitation = survey_tokens.find(connection, token, usable=True)
    if known and known[1]:
        return
    if invitation is None:
        raise Unknown(OVER)
    signatures.refuse_unsigned(invitation)
    try:
        kept = platform.checked(invitation["location"], responses)
    except BadAnswer as fault:
        raise Malformed(str(fault)) from None
    present = {name: value for name, value in facts.items() if value is not None}
    partials.keep(platform.database, partial, invitation, {**present, "responses": kept})


def _complete(platform: Platform, partial: str, token: str) -> None:
    """The answer that a partial survey becomes, in one transaction with its end and the use of its token."""
    with platform.database.read() as connection:
        document, is_completed = partials.find(connection, partial) or (None, False)
        invitation = survey_tokens.find(connection, token)
    if is_completed:
        return
    if document is None or invitation is None:
        raise Unknown(OVER)
    kept = orjson.loads(document)
    answer = {**kept, "id": partials.answer_id(partial), "user": ACCOUNT, "locationId": invitation["location"]}
    answer["responses"] = with_prefills(kept["responses"], invitation)

    def close(connection: Connection) -> None:
        use(invitation, connection)
        partials.complete(connection, partial, document)

    try:
        taken(platform, CUSTOMER, answer, close)
    except UsedUp:
        raise Unknown(OVER) from None
    except partials.Grown:
        _complete(platform, partial, token)
