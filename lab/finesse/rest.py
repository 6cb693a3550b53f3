"""Finesse's REST side: User, Dialogs, Team and SystemInfo over Basic (docs/cisco/finesse.md §4)."""

from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from flask import Blueprint, Response, g, request

from lab.desktop.parts import Parts
from lab.finesse import documents
from lab.finesse.accounts import NOBODY, Verdict
from lab.people import cast
from lab.people.floor import CHOICES

XML = "application/xml;charset=UTF-8"
PREFIX = "/finesse/api"


class Refused(Exception):
    """One of Finesse's own refusals."""

    def __init__(self, status: int, kind: str, message: str, data: str = "") -> None:
        super().__init__(kind)
        self.status = status
        self.body = documents.errors(kind, message, data)


def blueprint(parts: Parts) -> Blueprint:
    bp = Blueprint("finesse", __name__, url_prefix=PREFIX)
    bp.before_request(lambda: parts.faults.strike(request.path))
    bp.before_request(lambda: _out_of_service(parts))
    bp.register_error_handler(Refused, _refusal)
    _note_requests(bp, parts)
    _add_users(bp, parts)
    _add_system(bp, parts)
    return bp


def _xml(body: str | bytes, status: int = 200) -> Response:
    return Response(body, status, content_type=XML)


def _refusal(refused: Refused) -> Response:
    return _xml(refused.body, refused.status)


def _out_of_service(parts: Parts) -> None:
    """A node out of service tells nothing but that."""
    if parts.nodes.is_out(request.host) and request.path != f"{PREFIX}/SystemInfo":
        raise Refused(503, "Service Unavailable", "OUT_OF_SERVICE")


def _note_requests(bp: Blueprint, parts: Parts) -> None:
    @bp.after_request
    def note(response: Response) -> Response:
        verdict: Verdict = g.get("verdict", NOBODY)
        by = "desktop" if request.headers.get("X-Requested-With") == "finesse.js" else "other"
        parts.journal.note(request.method, request.path, verdict.claimed, response.status_code, by)
        return response


def _signed_in(parts: Parts) -> Verdict:
    verdict: Verdict = parts.accounts.check(request.headers.get("Authorization"))
    g.verdict = verdict
    if verdict.account is None:
        raise Refused(401, "Authorization Failure", "UNAUTHORIZED", verdict.claimed)
    return verdict


def _own(parts: Parts, name: str) -> cast.Person:
    """The named person, if the caller may have it: agents and supervisors themselves alone, administrators anyone."""
    verdict = _signed_in(parts)
    person = cast.find(name)
    if person is None:
        raise Refused(404, "User Not Found", "UNKNOWN_USER", name)
    if not verdict.is_administrator and verdict.account != person.id:
        raise Refused(401, "Invalid Authorization User Specified", "The user specified is not the one signed in", name)
    return person


def _add_users(bp: Blueprint, parts: Parts) -> None:
    @bp.get("/User/<name>")
    def user(name: str) -> Response:
        return _xml(parts.floor.user(_own(parts, name)))

    @bp.put("/User/<name>")
    def change_state(name: str) -> Response:
        person = _own(parts, name)
        state = _state_of(request.get_data())
        if state not in CHOICES:
            raise Refused(400, "Invalid Input", "UNKNOWN_STATE", "state")
        parts.floor.choose(person, state)
        return Response(status=202)

    @bp.get("/User/<name>/Dialogs")
    def dialogs(name: str) -> Response:
        return _xml(parts.switchboard.dialogs(_own(parts, name).id))


def _state_of(body: bytes) -> str:
    try:
        root = ElementTree.fromstring(body)
    except (ParseError, DefusedXmlException):
        raise Refused(400, "Bad Request", "MALFORMED_XML") from None
    return root.findtext("state") or ""


def _add_system(bp: Blueprint, parts: Parts) -> None:
    @bp.get("/Team/<team_id>")
    def team(team_id: str) -> Response:
        verdict = _signed_in(parts)
        if team_id not in cast.TEAMS:
            raise Refused(404, "Not Found", "UNKNOWN_TEAM", team_id)
        supervisor = verdict.person
        if not verdict.is_administrator and (supervisor is None or team_id not in supervisor.supervises):
            raise Refused(401, "Invalid Supervisor", "The user does not supervise this team", team_id)
        everyone = request.args.get("includeLoggedOutAgents") == "true"
        listed = [(person, *parts.floor.state(person)) for person in cast.members(team_id)]
        return _xml(documents.team(team_id, [entry for entry in listed if everyone or entry[1] != "LOGOUT"]))

    @bp.get("/SystemInfo")
    def system_info() -> Response:
        host = request.host.partition(":")[0]
        in_service = not parts.nodes.is_out(request.host)
        mode = "SSO" if parts.accounts.tokens.on else "NON_SSO"
        facts = parts.floor.deployment, parts.nodes.time_zone, host, parts.nodes.ports
        return _xml(documents.system_info(*facts, in_service, mode))
