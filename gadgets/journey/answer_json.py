"""Journeys and comments as gadgets get them: with the names of agents and teams, and kept by nobody on the way."""

from collections.abc import Collection
from typing import Any

import orjson
from flask import Response

from experience.model.answer import JourneyAnswer
from experience.model.journey import Comments, Journey
from experience.model.questions import METRICS
from gadgets.pulse.figures import Names
from gadgets.signin.directory import Directory

NO_STORE = {"Cache-Control": "no-store"}
# UTC with Z; fractions of a second are left out.
TIMES = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
NO_JOURNEY = Journey(None, 0, None, None, {}, [], None)


def private(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body, option=TIMES), mimetype="application/json", headers=NO_STORE)


def journey_json(journey: Journey, directory: Directory) -> dict[str, Any]:
    """A page of a customer's answers; `sharedBy` only where several customers have the number or address."""
    names = _names_in(journey.answers, directory)
    body: dict[str, Any] = {
        "summary": {
            "responses": journey.total,
            "first": journey.first,
            "last": journey.last,
            **{metric: _standing(journey, metric) for metric in METRICS},
        },
        "responses": [_answer_json(answer, names) | {"answers": answer.answers} for answer in journey.answers],
        "next": journey.next,
    }
    return body if journey.shared_by is None else {"sharedBy": journey.shared_by, **body}


def comments_json(page: Comments, directory: Directory) -> dict[str, Any]:
    """A page of answers with a comment."""
    names = _names_in(page.answers, directory)
    return {"comments": [_answer_json(answer, names) for answer in page.answers], "next": page.next}


def _names_in(answers: Collection[JourneyAnswer], directory: Directory) -> Names:
    """The names of these answers' teams and agents."""
    teams = {answer.team_id for answer in answers if answer.team_id}
    agents = {answer.agent_id for answer in answers if answer.agent_id}
    return Names(directory.team_names(teams), directory.agent_names(agents))


def _standing(journey: Journey, metric: str) -> dict[str, Any]:
    standing = journey.summary.get(metric)
    return {"last": standing.last, "mean": standing.mean} if standing else {"last": None, "mean": None}


def _answer_json(answer: JourneyAnswer, names: Names) -> dict[str, Any]:
    """What journeys and comments have in common."""
    return {
        "id": answer.id,
        "respondedAt": answer.responded_at,
        "channel": answer.channel,
        "questionnaire": answer.questionnaire,
        "scores": answer.scores,
        "scales": answer.scales,
        "band": answer.band,
        "comment": answer.comment,
        "agentId": answer.agent_id,
        "agentName": names.agents.get(answer.agent_id) if answer.agent_id else None,
        "teamId": answer.team_id,
        "teamName": names.teams[answer.team_id] if answer.team_id else None,
    }
