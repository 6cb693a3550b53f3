"""Controls of calls: placed on request, and everything that happens to one until it ends."""

import threading
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from lab.calls import multiparty
from lab.calls.call import Call
from lab.calls.switchboard import Switchboard
from lab.controls.body import body, number, person
from lab.desktop.parts import Parts
from lab.people import cast

MOST_RING_SECONDS = 60.0


def blueprint(parts: Parts) -> Blueprint:
    bp = Blueprint("calls", __name__, url_prefix="/lab/calls")
    bp.before_request(_insist_on_json)
    bp.register_error_handler(multiparty.NotNow, lambda fault: (str(fault), 409))
    _add_placing(bp, parts.switchboard)
    _add_moves(bp, parts.switchboard)
    _add_conversations(bp, parts.switchboard)
    return bp


def _insist_on_json() -> None:
    if request.method == "POST":
        body()


def _add_placing(bp: Blueprint, switchboard: Switchboard) -> None:
    @bp.post("")
    def place() -> Response:
        document = body()
        agent = person(document, "agent")
        ring = number(document, "ringSeconds", MOST_RING_SECONDS)
        call = _place(switchboard, agent, document, str(document.get("state") or ("ALERTING" if ring else "ACTIVE")))
        _answer_after(ring, switchboard, call)
        return jsonify(dialogId=call.id)

    @bp.get("")
    def list_calls() -> Response:
        return jsonify([_fact(call) for call in switchboard.all()])

    @bp.delete("")
    def hang_up_all() -> Response:
        for call in switchboard.all():
            switchboard.hang_up(call.id)
        return Response(status=204)

    @bp.delete("/<call_id>")
    def hang_up(call_id: str) -> Response:
        return Response(status=204 if switchboard.hang_up(call_id) else 404)


def _fact(call: Call) -> dict[str, Any]:
    return {
        "dialogId": call.id,
        "agent": call.agent.id,
        "agents": [owner.id for owner in call.owners],
        "state": call.state,
        "callType": call.call_type,
        "talk": call.conversation,
    }


def _place(switchboard: Switchboard, agent: cast.Person, document: dict[str, Any], state: str) -> Call:
    return switchboard.place(
        agent,
        str(document.get("fromAddress") or ""),
        variables(document.get("podId"), document.get("variables")),
        call_type=str(document.get("callType", "PREROUTE_ACD_IN")),
        others=tuple(map(str, document.get("participants", ()))),
        state=state,
        to_address=str(document.get("toAddress") or ""),
    )


def variables(pod_id: str | None, instead: dict[str, str] | None = None) -> dict[str, str]:
    """Call variables as CCE sends them; `given` stands instead of the usual ones beside POD.ID."""
    pod = {} if pod_id is None else {"POD.ID": str(pod_id)}
    if instead is not None:
        return pod | {str(name): str(value) for name, value in instead.items()}
    return {"callVariable1": ""} | pod | {"user.microapp.isPostCallSurvey": "y"}


def _answer_after(seconds: float, switchboard: Switchboard, call: Call) -> None:
    if seconds:
        timer = threading.Timer(seconds, switchboard.answer, (call.id,))
        timer.daemon = True
        timer.start()


def _add_moves(bp: Blueprint, switchboard: Switchboard) -> None:
    @bp.post("/<call_id>/<any(answer, wrapup):word>")
    def move(call_id: str, word: str) -> Response:
        call = _named(switchboard, call_id)
        (switchboard.answer if word == "answer" else switchboard.wrap_up)(call.id)
        return jsonify(dialogId=call.id)

    @bp.post("/<call_id>/variables")
    def carry(call_id: str) -> Response:
        call, document = _named(switchboard, call_id), body()
        switchboard.carry(call.id, variables(document.get("podId"), document.get("variables")))
        return jsonify(dialogId=call.id)

    @bp.post("/<call_id>/<any(hold, retrieve):word>")
    def park(call_id: str, word: str) -> Response:
        """`by` is one of the call's agents; left out, the first of them."""
        call, document = _named(switchboard, call_id), body()
        by = person(document, "by") if "by" in document else call.agent
        if by not in call.owners:
            abort(409, "not a call of that person")
        (switchboard.hold if word == "hold" else switchboard.retrieve)(call, by)
        return jsonify(dialogId=call.id)


def _named(switchboard: Switchboard, call_id: str) -> Call:
    call = switchboard.get(call_id)
    if call is None:
        abort(404, "no such call")
    return call


def _add_conversations(bp: Blueprint, switchboard: Switchboard) -> None:
    @bp.post("/<call_id>/consult")
    def consult(call_id: str) -> Response:
        document = body()
        ring = number(document, "ringSeconds", MOST_RING_SECONDS)
        call = multiparty.consult(
            switchboard,
            _named(switchboard, call_id),
            person(document, "to"),
            with_data=document.get("withData") is True,
        )
        if ring:
            _answer_after(ring, switchboard, call)
        else:
            switchboard.answer(call.id)
        return jsonify(dialogId=call.id)

    @bp.post("/<call_id>/transfer")
    def transfer(call_id: str) -> Response:
        return jsonify(dialogId=multiparty.transfer(switchboard, _named(switchboard, call_id)).id)

    @bp.post("/<call_id>/conference")
    def conference(call_id: str) -> Response:
        return jsonify(dialogId=multiparty.conference(switchboard, _named(switchboard, call_id)).id)

    @bp.post("/<call_id>/monitor")
    def monitor(call_id: str) -> Response:
        return jsonify(dialogId=multiparty.monitor(switchboard, _named(switchboard, call_id), person(body(), "by")).id)

    @bp.post("/<call_id>/barge")
    def barge(call_id: str) -> Response:
        return jsonify(dialogId=multiparty.barge(switchboard, _named(switchboard, call_id), person(body(), "by")).id)
