"""GET /gadgets/comments: what customers wrote, newest first, to the signed-in agent or to the supervisor's teams."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from experience.platform import ExperiencePlatform
from foundation.web.openapi import described
from gadgets.journey.answer_json import names_in, private, to_dict
from gadgets.pulse.query import PAGING, QUERY, asked_of, limit_of
from gadgets.signin.directory import Directory
from gadgets.signin.guard import Guard
from gadgets.signin.person import Person

MAYBE = {"type": ["string", "null"]}
COMMENT: dict[str, Any] = {
    "type": "object",
    "required": ["id", "respondedAt", "questionnaire", "scores", "comment"],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "respondedAt", "questionnaire", "comment")},
        **dict.fromkeys(("channel", "band", "agentId", "agentName", "teamId", "teamName"), MAYBE),
        "scores": {"type": "object", "additionalProperties": {"type": "number"}},
    },
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["comments", "next"],
    "properties": {"comments": {"type": "array", "items": COMMENT}, "next": MAYBE},
}


def blueprint(guard: Guard, platform: ExperiencePlatform, directory: Directory, time_zone: str) -> Blueprint:
    routes = Blueprint("comments", __name__)
    zone = ZoneInfo(time_zone)

    @routes.get("/gadgets/comments")
    @guard.signed_in
    @described(query={**QUERY, **PAGING}, answer=ANSWER)
    def comments(person: Person) -> Response:
        """Answers with a comment, newest first, of those that the pulse counts for the same question."""
        asked = asked_of(person, request.query_string, datetime.now(zone).date())
        limit, before = limit_of(request.args), request.args.get("before")
        found = platform.comments(asked.scope, asked.period, asked.questionnaire, limit, before)
        names = names_in(found.answers, directory)
        return private({"comments": [to_dict(answer, names) for answer in found.answers], "next": found.next})

    return routes
