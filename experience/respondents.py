"""One respondent, one answer, in one transaction: a survey that is sent bit by bit, whole, or both, in any order.

WxM's web client ends a survey with two requests at once (docs/cisco/wxm-api.md §10.3). The first to come takes a use of
the token and becomes the answer; the whole is what is kept of both.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, select

from experience.accounts.users import ACCOUNT
from experience.answers import complete
from experience.answers.parse import moment
from experience.answers.schema import answers
from experience.dispatch import events
from experience.dispatch.events import Happened
from experience.figures import invited
from experience.model.errors import BadAnswer
from experience.platform import Platform
from experience.surveys import partials, signatures, survey_tokens
from experience.surveys.partials import MOST_RESPONSES
from foundation.errors import BadRequest, PulseError
from foundation.signed import SKEW_SECONDS

# A client's clock may be ahead of ours by so much.
CLOCKS_DIFFER = timedelta(minutes=5)
# Of what a client sends with a whole answer, what is kept of it where a partial survey became the answer before.
FACTS = ("surveyClient", "responseDuration")

Document = dict[str, Any]


class SurveyOver(PulseError):
    status = 404
    code = "not_found"
    title = "This survey is over, or was never opened"


class InvalidAnswer(BadRequest):
    code = "invalid_request"
    title = "This answer cannot be taken"


def take_whole(platform: Platform, token: str, sent: Document) -> str | None:
    """The id of the answer that a whole one becomes; None: the token is over. Raises InvalidAnswer, NotSigned."""
    with platform.database.read() as connection:
        if survey_tokens.find(connection, token) is None:
            return None
    with platform.writing() as connection:
        invitation = survey_tokens.find(connection, token, to_change=True)
        if invitation is None:
            return None
        identity = _amended(platform, connection, invitation, sent)
        if identity is None:
            if survey_tokens.find(connection, token, usable=True) is None:
                return None
            identity = _new(platform, connection, invitation, sent)
        return identity


def take_bit(platform: Platform, survey: str, token: str, sent: Document, *, completed: bool) -> None:
    """Keep responses of a partial survey, an answer with `completed`. Raises SurveyOver, InvalidAnswer, NotSigned."""
    with platform.database.read() as connection:
        known, invitation = partials.find(connection, survey), survey_tokens.find(connection, token)
    if known and known[1]:
        return
    if invitation is None:
        raise SurveyOver()
    signatures.refuse_unsigned(invitation)
    try:
        kept = {**sent, "responses": platform.checked(invitation["location"], sent["responses"])}
    except BadAnswer as fault:
        raise InvalidAnswer(str(fault)) from None
    # Kept on its own: it is not lost where it cannot become an answer just now.
    with platform.database.write() as connection:
        document = partials.keep(platform.database, connection, survey, _held(connection, token), kept)
        if document is not None:
            _whole_of(connection, invitation, document)
    if completed and document is not None:
        with platform.writing() as connection:
            _complete(platform, connection, survey, _held(connection, token))


def _held(connection: Connection, token: str) -> Document:
    """The invitation of a token, ours until the commit. Raises SurveyOver."""
    invitation = survey_tokens.find(connection, token, to_change=True)
    if invitation is None:
        raise SurveyOver()
    return invitation


def _complete(platform: Platform, connection: Connection, survey: str, invitation: Document) -> None:
    """A partial survey ends: it becomes an answer, or its whole answer has come before."""
    document, is_completed = partials.find(connection, survey) or ("", True)
    if is_completed:
        return
    kept = orjson.loads(document)
    whole = _whole_of(connection, invitation, kept)
    if whole is None:
        answer = {**kept, "id": partials.answer_id(survey), "user": ACCOUNT, "locationId": invitation["location"]}
        add(platform, connection, invitation, answer)
    else:
        partials.stop_waiting(connection, whole)
    partials.complete(connection, survey, is_whole=whole is not None)


def _new(platform: Platform, connection: Connection, invitation: Document, sent: Document) -> str:
    """The id of the answer that a whole one becomes, which waits for the end of a partial survey."""
    signatures.check(invitation, sent)
    answer = {**sent, "id": None, "user": ACCOUNT, "locationId": invitation["location"]}
    answer |= dict.fromkeys(("archived", "notes", "openTicket"))
    answer["responseDateTime"] = _possible(sent.get("responseDateTime"), invitation)
    identity = add(platform, connection, invitation, answer)
    if not invitation.get(signatures.FIELD):
        partials.wait(platform.database, connection, identity, invitation["id"], sent.get("surveyClient"))
    return identity


def add(platform: Platform, connection: Connection, invitation: Document, answer: Document) -> str:
    """Keep an answer with what its token prefills, take a use of the token, and write that down.

    In a transaction of `platform.writing`, in which the invitation is held. Raises InvalidAnswer.
    """
    try:
        answer = complete.completed(answer, platform.catalogue.questions)
        platform.add(connection, {**answer, "responses": _with_prefills(answer["responses"], invitation)})
    except BadAnswer as fault:
        raise InvalidAnswer(str(fault)) from None
    survey_tokens.use(connection, invitation["id"])
    if isinstance(dispatch := invitation.get("dispatchId"), str):
        events.append(connection, [Happened(invitation["id"], dispatch, "Answered", message=answer["id"])])
        invited.answer(connection, invitation["id"])
    return str(answer["id"])


def _amended(platform: Platform, connection: Connection, invitation: Document, sent: Document) -> str | None:
    """The answer that a partial survey has become, now as this whole one says it; None where there is none."""
    waiting = partials.awaiting(connection, invitation["id"])
    if not waiting:
        return None
    try:
        responses = platform.checked(invitation["location"], sent["responses"])
    except BadAnswer:
        return None
    facts = {name: sent[name] for name in FACTS if sent.get(name) is not None}
    fixed, alone = _fixed(invitation), invitation["validUses"] == 1
    compared = {**facts, "responses": responses}
    survey = partials.nearest(
        (key, partials.distance(document, compared, fixed, alone=alone)) for key, document in waiting.items()
    )
    if survey is None:
        return None
    identity = partials.answer_id(survey)
    try:
        answer = complete.completed({**facts, "responses": sent["responses"]}, platform.catalogue.questions)
        whole = {**facts, "responses": _with_prefills(answer["responses"], invitation)}
        platform.amend(connection, identity, whole)
    except BadAnswer as fault:
        raise InvalidAnswer(str(fault)) from None
    partials.complete(connection, survey, is_whole=True)
    return identity


def _whole_of(connection: Connection, invitation: Document, survey: Document) -> str | None:
    """The whole answer that waits for the end of a partial survey. Raises SurveyOver: there is none, nor a use left."""
    waiting = partials.wholes(connection, invitation["id"])
    client = survey.get("surveyClient")
    ids = [
        key for key, fact in waiting.items() if None in (client, fact["surveyClient"]) or client == fact["surveyClient"]
    ]
    rows = connection.execute(select(answers.c.id, answers.c.document).where(answers.c.id.in_(ids))) if ids else ()
    documents = {row.id: orjson.loads(row.document) for row in rows}
    fixed, alone = _fixed(invitation), invitation["validUses"] == 1
    whole = partials.nearest(
        (key, partials.distance(survey, documents[key], fixed, alone=alone)) for key in ids if key in documents
    )
    if whole is None and survey_tokens.find(connection, invitation["id"], usable=True) is None:
        raise SurveyOver()
    return whole


def _fixed(invitation: Document) -> tuple[str, ...]:
    return tuple(
        str(response.get("questionId")) for response in invitation.get("preFill") or () if isinstance(response, dict)
    )


def _with_prefills(responses: list[Any], invitation: Document) -> list[Any]:
    """The responses of an answer: what the invitation prefills stands as it is. Raises InvalidAnswer."""
    fixed = _fixed(invitation)
    rest = [sent for sent in responses if not (isinstance(sent, dict) and sent.get("questionId") in fixed)]
    if len(rest) > MOST_RESPONSES:
        raise InvalidAnswer(f"responses: at most {MOST_RESPONSES}")
    return [*rest, *(response for response in invitation.get("preFill") or () if isinstance(response, dict))]


def _possible(moment_sent: object, invitation: Document) -> object:
    """When an answer was given, as its client says; None, which is now, where it cannot have been then."""
    try:
        at = moment(moment_sent)
    except BadAnswer:
        return moment_sent
    made = moment(invitation["created"]) - timedelta(seconds=SKEW_SECONDS)
    return moment_sent if made <= at <= datetime.now(UTC) + CLOCKS_DIFFER else None
