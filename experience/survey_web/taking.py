"""Keep what a respondent enters: page by page as a partial survey, at the end as one answer.

The use of a token, the answer and the end of its partial survey are one transaction. Who sends twice, or goes back and
sends again, has answered once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from experience import respondents
from experience.accounts.users import ACCOUNT
from experience.dispatch import events
from experience.dispatch.events import Action, Happened
from experience.model.errors import BadAnswer
from experience.platform import Platform
from experience.survey_web import flow
from experience.survey_web.entries import Entered, Response
from experience.survey_web.items import Item
from experience.survey_web.links import usable
from experience.survey_web.visits import BEGAN, CLIENT, PLACE, Visit
from experience.surveys import partials, survey_tokens

LONGEST_DURATION = 86_400
# For errors that concern no question.
WHOLE = ""

Read = Callable[[Connection], Visit]


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a form: the question to go on with, None where there is none; errors by question."""

    place: str | None = None
    is_done: bool = False
    errors: Mapping[str, str] | None = None


def checked(platform: Platform, questionnaire: str, entered: Entered) -> Entered:
    """Responses in the one form in which answers carry them, hashed where the questionnaire wants it."""
    responses: dict[str, Response] = {}
    errors = dict(entered.errors)
    for identity, response in entered.responses.items():
        try:
            responses[identity] = platform.checked(questionnaire, [response])[0]
        except BadAnswer:
            errors[identity] = "errors.unusable"
    return Entered(responses, entered.blank, errors)


def keep(platform: Platform, token: str, read: Read, entered: Entered, place: str | None, began: int) -> Visit:
    """Keep one page of a survey that goes on at `place`. Raises LinkError, TooMuch."""
    with platform.database.write() as connection:
        visit = _held(connection, token, read)
        is_new = bool(entered.responses) or not entered.blank.isdisjoint(visit.answered) or place != visit.place
        if visit.is_completed or not is_new:
            return visit
        document: dict[str, Any] = {"surveyClient": CLIENT, "responses": list(entered.responses.values())}
        document |= {PLACE: place, BEGAN: visit.began or began}
        partials.keep(platform.database, connection, visit.survey_id, visit.invitation, document, entered.blank)
        _note(connection, visit.invitation, "Displayed", "Open")
        return read(connection)


def finish(platform: Platform, token: str, read: Read, began: int) -> Step:
    """Turn a survey into an answer, once. Raises LinkError."""
    with platform.writing() as connection:
        visit = _held(connection, token, read)
        if visit.is_completed:
            return Step(is_done=True)
        errors = to_mend(visit.asked, visit.responses)
        if errors:
            return Step(next(iter(errors)) or visit.place, errors=errors)
        answer = {
            "id": partials.answer_id(visit.survey_id),
            "user": ACCOUNT,
            "locationId": visit.invitation["location"],
            "surveyClient": CLIENT,
            "responseDuration": max(0, min(int(time.time()) - (visit.began or began), LONGEST_DURATION)),
            "responses": [visit.answered[item.id] for item in visit.asked if item.id in visit.answered],
        }
        respondents.add(platform, connection, visit.invitation, answer)
        partials.complete(connection, visit.survey_id, is_whole=True)
        return Step(is_done=True)


def _held(connection: Connection, token: str, read: Read) -> Visit:
    """The visit as it is once no other request of the same invitation is under way; until the commit it is ours."""
    survey_tokens.hold(connection, token)
    return read(connection)


def note_displayed(platform: Platform, token: str) -> None:
    """Write down that a browser has shown a survey to somebody. Raises LinkError."""
    with platform.database.write() as connection:
        _note(connection, usable(connection, token, to_change=True), "Displayed")


def page_errors(visit: Visit, place: str | None, entered: Entered) -> dict[str, str]:
    """Why a page cannot be left forwards, by question."""
    missing = flow.missing(visit.page(place), visit.responses)
    return {**{item.id: "errors.required" for item in missing}, **entered.errors}


def to_mend(asked: list[Item], responses: flow.Responses) -> dict[str, str]:
    """Why a survey cannot be sent yet, by question."""
    errors = {item.id: "errors.required" for item in flow.missing(asked, responses)}
    if not errors and not any(item.id in responses for item in asked):
        return {WHOLE: "errors.nothing"}
    return errors


def _note(connection: Connection, invitation: dict[str, Any], *actions: Action) -> None:
    """Each is written down once for an invitation that was sent."""
    dispatch = invitation.get("dispatchId")
    if isinstance(dispatch, str):
        known = {event.action for event in events.of_target(connection, invitation["id"])}
        new = [Happened(invitation["id"], dispatch, action) for action in actions if action not in known]
        events.append(connection, new)
