"""Surveys that are answered bit by bit (docs/cisco/wxm-api.md §4.3); open to every origin."""

from __future__ import annotations

from flask import Blueprint, Response

from experience import respondents
from experience.api.support import bodies
from experience.api.support.errors import Malformed
from experience.api.support.origins import open_to_every_origin
from experience.api.support.schemas import array_of, ref
from experience.platform import Platform
from experience.surveys.partials import PartialIds, device_id
from foundation.web.openapi import described

FLAGS = {"true": True, "false": False}


def blueprint(platform: Platform, ids: PartialIds) -> Blueprint:
    routes = Blueprint("api_partials", __name__, url_prefix="/api/PartialSurvey")

    @routes.post("/<token:partial>/<completed>")
    @routes.post("/<token:partial>/<completed>/<client>")
    @routes.post("/<token:partial>/<completed>/<client>/<device>")
    @described(body=array_of(ref("SentResponse")), status=204)
    def keep(partial: str, completed: str, client: str | None = None, device: str | None = None) -> Response:
        """Keep what was answered so far under the `partialResponseId` that SurveyByToken gave out.

        A response takes the place of an earlier one to the same question. With `true` the survey becomes an answer,
        once; with `false` it is no answer, and is forgotten after 30 days.
        """
        if completed.lower() not in FLAGS:
            raise Malformed("The id is followed by true, where the survey is completed, or false")
        is_over = FLAGS[completed.lower()]
        token, survey = ids.token(partial), partial
        if token is None and client and device and not is_over:
            # WxM's SDK for iOS knows no id but the survey token, and never ends a survey.
            token, survey = partial, device_id(partial, client, device)
        if token is None:
            raise respondents.SurveyOver()
        responses = bodies.camel(bodies.sent())
        if not isinstance(responses, list):
            raise Malformed("The body is not a list of responses")
        facts = {name: value for name, value in (("surveyClient", client), ("deviceId", device)) if value is not None}
        respondents.take_bit(platform, survey, token, {**facts, "responses": responses}, completed=is_over)
        return Response(status=204)

    open_to_every_origin(routes, "/<_partial>/<_completed>/<_client>/<_device>", methods="POST")
    return routes
