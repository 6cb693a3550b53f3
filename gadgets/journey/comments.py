"""GET /gadgets/comments: what customers wrote, newest first, to the signed-in agent or to the supervisor's teams."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from experience.model.errors import BadCursor, UnknownQuestionnaire
from experience.platform import ExperiencePlatform
from foundation.web.openapi import described
from gadgets.journey.answer_json import comments_json, private
from gadgets.journey.models import CommentsResponse
from gadgets.pulse.models import CommentParameters, PageParameters
from gadgets.pulse.query import QUERY_ERRORS, query_of
from gadgets.signin.directory import Directory
from gadgets.signin.guard import Guard
from gadgets.signin.person import Person

ERRORS = (*QUERY_ERRORS, UnknownQuestionnaire, BadCursor)


def blueprint(guard: Guard, platform: ExperiencePlatform, directory: Directory, time_zone: str) -> Blueprint:
    routes = Blueprint("comments", __name__)
    zone = ZoneInfo(time_zone)

    @routes.get("/gadgets/comments")
    @guard.signed_in
    @described(query=CommentParameters, answer=CommentsResponse, errors=ERRORS)
    def comments(person: Person) -> Response:
        """Answers with a comment, newest first, of those that the pulse counts for the same question."""
        query = query_of(person, request.query_string, datetime.now(zone).date())
        paging = PageParameters.parse(request.args.to_dict())
        page = platform.comments(query.scope, query.period, query.questionnaire, paging.limit, paging.before)
        return private(comments_json(page, directory))

    return routes
