"""EventLog and WXMMergedData, which Cisco's invitation module asks for (docs/cisco/wxm-api.md §10.4).

Both tell survey tokens, which are credentials: they are for whoever may write.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from flask import Blueprint, Response
from sqlalchemy import Connection, select

from experience.accounts.api_tokens import Caller
from experience.accounts.users import ACCOUNT
from experience.answers.schema import answers
from experience.api.support import bodies, models
from experience.api.support.callers import Gate
from experience.api.support.errors import Malformed
from experience.api.support.schemas import TEXT, array_of, may_hold, ref
from experience.dispatch import dispatches, event_log
from experience.dispatch.event_log import Logged, Sought
from experience.dispatch.events import EventRow
from experience.model import timestamps
from experience.model.questions import ROLES, Question
from experience.platform import Platform
from experience.surveys import partials
from foundation.web.openapi import described

MOST_TOKENS = 20_000
DAY = "%d/%m/%Y"
# .NET's own word for a moment that is not: clients read no null there.
NEVER = "0001-01-01T00:00:00Z"
ASKED = may_hold(BatchId=TEXT, DispatchId=TEXT, Token=TEXT, UUID=TEXT, Created=TEXT, FromDate=TEXT, ToDate=TEXT)
MERGED = may_hold(filter=may_hold(afterdate=TEXT, beforedate=TEXT), TokenIds=array_of(TEXT))

Document = dict[str, Any]
NOBODY: Document = dict.fromkeys(("target", "targetHashed", "prefills", "logMessage", "tags"))
Questions = Mapping[str, Question]


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_event_log", __name__, url_prefix="/api")

    @routes.post("/EventLog")
    @gate.writing
    @described(body=ASKED, answer=array_of(ref("LogEvent")))
    def log(_caller: Caller) -> Response:
        """What has happened to recipients: of a batch, a dispatch, a token, a customer (UUID), or days dd/MM/yyyy."""
        sought = _asked(bodies.sent_fields())
        with platform.database.read() as connection:
            found = event_log.find(connection, sought)
            by_id = {dispatch["id"]: dispatch for dispatch in dispatches.every(connection, "dispatch")}
            plans = {plan["id"]: plan for plan in dispatches.every(connection, "plan")}
            prefills = event_log.prefills(connection, [some.token for some in found if some.token])
        log_events = []
        for some in found:
            dispatch = by_id.get(some.events[0].dispatch_id, {})
            plan = plans.get(dispatch.get("deliveryPlanId", ""), {})
            recipient = _recipient(some, plan, prefills.get(some.token or "", []), platform.catalogue.questions)
            log_events.append(_log_event(some, dispatch, recipient))
        return bodies.json_response(log_events)

    @routes.post("/DeliveryPlan/WXMMergedData")
    @gate.writing
    @described(body=MERGED, answer=array_of(ref("MergedData")))
    def merged(_caller: Caller) -> Response:
        """What was answered by survey tokens, with what has happened to them: of the tokens named, else of a time.

        A survey that is half answered is `partial`.
        """
        sought = _merged(bodies.sent_fields())
        with platform.database.read() as connection:
            found = [some for some in event_log.find(connection, sought) if some.token]
            kept = _answers(connection, found)
            begun = partials.find_open(connection, [some.token or "" for some in found if _answer_id(some) is None])
        known = platform.catalogue.questions
        return bodies.json_response(
            [_merged_data(some, kept.get(_answer_id(some) or ""), begun.get(some.token or ""), known) for some in found]
        )

    return routes


def event_json(row: EventRow) -> Document:
    """An event as WxM tells it; the answer that an event names is ours alone."""
    return {
        "timeStamp": timestamps.format_utc(timestamps.moment(row.happened_at), "milliseconds"),
        "channel": row.channel,
        "action": row.action,
        "sentSequence": row.sent_sequence,
        "message": None if row.action == "Answered" else row.message,
    }


def _asked(fields: Document) -> Sought:
    texts = {name: _text(fields, name) for name in ("BatchId", "DispatchId", "Token", "UUID", "Created")}
    if not any(texts.values()):
        raise Malformed("EventLog filters are empty: one of BatchId, DispatchId, Token, UUID, Created")
    first, last = _day(fields, "FromDate"), _day(fields, "ToDate")
    if first is None or last is None:
        first = last = _day(fields, "Created")
    return Sought(
        batch=texts["BatchId"],
        dispatch=texts["DispatchId"],
        tokens=[texts["Token"]] if texts["Token"] else None,
        recipient=texts["UUID"],
        since=None if first is None else timestamps.to_micros(first),
        until=None if last is None else timestamps.to_micros(last + timedelta(days=1)),
    )


def _merged(fields: Document) -> Sought:
    tokens, limits = fields.get("tokenids") or [], bodies.lowered(fields.get("filter") or {})
    if not isinstance(tokens, list) or len(tokens) > MOST_TOKENS or not all(map(_is_name, tokens)):
        raise Malformed(f"TokenIds: a list of at most {MOST_TOKENS} ids")
    if tokens:
        return Sought(tokens=tokens)
    since, until = (_moment(limits, name) for name in ("afterdate", "beforedate"))
    if since is None or until is None:
        raise Malformed("TokenIds, or filter with afterdate and beforedate: one of them says which tokens")
    return Sought(since=since, until=until)


def _text(fields: Document, name: str) -> str | None:
    value = fields.get(name.lower())
    if value is not None and not _is_name(value):
        raise Malformed(f"{name}: is not a text that can be looked for")
    return value.strip() or None if isinstance(value, str) else None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _day(fields: Document, name: str) -> datetime | None:
    if (text := _text(fields, name)) is None:
        return None
    try:
        return datetime.strptime(text, DAY).replace(tzinfo=UTC)
    except ValueError:
        raise Malformed(f"{name}: is not a day as dd/MM/yyyy") from None


def _moment(limits: Document, name: str) -> int | None:
    if limits.get(name) is None:
        return None
    try:
        return timestamps.to_micros(timestamps.parse(limits[name]))
    except ValueError:
        raise Malformed(f"{name}: is not a time like 2026-11-08T03:12:44Z") from None


def _recipient(logged: Logged, plan: Document, responses: list[Document], known: Questions) -> Document:
    """Who it is and what is known of him, as it is kept: hashed where his questionnaire wants it; or why he is nobody.

    `target` is what the plan knows customers by (docs/cisco/wxm-api.md §10.4).
    """
    if logged.token is None:
        message = {"message": logged.events[0].message, "level": "Error", "exception": None}
        return {**NOBODY, "logMessage": message, "tags": ["DispatchAPI"]}
    inputs = {sent["questionId"]: sent.get("textInput") or str(sent.get("numberInput") or 0) for sent in responses}
    known_by = str(plan.get("uniqueCustomerIDByPreFilledQuestionTag"))
    target = next((value for key, value in inputs.items() if _answers_to(known_by, key, known)), None)
    prefills = [{"questionId": key, "input": value, "input_Hash": value} for key, value in inputs.items()]
    return {**NOBODY, "target": target, "targetHashed": target, "prefills": prefills, "tags": ["UserData"]}


def _answers_to(known_by: str, identity: str, known: Questions) -> bool:
    """Whether a question is the one by which a plan knows customers: by its tag or, as Cisco's module, by its id."""
    question, role = known.get(identity), ROLES.get(known_by.lower())
    return known_by == identity or bool(question and role and question.role == role)


def _log_event(logged: Logged, dispatch: Document, recipient: Document) -> Document:
    events = [event_json(row) for row in logged.events]
    return {
        "id": logged.events[0].id,
        "tokenId": logged.token,
        "deliveryWorkFlowId": dispatch.get("deliveryPlanId"),
        "dispatchId": logged.events[0].dispatch_id,
        "batchId": logged.batch,
        "user": ACCOUNT,
        "location": dispatch.get("questionnaireName"),
        "created": events[0]["timeStamp"],
        "updated": events[-1]["timeStamp"],
        "events": events,
        **recipient,
    }


def _answer_id(logged: Logged) -> str | None:
    """The newest answer by a token."""
    return next((row.message for row in reversed(logged.events) if row.action == "Answered"), None)


def _answers(connection: Connection, found: list[Logged]) -> dict[str, Document]:
    ids = [identity for some in found if (identity := _answer_id(some)) is not None]
    rows = connection.execute(select(answers.c.id, answers.c.document).where(answers.c.id.in_(ids)))
    return {row.id: orjson.loads(row.document) for row in rows}


def _merged_data(logged: Logged, kept: Document | None, begun: Document | None, known: Questions) -> Document:
    responses = models.answer(kept or begun or {}, known)["responses"]
    events = [{**event_json(row), "messageTemplate": None, "logMessage": None} for row in logged.events]
    return {
        "_id": logged.token,
        "answeredAt": kept["responseDateTime"] if kept else NEVER,
        "partial": bool(begun and not kept),
        "responses": responses,
        "wxmEvents": events,
    }
