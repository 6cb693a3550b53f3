"""Answers of customers as gadgets are told them: with the names of agents and teams, never kept by anyone between."""

from collections.abc import Collection
from typing import Any

import orjson
from flask import Response

from experience.model.answer import JourneyAnswer
from gadgets.pulse.figures import Names
from gadgets.signin.directory import Directory

NO_STORE = {"Cache-Control": "no-store"}
# UTC with Z; fractions of a second are not told.
TIMES = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def private(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body, option=TIMES), mimetype="application/json", headers=NO_STORE)


def names_in(answers: Collection[JourneyAnswer], directory: Directory) -> Names:
    """What the teams and agents of these answers are called."""
    teams = {answer.team_id for answer in answers if answer.team_id}
    agents = {answer.agent_id for answer in answers if answer.agent_id}
    return Names(directory.team_names(teams), directory.agent_names(agents))


def to_dict(answer: JourneyAnswer, names: Names) -> dict[str, Any]:
    """What journeys and comments tell of an answer alike."""
    return {
        "id": answer.id,
        "respondedAt": answer.responded_at,
        "channel": answer.channel,
        "questionnaire": answer.questionnaire,
        "scores": answer.scores,
        "band": answer.band,
        "comment": answer.comment,
        "agentId": answer.agent_id,
        "agentName": names.agents.get(answer.agent_id) if answer.agent_id else None,
        "teamId": answer.team_id,
        "teamName": names.teams[answer.team_id] if answer.team_id else None,
    }
