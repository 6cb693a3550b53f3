"""What the desktop page asks for while somebody is signed in: the session, the stream of events, the way elsewhere."""

from typing import Any, NoReturn

from flask import Blueprint, Response, abort, jsonify, request

from lab.controls.body import body
from lab.desktop import layout
from lab.desktop.parts import Parts
from lab.finesse import documents
from lab.finesse.accounts import NOBODY, Verdict
from lab.people.cast import CAST, Person
from lab.people.customers import HOUSEHOLD, Customer, by_id, regulars

MOST_SECONDS = 3.0  # short, for whoever waits here holds a thread and delays the lab's end
UNKNOWN_CUSTOMER = {"name": "C-99999", "podId": "cc_CustomerId=C-99999;", "fromAddress": "886911999999"}
NUMBER_ALONE = {"name": "", "podId": None, "fromAddress": by_id()["C-10042"].mobile}


def blueprint(parts: Parts, gadget_base: str, placed: layout.Layout) -> Blueprint:
    bp = Blueprint("session", __name__, url_prefix="/desktop")
    _add_session(bp, parts, gadget_base.rstrip("/"), placed)
    _add_sign_on(bp, parts)
    _add_events(bp, parts)
    _add_moves(bp, parts)
    _add_cache(bp, parts)
    return bp


def _add_session(bp: Blueprint, parts: Parts, gadget_base: str, placed: layout.Layout) -> None:
    @bp.get("/session")
    def session() -> Response:
        person = _person(parts)
        if "fresh" in request.args:
            parts.cache.begin(person.id)
        parts.floor.sign_in(person)
        return jsonify(_session(parts, person, gadget_base, placed))

    @bp.post("/sign-out")
    def sign_out() -> Response:
        parts.floor.left(_person(parts))
        return Response(status=204)


def _add_sign_on(bp: Blueprint, parts: Parts) -> None:
    @bp.post("/sso/token")
    def token() -> Response:
        """An access token, for a password or for a refresh token; none while single sign-on is off."""
        _send_elsewhere(parts)
        tokens = parts.accounts.tokens
        if not tokens.on:
            return jsonify(token=None)
        refresh_token = str(body().get("refreshToken") or "")
        verdict = NOBODY if refresh_token else parts.accounts.check_password(request.headers.get("Authorization"))
        grant = tokens.grant(verdict.account) if verdict.account else tokens.refresh(refresh_token)
        if grant is None:
            _refuse(verdict)
        return jsonify(token=grant.token, refreshToken=grant.refresh_token, rotateAfter=grant.rotate_after)


def _refuse(verdict: Verdict) -> NoReturn:
    """Without WWW-Authenticate, which would make the browser put up its own dialog."""
    answer = jsonify(locked=verdict.locked)
    answer.status_code = 401
    abort(answer)


def _add_events(bp: Blueprint, parts: Parts) -> None:
    @bp.get("/events")
    def events() -> Response:
        person = _person(parts)
        after = request.args.get("after", parts.events.number, type=int)
        if after > parts.events.number:
            return jsonify(number=parts.events.number, events=[], restarted=True, **_surroundings(parts))
        parts.floor.seen(person)
        seconds = min(request.args.get("wait", MOST_SECONDS, type=float), MOST_SECONDS)
        arrived = parts.events.wait(person.id, after, seconds)
        parts.floor.seen(person)
        _send_elsewhere(parts)
        shown = [{"topic": event.topic, "content": event.xml} for event in arrived]
        number = arrived[-1].number if arrived else after
        return jsonify(number=number, events=shown, **_surroundings(parts))


def _surroundings(parts: Parts) -> dict[str, Any]:
    """What the desktop learns beside the events."""
    return {"network": parts.network.to_dict(), "surveys": parts.surveys()}


def _add_moves(bp: Blueprint, parts: Parts) -> None:
    @bp.post("/leave")
    def leave() -> Response:
        """A ticket with which the other node knows who comes; given by a node out of service too."""
        items = {str(name): str(value) for name, value in body().items()}
        return jsonify(ticket=parts.tickets.give(items))

    @bp.post("/arrive")
    def arrive() -> Response:
        items = parts.tickets.redeem(str(body().get("ticket", "")))
        if items is None:
            abort(404, "no such ticket")
        return jsonify(items)


def _add_cache(bp: Blueprint, parts: Parts) -> None:
    @bp.get("/cache/<path:key>")
    def fetch(key: str) -> Response:
        text = parts.cache.fetch(_person(parts).id, key)
        return jsonify(kept=text is not None, data=text)

    @bp.put("/cache/<path:key>")
    def save(key: str) -> Response:
        kept = parts.cache.save(_person(parts).id, key, request.get_data(as_text=True))
        return Response(status=204 if kept else 413)

    @bp.delete("/cache/<path:key>")
    def drop(key: str) -> Response:
        parts.cache.drop(_person(parts).id, key)
        return Response(status=204)


def _send_elsewhere(parts: Parts) -> None:
    """From a node out of service to the other one."""
    if parts.nodes.is_out(request.host):
        answer = jsonify(elsewhere=parts.nodes.elsewhere(request.host), jitterSeconds=parts.nodes.jitter_seconds)
        abort(answer)


def _person(parts: Parts) -> Person:
    _send_elsewhere(parts)
    verdict = parts.accounts.check(request.headers.get("Authorization"))
    if verdict.person is None:
        _refuse(verdict)
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
        "currentTimestamp": documents.now(),
        "systemAuthMode": "SSO" if parts.accounts.tokens.on else "NON_SSO",
        "deploymentType": parts.floor.deployment,
        "state": parts.floor.state(person)[0],
        "number": parts.events.number,
        **_surroundings(parts),
        "customers": [*map(_callee, _callees()), NUMBER_ALONE, UNKNOWN_CUSTOMER],
        "colleagues": [{"id": other.id, "name": other.name} for other in CAST if other is not person],
        "nodes": len(parts.nodes.ports),
        "tabs": [
            {
                "id": tab.id,
                "gadgets": [
                    {"key": gadget.key, "url": gadget_base + gadget.path, "attributes": gadget.attributes}
                    for gadget in tab.gadgets
                ],
            }
            for tab in layout.tabs_of(person, placed)
        ],
    }


def _callees() -> list[Customer]:
    return [*regulars()[:8], by_id()[HOUSEHOLD[0]]]


def _callee(customer: Customer) -> dict[str, str]:
    return {"name": customer.id, "podId": customer.pod_id, "fromAddress": customer.mobile}
