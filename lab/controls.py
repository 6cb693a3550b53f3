"""The lab's own levers, for tests and for the curious: calls on request, the journal, faults."""

import threading
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from lab import people
from lab.calls import Call
from lab.faults import WORDS
from lab.parts import Parts

DEPLOYMENTS = ("UCCE", "UCCX")
MOST_RING_SECONDS = 60.0


def blueprint(parts: Parts) -> Blueprint:
    bp = Blueprint("controls", __name__, url_prefix="/lab")
    _add_calls(bp, parts)
    _add_journal(bp, parts)
    _add_finesse(bp, parts)
    return bp


def _body() -> dict[str, Any]:
    # A page of another site cannot send JSON here without a preflight, and none is ever granted.
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400, "a JSON object is expected")
    return body


def _add_calls(bp: Blueprint, parts: Parts) -> None:
    @bp.post("/calls")
    def place() -> Response:
        body = _body()
        agent = people.find(str(body.get("agent", "")))
        if agent is None:
            abort(404, "no such agent")
        ring = _ring_seconds(body)
        call = _place(parts, agent, body, ring > 0)
        if ring > 0:
            _later(ring, parts, call.id)
        return jsonify(dialogId=call.id)

    @bp.get("/calls")
    def standing() -> Response:
        return jsonify([{"dialogId": c.id, "agent": c.agent.id, "state": c.state} for c in parts.switchboard.all()])

    @bp.delete("/calls/<call_id>")
    def hang_up(call_id: str) -> Response:
        return Response(status=204 if parts.switchboard.hang_up(call_id) else 404)


def _ring_seconds(body: dict[str, Any]) -> float:
    seconds = body.get("ringSeconds", 0)
    if not isinstance(seconds, int | float):
        abort(400, "ringSeconds is a number")
    return min(float(seconds), MOST_RING_SECONDS)


def _place(parts: Parts, agent: people.Person, body: dict[str, Any], rings: bool) -> Call:
    return parts.switchboard.place(
        agent,
        str(body.get("fromAddress") or ""),
        variables(body.get("podId"), body.get("variables")),
        call_type=str(body.get("callType", "PREROUTE_ACD_IN")),
        others=tuple(map(str, body.get("participants", ()))),
        state="ALERTING" if rings else "ACTIVE",
    )


def variables(pod_id: str | None, given: dict[str, str] | None = None) -> dict[str, str]:
    """Call variables as CCE sends them; `given` stands instead of the usual ones beside POD.ID."""
    pod = {} if pod_id is None else {"POD.ID": str(pod_id)}
    if given is not None:
        return pod | {str(name): str(value) for name, value in given.items()}
    return {"callVariable1": ""} | pod | {"user.microapp.isPostCallSurvey": "y"}


def _later(seconds: float, parts: Parts, call_id: str) -> None:
    timer = threading.Timer(seconds, parts.switchboard.answer, (call_id,))
    timer.daemon = True
    timer.start()


def _add_journal(bp: Blueprint, parts: Parts) -> None:
    @bp.get("/log")
    def read() -> Response:
        return jsonify(parts.journal.entries())

    @bp.delete("/log")
    def clear() -> Response:
        parts.journal.clear()
        return Response(status=204)


def _add_finesse(bp: Blueprint, parts: Parts) -> None:
    @bp.post("/finesse")
    def switch() -> Response:
        body = _body()
        fail, deployment = body.get("fail"), body.get("deployment", parts.floor.deployment)
        if deployment not in DEPLOYMENTS or (fail is not None and fail not in WORDS):
            abort(400, f"deployment is one of {DEPLOYMENTS}, fail is null or one of {WORDS}")
        parts.floor.deployment = deployment
        if "fail" in body:
            parts.faults.switch(fail, str(body.get("only", "")))
        if body.get("unlock"):
            parts.accounts.unlock_all()
        return jsonify(deployment=deployment, fail=parts.faults.word)
