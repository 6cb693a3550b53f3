"""Controls of the stand-in CVP: which call types have a survey, what goes wrong, and posting now."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify

from lab.controls.body import body
from lab.cvp.call_server import FAULTS, CallServer
from lab.desktop.parts import Parts


def blueprint(parts: Parts) -> Blueprint:
    bp = Blueprint("cvp", __name__, url_prefix="/lab/cvp")
    _add_routes(bp, parts.call_server)
    return bp


def _add_routes(bp: Blueprint, call_server: CallServer) -> None:
    @bp.get("")
    def state() -> Response:
        return jsonify(call_server.to_dict())

    @bp.post("")
    def change() -> Response:
        """`fault`: what happens to batches from now on; `callTypes`: dispatch ids, or null, by id of the call type."""
        document = body()
        surveys = _surveys(call_server, document.get("callTypes", {}))
        if document.get("fault") not in (None, *FAULTS):
            abort(400, f"fault is null or one of {FAULTS}")
        if "fault" in document:
            call_server.fault = document["fault"]
        for queue, dispatch_id in surveys.items():
            call_server.call_types[queue] = call_server.call_types[queue].with_survey(dispatch_id)
        return jsonify(call_server.to_dict())

    @bp.post("/flush")
    def flush() -> Response:
        body()
        return jsonify(batches=[batch.to_dict() for batch in call_server.flush()])


def _surveys(call_server: CallServer, wanted: Any) -> dict[str, str]:
    """Dispatch ids by queue."""
    queues = {call_type.id: queue for queue, call_type in call_server.call_types.items()}
    if not isinstance(wanted, dict) or not set(wanted) <= set(queues):
        abort(400, f"callTypes names dispatch ids, or null, by the ids of call types: {', '.join(queues)}")
    return {queues[call_type]: str(dispatch_id or "") for call_type, dispatch_id in wanted.items()}
