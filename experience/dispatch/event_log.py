"""What has happened to recipients, found by what Cisco's invitation module asks for (docs/cisco/wxm-api.md §10.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, func, or_, select

from experience.dispatch.events import MOST_EVENTS, EventRow, delivery_events
from experience.dispatch.recipients import recipients
from experience.surveys.survey_tokens import invitations

_columns = delivery_events.c


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: all of it that is not None. Moments are microseconds since 1970, `until` not included."""

    batch: str | None = None
    dispatch: str | None = None
    tokens: Sequence[str] | None = None
    # What the token prefills, by which the sender knows the recipient.
    recipient: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """What has happened to one recipient by one dispatch; of a record that was refused, `token` is None."""

    token: str | None
    batch: str | None
    events: tuple[EventRow, ...]


def find(connection: Connection, sought: Sought) -> list[Logged]:
    """By recipient, at most 20,000 events."""
    conditions = list(_conditions(connection, sought))
    order = (_columns.target, _columns.dispatch_id, _columns.happened_at, _columns.id)
    joined = delivery_events.outerjoin(recipients, recipients.c.id == _columns.target)
    wanted = select(delivery_events, recipients.c.batch_id).select_from(joined).where(*conditions).order_by(*order)
    rows = [(EventRow._make(row[:-1]), row[-1]) for row in connection.execute(wanted.limit(MOST_EVENTS))]
    return [_logged(list(some)) for _, some in groupby(rows, key=lambda row: (row[0].target, row[0].dispatch_id))]


def prefills(connection: Connection, tokens: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """What is known of recipients, by their tokens."""
    wanted = select(invitations.c.id, invitations.c.document).where(invitations.c.id.in_(tokens))
    documents = {row.id: orjson.loads(row.document) for row in connection.execute(wanted)}
    return {
        token: [response for response in document.get("preFill") or () if isinstance(response, dict)]
        for token, document in documents.items()
    }


def _logged(rows: list[tuple[EventRow, Any]]) -> Logged:
    events, batch = tuple(event for event, _ in rows), rows[0][1]
    is_refused = events[0].action == "Refused"
    return Logged(None if is_refused else events[0].target, events[0].target if is_refused else batch, events)


def _conditions(connection: Connection, sought: Sought) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if sought.batch is not None:
        conditions.append(or_(recipients.c.batch_id == sought.batch, _columns.target == sought.batch))
    if sought.dispatch is not None:
        conditions.append(_columns.dispatch_id == sought.dispatch)
    if sought.tokens is not None:
        conditions.append(_columns.target.in_(sought.tokens))
    if sought.recipient is not None:
        position = func.instr if connection.dialect.name == "sqlite" else func.strpos
        named = position(invitations.c.document, f'"textInput":{orjson.dumps(sought.recipient).decode()}') > 0
        conditions.append(_columns.target.in_(select(invitations.c.id).where(named)))
    if sought.since is not None:
        conditions.append(_columns.happened_at >= sought.since)
    if sought.until is not None:
        conditions.append(_columns.happened_at < sought.until)
    return conditions
