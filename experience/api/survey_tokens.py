"""Survey tokens (docs/cisco/wxm-api.md §3): whom they invite, until when, how often, and what they prefill.

Whoever knows a token may answer by it and sees what it prefills: they are for whoever may write alone.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection

from experience.accounts.api_tokens import Caller
from experience.accounts.users import ACCOUNT
from experience.api.support import bodies, signatures
from experience.api.support.callers import Gate
from experience.api.support.errors import Malformed, Unknown
from experience.api.support.schemas import ref
from experience.dispatch import judging
from experience.dispatch.batches import BadRecord
from experience.model.lengths import LONGEST_NOTE
from experience.platform import Platform
from experience.surveys import survey_tokens
from foundation.web.openapi import described

UNKNOWN = "There is no such survey token"

Document = dict[str, Any]


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_invitations", __name__, url_prefix="/api/SurveyToken")
    _reading(routes, platform, gate)
    _writing(routes, platform, gate)
    return routes


def _reading(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("/Id/<token>")
    @gate.writing
    @described(answer=ref("SurveyToken"))
    def read(_caller: Caller, token: str) -> Response:
        """One survey token."""
        with platform.database.read() as connection:
            return bodies.json_response(signatures.shown(_known(connection, token)))


def _writing(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    database = platform.database

    @routes.post("")
    @gate.writing
    @described(body=ref("SentSurveyToken"), answer=ref("SurveyToken"))
    def make(_caller: Caller) -> Response:
        """A new survey token; without a validTill it is good for 30 days, without validUses for one answer."""
        sent = _sent_token()
        questionnaire = questionnaire_of(platform, sent)
        made = survey_tokens.make(
            database, _prefilling(platform, signatures.restricted(sent), questionnaire), questionnaire
        )
        return bodies.json_response(signatures.shown(made))

    @routes.post("/update/<token>")
    @gate.writing
    @described(body=ref("SentSurveyToken"), answer=ref("SurveyToken"))
    def change(_caller: Caller, token: str) -> Response:
        """Change a survey token: fields that are not sent stay as they are."""
        sent = _sent_token()
        with database.write() as connection:
            known = _known(connection, token, to_change=True)
            platform.refresh_catalogue(connection)
            merged = signatures.restricted({**known, **sent}, known)
            questionnaire = questionnaire_of(platform, merged)
            changed = survey_tokens.change(
                connection, known, _prefilling(platform, merged, questionnaire), questionnaire
            )
        return bodies.json_response(signatures.shown(changed))

    @routes.get("/delete/<token>")
    @gate.writing
    @described(answer={"const": True})
    def remove(_caller: Caller, token: str) -> Response:
        """Delete a survey token."""
        if not survey_tokens.remove(database, token):
            raise Unknown(UNKNOWN)
        return bodies.json_response(True)


def _known(connection: Connection, token: str, *, to_change: bool = False) -> Document:
    invitation = survey_tokens.find(connection, token, to_change=to_change)
    if invitation is None:
        raise Unknown(UNKNOWN)
    return invitation


def _sent_token() -> Document:
    sent = bodies.camel(bodies.sent())
    if not isinstance(sent, dict):
        raise Malformed("The body is not a survey token")
    prefills = sent.get("preFill") or []
    if not isinstance(prefills, list) or not all(isinstance(prefill, dict) for prefill in prefills):
        raise Malformed("preFill: is not a list of responses")
    if not isinstance(note := sent.get("note"), str | None) or len(note or "") > LONGEST_NOTE:
        raise Malformed(f"note: a text of at most {LONGEST_NOTE} characters")
    return {**sent, "user": ACCOUNT}


def _prefilling(platform: Platform, document: Document, questionnaire: str) -> Document:
    """A survey token that prefills what an answer will carry, hashed where that is wanted. Raises Malformed."""
    try:
        return {**document, "preFill": judging.checked(platform, questionnaire, document.get("preFill") or [])}
    except BadRecord as reason:
        raise Malformed(f"preFill: {reason}") from None


def questionnaire_of(platform: Platform, document: Document) -> str:
    """The questionnaire that a token names; where it names none, the account's first."""
    known = sorted(platform.catalogue.questionnaires)
    wanted = document.get("location") or (known[0] if known else None)
    if wanted not in known:
        raise Malformed("location: there is no such questionnaire")
    return str(wanted)
