"""What has happened to invitations on their way: written down when it happens, never made up afterwards.

`target` is the survey token of the recipient; of a record that was refused, and so has none, the batch it came in.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, select

from foundation.db import bulk
from foundation.db.database import metadata

MOST_EVENTS = 20_000
# Those of WxM (docs/cisco/wxm-api.md §9.3), and ours: what became of a record of a batch, and of a message.
Action = Literal["Sent", "Bounced", "Unsubscribed", "Displayed", "Open", "Answered", "Accepted", "Refused", "Failed"]

delivery_events = Table(
    "delivery_events",
    metadata,
    Column("id", String, primary_key=True),
    Column("target", String, nullable=False),
    Column("dispatch_id", String, nullable=False),
    Column("happened_at", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("channel", String),
    Column("sent_sequence", Integer),
    Column("message", String),
    Index("ix_delivery_events_target_happened_at", "target", "happened_at"),
)
_columns = delivery_events.c


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. `sent_sequence` is 0 for the invitation, 1 and up for reminders; `message` names no one.

    Of what was answered, `message` is the id of the answer.
    """

    target: str
    dispatch_id: str
    action: Action
    channel: str | None = None
    sent_sequence: int | None = None
    message: str | None = None


class EventRow(NamedTuple):
    """An event as it is kept; `happened_at` in microseconds since 1970."""

    id: str
    target: str
    dispatch_id: str
    happened_at: int
    action: str
    channel: str | None
    sent_sequence: int | None
    message: str | None


def append(connection: Connection, happened: Iterable[Happened]) -> None:
    """Write down what has just happened."""
    now = time.time_ns() // 1000
    rows = [
        EventRow(
            secrets.token_hex(12),
            *(event.target, event.dispatch_id, now, event.action, event.channel, event.sent_sequence, event.message),
        )
        for event in happened
    ]
    bulk.insert_new(connection, delivery_events, rows)


def of_target(connection: Connection, target: str) -> list[EventRow]:
    """What happened to a target, in its order, at most 20,000 events."""
    if "\0" in target:
        return []
    order = (_columns.happened_at, _columns.id)
    wanted = select(delivery_events).where(_columns.target == target).order_by(*order).limit(MOST_EVENTS)
    return [EventRow._make(row) for row in connection.execute(wanted)]
