"""Survey tokens and taking a survey with one (contract/wxm-api.md §3, §4).

A token that is unknown, over or used up is answered `null`, as WxM does: its clients show "expired". What a token
prefills, whoever answers cannot change. The two routes of SurveyByToken answer every origin.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response

from experience import invitations, questionnaires
from experience.api import bodies
from experience.api.answering import taken
from experience.api.callers import Gate
from experience.api.faults import Malformed, Unknown
from experience.api.login import ACCOUNT
from experience.api.shapes import NULL, each, either, ref
from experience.platform import Platform
from experience.tokens import Caller
from foundation.openapi import described

MOST_RESPONSES = 500
NOT_TOKENS = {"qr", "import"}
PREFLIGHT = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Content-Type"}

Document = dict[str, Any]


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_invitations", __name__, url_prefix="/api/SurveyToken")
    database = platform.database

    @routes.get("")
    @gate.account
    @described(answer=each(ref("SurveyToken")))
    def every(_caller: Caller) -> Response:
        """At most 1,000 survey tokens, by their ids."""
        with database.read() as connection:
            return bodies.told(invitations.some(connection))

    @routes.post("")
    @gate.writing
    @described(body=ref("SentSurveyToken"), answer=ref("SurveyToken"))
    def make(_caller: Caller) -> Response:
        """A new survey token; without a validTill it is good for 30 days, without validUses for one answer."""
        given = _sent_token()
        return bodies.told(invitations.make(database, given, _questionnaire(platform, given)))

    @routes.get("/Id/<token>")
    @gate.account
    @described(answer=ref("SurveyToken"))
    def one(_caller: Caller, token: str) -> Response:
        """One survey token."""
        return bodies.told(_known(platform, token))

    @routes.post("/update/<token>")
    @gate.writing
    @described(body=ref("SentSurveyToken"), answer=ref("SurveyToken"))
    def change(_caller: Caller, token: str) -> Response:
        """Change a survey token: fields that are not sent stay as they are."""
        given = {**_known(platform, token), **_sent_token()}
        return bodies.told(invitations.change(database, token, given, _questionnaire(platform, given)))

    @routes.get("/delete/<token>")
    @gate.writing
    @described(answer={"const": True})
    def remove(_caller: Caller, token: str) -> Response:
        """Delete a survey token."""
        _known(platform, token)
        invitations.remove(database, token)
        return bodies.told(True)

    return routes


def taking(platform: Platform) -> Blueprint:
    routes = Blueprint("api_taking", __name__, url_prefix="/api/SurveyByToken")

    @routes.get("/<token>")
    @routes.get("/<token>/<_device>")
    @described(answer=either(NULL, ref("TokenSurvey")))
    def survey(token: str, _device: str = "") -> Response:
        """The survey that a token invites to; `null` where it is over."""
        if _device and token.lower() in NOT_TOKENS:
            raise Unknown()
        return bodies.told(_survey(platform, token))

    @routes.post("/<token>")
    @described(body=ref("SentAnswer"), answer=either(NULL, ref("Answer")))
    def answer(token: str) -> Response:
        """Take the answer to a survey; told with its new id, `null` where the token is over."""
        return _answered(platform, token)

    @routes.post("/Import/Dispatch")
    def unknown_import() -> Response:
        """Not here: tokens are not imported."""
        raise Unknown()

    @routes.route("/<_token>", methods=["OPTIONS"])
    def preflight(_token: str) -> Response:
        """Let pages of other origins ask."""
        return Response(status=204, headers=PREFLIGHT)

    @routes.after_request
    def for_every_origin(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return routes


def _survey(platform: Platform, token: str) -> Document | None:
    with platform.database.read() as connection:
        invitation = invitations.one(connection, token, usable=True)
        if invitation is None:
            return None
        asked = questionnaires.documents(connection, invitation["location"])
    known = platform.catalogue.questionnaires.get(invitation["location"])
    shown = [document for document in asked if not document.get("isRetired") and not document.get("staffFill")]
    return {
        "businessName": known.display_name if known else invitation["location"],
        "preferredLanguage": invitation.get("preferredLanguage"),
        "partialResponseId": f"{secrets.token_hex(16)}-{token}",
        "skipWelcome": bool(invitation.get("skipWelcome")),
        "classicCaptcha": False,
        "textStyles": [],
        "questions": shown,
        "preFill": invitation.get("preFill") or [],
        "translated": {},
        "attributes": {},
        "accountSpecificSettings": [],
        "customMetrics": {},
    }


def _answered(platform: Platform, token: str) -> Response:
    given = bodies.camel(bodies.sent())
    if not isinstance(given, dict) or not isinstance(given.get("responses"), list):
        raise Malformed("The body is not an answer")
    with platform.database.read() as connection:
        invitation = invitations.one(connection, token, usable=True)
    if invitation is None or not invitations.use(platform.database, token):
        return bodies.told(None)
    answer = {**given, "id": None, "user": ACCOUNT, "locationId": invitation["location"], "archived": None}
    answer |= {"notes": None, "openTicket": None, "responses": _with_prefills(given["responses"], invitation)}
    try:
        return bodies.written(taken(platform, Caller(ACCOUNT, "system"), answer))
    except Malformed:
        invitations.use(platform.database, token, -1)
        raise


def _with_prefills(given: list[Any], invitation: Document) -> list[Any]:
    prefilled = [each for each in invitation.get("preFill") or () if isinstance(each, dict)]
    fixed = {each.get("questionId") for each in prefilled}
    rest = [each for each in given if not (isinstance(each, dict) and each.get("questionId") in fixed)]
    if len(rest) > MOST_RESPONSES:
        raise Malformed(f"responses: at most {MOST_RESPONSES}")
    return [*rest, *prefilled]


def _known(platform: Platform, token: str) -> Document:
    with platform.database.read() as connection:
        found = invitations.one(connection, token)
    if found is None:
        raise Unknown("There is no such survey token")
    return found


def _sent_token() -> Document:
    given = bodies.camel(bodies.sent())
    if not isinstance(given, dict):
        raise Malformed("The body is not a survey token")
    prefills = given.get("preFill") or []
    if not isinstance(prefills, list) or not all(isinstance(each, dict) for each in prefills):
        raise Malformed("preFill: is not a list of responses")
    return {"user": ACCOUNT, **given}


def _questionnaire(platform: Platform, given: Document) -> str:
    """The questionnaire that a token names; where it names none, the account's first."""
    known = sorted(platform.catalogue.questionnaires)
    wanted = given.get("location") or (known[0] if known else None)
    if wanted not in known:
        raise Malformed("location: there is no such questionnaire")
    return str(wanted)
