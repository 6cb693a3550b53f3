"""The desktop page and what it asks for: the session, the stream of events, Finesse's scripts."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from lab import layout
from lab.customers import HOUSEHOLD, Customer, by_id, regulars
from lab.parts import Parts
from lab.people import Person

MOST_SECONDS = 3.0  # short, for whoever waits here holds a thread and delays the lab's end
PAGES = Path(__file__).parent / "pages"
STRANGER = {"name": "C-99999", "podId": "cc_CustomerId=C-99999;", "fromAddress": "886911999999"}
NUMBER_ALONE = {"name": "", "podId": None, "fromAddress": by_id()["C-10042"].mobile}


def blueprint(parts: Parts, gadget_base: str, placed: layout.Layout) -> Blueprint:
    bp = Blueprint("page", __name__)
    _add_page(bp)
    _add_assets(bp)
    _add_session(bp, parts, gadget_base.rstrip("/"), placed)
    return bp


def _add_page(bp: Blueprint) -> None:
    @bp.get("/")
    def root() -> AnyResponse:
        return redirect("/desktop")

    @bp.get("/desktop")
    @bp.get("/desktop/")
    def desktop() -> str:
        return render_template("desktop.html")


def _add_assets(bp: Blueprint) -> None:
    @bp.get("/desktop/assets/js/finesse.js")
    @bp.get("/desktop/assets/js/finesse.min.js")
    def library() -> Response:
        files = sorted((PAGES / "library").glob("*.js"))
        return _script("\n".join(file.read_text("utf-8") for file in files))

    @bp.get("/desktop/assets/js/jquery.min.js")
    def jquery() -> Response:
        return _script((PAGES / "assets" / "jquery.js").read_text("utf-8"))

    @bp.get("/desktop/assets/<path:name>")
    def asset(name: str) -> Response:
        return send_from_directory(PAGES / "assets", name, max_age=0)

    @bp.get("/favicon.ico")
    def icon() -> Response:
        return send_from_directory(PAGES / "assets", "icon.svg")


def _script(text: str) -> Response:
    return Response(text, content_type="text/javascript;charset=UTF-8", headers={"Cache-Control": "no-cache"})


def _add_session(bp: Blueprint, parts: Parts, gadget_base: str, placed: layout.Layout) -> None:
    @bp.get("/desktop/session")
    def session() -> Response:
        person = _person(parts)
        parts.floor.sign_in(person)
        return jsonify(_session(parts, person, gadget_base, placed))

    @bp.post("/desktop/sign-out")
    def sign_out() -> Response:
        parts.floor.left(_person(parts))
        return Response(status=204)

    @bp.get("/desktop/events")
    def events() -> Response:
        person = _person(parts)
        after = request.args.get("after", parts.events.number, type=int)
        if after > parts.events.number:
            return jsonify(number=parts.events.number, events=[], restarted=True)
        parts.floor.seen(person)
        seconds = min(request.args.get("wait", MOST_SECONDS, type=float), MOST_SECONDS)
        found = parts.events.wait(person.id, after, seconds)
        parts.floor.seen(person)
        told = [{"topic": event.topic, "content": event.xml} for event in found]
        return jsonify(number=found[-1].number if found else after, events=told)


def _person(parts: Parts) -> Person:
    """Who asks; without WWW-Authenticate, which would make the browser put up its own dialog."""
    verdict = parts.accounts.check(request.headers.get("Authorization"))
    if verdict.person is None:
        answer = jsonify(locked=verdict.locked)
        answer.status_code = 401
        abort(answer)
    return verdict.person


def _session(parts: Parts, person: Person, gadget_base: str, placed: layout.Layout) -> dict[str, Any]:
    ucce = parts.floor.deployment == "UCCE"
    return {
        "id": person.id,
        "name": person.name,
        "supervisor": bool(person.supervises),
        "extension": person.extension,
        "teamId": person.team,
        "teamName": person.team_name,
        "cceSkillTargetId": person.skill_target_id if ucce else None,
        "deploymentType": parts.floor.deployment,
        "state": parts.floor.state(person)[0],
        "number": parts.events.number,
        "customers": [*map(_callee, _callees()), NUMBER_ALONE, STRANGER],
        "tabs": [
            {
                "id": tab.id,
                "gadgets": [
                    {"key": each.key, "url": gadget_base + each.path, "attributes": each.attributes}
                    for each in tab.gadgets
                ],
            }
            for tab in layout.tabs_of(person, placed)
        ],
    }


def _callees() -> list[Customer]:
    return [*regulars()[:8], by_id()[HOUSEHOLD[0]]]


def _callee(customer: Customer) -> dict[str, str]:
    return {"name": customer.id, "podId": customer.pod_id, "fromAddress": customer.mobile}
