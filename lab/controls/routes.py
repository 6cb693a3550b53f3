"""Controls for tests and for the curious: the journal, what Finesse does wrong, and which node is in service."""

from flask import Blueprint, Response, abort, jsonify

from lab.controls.body import body, number
from lab.controls.faults import WORDS
from lab.controls.network import MOST_LATENCY_MS
from lab.desktop.parts import Parts
from lab.finesse.nodes import NoOtherNode

DEPLOYMENTS = ("UCCE", "UCCX")
MOST_JITTER_SECONDS = 120.0
MOST_TOKEN_SECONDS = 86_400.0


def blueprint(parts: Parts) -> Blueprint:
    bp = Blueprint("controls", __name__, url_prefix="/lab")
    _add_journal(bp, parts)
    _add_finesse(bp, parts)
    _add_nodes(bp, parts)
    _add_sign_on(bp, parts)
    _add_network(bp, parts)
    return bp


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
        document = body()
        fail, deployment = document.get("fail"), document.get("deployment", parts.floor.deployment)
        if deployment not in DEPLOYMENTS or (fail is not None and fail not in WORDS):
            abort(400, f"deployment is one of {DEPLOYMENTS}, fail is null or one of {WORDS}")
        parts.floor.deployment = deployment
        if "fail" in document:
            parts.faults.switch(fail, str(document.get("only", "")))
        if document.get("unlock"):
            parts.accounts.unlock_all()
        return jsonify(deployment=deployment, fail=parts.faults.word)


def _add_nodes(bp: Blueprint, parts: Parts) -> None:
    @bp.post("/failover")
    def fail_over() -> Response:
        """The node in use goes out of service and its desktops go to the other; `restore` brings both in service."""
        document = body()
        if document.get("restore"):
            parts.nodes.restore()
        else:
            jitter = number(document, "jitterSeconds", MOST_JITTER_SECONDS) if "jitterSeconds" in document else 2.0
            try:
                parts.nodes.fail_over(jitter)
            except NoOtherNode:
                abort(409, "this lab has one node")
        parts.events.nudge()
        return jsonify(parts.nodes.to_dict())


def _add_sign_on(bp: Blueprint, parts: Parts) -> None:
    @bp.post("/sso")
    def sign_on() -> Response:
        """`on`: Bearer alone, a new token every `seconds`; the old one is taken for a third of that longer."""
        document = body()
        seconds = number(document, "seconds", MOST_TOKEN_SECONDS) or 60.0
        parts.accounts.tokens.switch(document.get("on") is True, seconds)
        parts.events.nudge()
        return jsonify(on=parts.accounts.tokens.on, seconds=seconds)


def _add_network(bp: Blueprint, parts: Parts) -> None:
    @bp.get("/network")
    def network() -> Response:
        return jsonify(parts.network.to_dict())

    @bp.post("/network")
    def worsen() -> Response:
        """`latencyMs` there and back, `loss` from 0 to 1; what is left out is 0."""
        document = body()
        parts.network.latency_ms = number(document, "latencyMs", MOST_LATENCY_MS)
        parts.network.loss = number(document, "loss", 1)
        parts.events.nudge()
        return jsonify(parts.network.to_dict())
