"""Dispatches, delivery plans, templates and events as kept; batches taken in (docs/cisco/wxm-api.md §9)."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, request

from experience.accounts.api_tokens import Caller
from experience.accounts.users import ACCOUNT
from experience.api.event_log import event_json
from experience.api.support import bodies, models
from experience.api.support.callers import Gate
from experience.api.support.errors import Malformed, Unknown
from experience.api.support.schemas import array_of, ref
from experience.dispatch import accepting, batches, dispatches, events
from experience.dispatch.accepting import Outcome
from experience.dispatch.dispatches import Kind
from experience.dispatch.events import EventRow
from experience.model import timestamps
from experience.platform import Platform
from foundation.errors import PulseError
from foundation.web.openapi import described

LARGEST_BATCH = 32 * 1024 * 1024
LONGEST_NAME = 200
MODELS: dict[Kind, Document] = {"dispatch": models.DISPATCH, "plan": models.PLAN, "template": models.TEMPLATE}

Document = dict[str, Any]


class TooLarge(PulseError):
    status = 413
    code = "request_entity_too_large"
    title = "More than one request may carry"


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_dispatching", __name__, url_prefix="/api")
    _documents(routes, platform, gate)
    _plans(routes, platform, gate)
    _events(routes, platform, gate)
    _batches(routes, platform, gate)
    return routes


def _documents(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("/Dispatches")
    @gate.account
    @described(answer=array_of(ref("Dispatch")))
    def all_dispatches(_caller: Caller) -> Response:
        """All dispatches: what a deferred survey is sent by."""
        return _every(platform, "dispatch")

    @routes.get("/Dispatches/<identity>")
    @gate.account
    @described(answer=ref("Dispatch"))
    def dispatch_by_id(_caller: Caller, identity: str) -> Response:
        """One dispatch."""
        return _document_response(platform, "dispatch", identity)


def _plans(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("/DeliveryPlan")
    @gate.account
    @described(answer=array_of(ref("DeliveryPlan")))
    def all_plans(_caller: Caller) -> Response:
        """All delivery plans: by which channels, when and in which words."""
        return _every(platform, "plan")

    @routes.get("/DeliveryPlan/<identity>")
    @gate.account
    @described(answer=ref("DeliveryPlan"))
    def plan_by_id(_caller: Caller, identity: str) -> Response:
        """One delivery plan."""
        return _document_response(platform, "plan", identity)

    @routes.get("/ContentTemplates")
    @gate.account
    @described(answer=array_of(ref("ContentTemplate")))
    def templates(_caller: Caller) -> Response:
        """The names of all content templates."""
        return _every(platform, "template")


def _events(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("/DeliveryEventsBy/Target/<target>")
    @gate.account
    @described(answer=array_of(ref("DeliveryEvents")))
    def happened(_caller: Caller, target: str) -> Response:
        """What has happened to a recipient, by his survey token; of a batch, by its id, which records were refused."""
        with platform.database.read() as connection:
            rows = events.of_target(connection, target)
            known = {dispatch["id"]: dispatch for dispatch in dispatches.every(connection, "dispatch")}
        return bodies.json_response([_events_json(list(some), known) for some in _by_dispatch(rows)])


def _batches(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.post("/dispatchRequest")
    @gate.writing
    @described(body=ref("SentBatch"), answer=ref("BatchStatus"), status=207)
    def dispatch_request(_caller: Caller) -> Response:
        """Take recipients of surveys: each that is accepted has an invitation, is kept, and waits for delivery.

        Always 207, with a status a dispatch: 202 where all its records were accepted, 206 where some were, 400 where
        none was. At most 18,000 records and 15 dispatches (413). A record that comes again is not taken twice: known
        by its call, else as identical at its place under the header BatchID, else as identical within ten minutes.
        """
        request.max_content_length = LARGEST_BATCH
        return _batch(platform, bodies.sent(), request.headers.get("BatchID", "").strip())

    @routes.get("/dispatchSingle/<identity>")
    @gate.writing
    @described(answer=ref("BatchStatus"), status=207)
    def dispatch_single(_caller: Caller, identity: str) -> Response:
        """The same for one recipient, `?QUESTION-ID=value&…`."""
        inputs = [{"QuestionId": key, "Input": value} for key, value in request.args.items()]
        if not inputs:
            raise Malformed("What is known of the recipient, as ?QUESTION-ID=value&…")
        return _batch(platform, [{"DispatchID": identity, "PreFill": [inputs]}])


def _batch(platform: Platform, sent: Any, named: str = "") -> Response:
    if len(named) > LONGEST_NAME or not named.isascii():
        raise Malformed(f"BatchID: at most {LONGEST_NAME} letters and digits")
    try:
        wanted = batches.read(sent)
    except batches.Unreadable as reason:
        raise Malformed(str(reason)) from None
    except batches.TooLarge as reason:
        raise TooLarge(str(reason)) from None
    batch = named or uuid4().hex
    outcomes = accepting.accept(platform, wanted, batch, is_named=bool(named))
    response = bodies.json_response({"batchId": batch, "statusByDispatch": [_status(outcome) for outcome in outcomes]})
    response.status_code = 207
    return response


def _every(platform: Platform, kind: Kind) -> Response:
    with platform.database.read() as connection:
        return bodies.json_response([_whole(kind, document) for document in dispatches.every(connection, kind)])


def _document_response(platform: Platform, kind: Kind, identity: str) -> Response:
    with platform.database.read() as connection:
        document = dispatches.find(connection, kind, identity)
    if document is None:
        raise Unknown(f"There is no such {kind}")
    return bodies.json_response(_whole(kind, document))


def _whole(kind: Kind, document: Document) -> Document:
    """A document with every key, and of a plan the channels as WxM's clients look for them."""
    whole = models.whole(MODELS[kind], document)
    if kind == "plan":
        whole["schedule"] = [_step(step) for step in whole["schedule"]]
    return whole


def _step(step: Document) -> Document:
    whole = models.whole(models.STEP, step)
    if "://" not in whole["onChannel"]:
        whole["onChannel"] += "://"
    return whole


def _status(outcome: Outcome) -> Document:
    if outcome.refused:
        status = "206" if outcome.accepted else "400"
        message = f"{outcome.accepted} accepted, {outcome.refused} refused: {outcome.reason}"
    elif outcome.accepted:
        status, message = "202", "Accepted for processing"
    else:
        status, message = "400", outcome.reason or "There are no records"
    return {"dispatchId": outcome.dispatch_id, "message": message, "dispatchStatus": status}


def _by_dispatch(rows: list[EventRow]) -> Any:
    ordered = sorted(rows, key=lambda row: row.dispatch_id)
    return (some for _, some in groupby(ordered, key=lambda row: row.dispatch_id))


def _events_json(rows: list[EventRow], known: dict[str, Document]) -> Document:
    dispatch = known.get(rows[0].dispatch_id, {})
    return {
        "id": rows[0].id,
        "deliveryWorkFlowId": dispatch.get("deliveryPlanId"),
        "user": ACCOUNT,
        "location": dispatch.get("questionnaireName"),
        "created": _moment(rows[0].happened_at),
        "updated": _moment(rows[-1].happened_at),
        "events": [event_json(row) for row in rows],
        "target": rows[0].target,
        "dispatchId": rows[0].dispatch_id,
    }


def _moment(microseconds: int) -> str:
    return timestamps.format_utc(timestamps.moment(microseconds), "milliseconds")
