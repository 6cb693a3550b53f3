"""WxM answers as the tests need them, by the questions of the shipped questionnaire, and what a database holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from experience.answers.schema import answers
from experience.figures.schema import agent_tallies, team_tallies
from foundation.db.database import Database

Answer = dict[str, Any]

NPS = "64b000000000000000000001"
CSAT = "64b000000000000000000002"
CES = "64b000000000000000000003"
COMMENT = "64b000000000000000000004"
PERSON = {
    "customer": "64b0000000000000000000a1",
    "agent": "64b0000000000000000000a2",
    "team": "64b0000000000000000000a3",
    "mobile": "64b0000000000000000000a4",
    "email": "64b0000000000000000000a5",
}
SCORES = {"nps": NPS, "csat": CSAT, "ces": CES}


def response(question: str, text: str | None = None, number: float | None = None) -> Answer:
    """WxM's Response."""
    return {"questionId": question, "questionText": "as it was asked", "textInput": text, "numberInput": number}


def answer(identity: str, at: str = "2026-11-08T03:12:44Z", **values: Any) -> Answer:
    """A WxM Answer; `given` are scores, `comment`, `customer`, `agent`, `team`, `mobile`, `email`, or fields of it."""
    responses = [response(SCORES[name], None, values.pop(name)) for name in SCORES if name in values]
    if "comment" in values:
        responses.append(response(COMMENT, values.pop("comment"), 0))
    responses += [response(PERSON[name], values.pop(name), 0) for name in PERSON if name in values]
    return {
        "id": identity,
        "locationId": "Post call survey",
        "responseDateTime": at,
        "surveyClient": "sms",
        "responses": responses,
        **values,
    }


def row_of(database: Database, identity: str) -> Any:
    """An answer as it is kept."""
    with database.read() as connection:
        return connection.execute(select(answers).where(answers.c.id == identity)).one()


def tallies_of(database: Database) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """All counts, of agents and of teams."""
    with database.read() as connection:
        agents = sorted(tuple(row) for row in connection.execute(select(agent_tallies)))
        return agents, sorted(tuple(row) for row in connection.execute(select(team_tallies)))


def everything(database: Database) -> list[tuple[Any, ...]]:
    """All answers and all counts, to see whether anything changed."""
    with database.read() as connection:
        rows = sorted(tuple(row) for row in connection.execute(select(answers)))
    agents, teams = tallies_of(database)
    return [*rows, *agents, *teams]
