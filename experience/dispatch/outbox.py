"""The outbox: one row an invitation that still has a message to send, written in the transaction that accepts it.

Workers claim rows for a lease: `due_at` moves to the lease's end, so that one index finds what is due, and what a
killed worker had is due again. That a message was sent is written only after the server took it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)

from experience.dispatch import schedule
from experience.dispatch.recipients import Recipient
from foundation.db import bulk
from foundation.db.database import metadata

State = Literal["waiting", "failed", "held"]
HOUR = 3_600_000_000

outbox = Table(
    "outbox",
    metadata,
    Column("id", String, primary_key=True),
    Column("dispatch_id", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("payload", Text),
    Index("ix_outbox_channel_state_due_at", "channel", "state", "due_at"),
)
_columns = outbox.c


class OutboxRow(NamedTuple):
    """One row: `id` is the survey token, `due_at` microseconds since 1970, `sequence` 1 a reminder."""

    id: str
    dispatch_id: str
    channel: str
    sequence: int
    due_at: int
    tries: int = 0
    state: State = "waiting"
    reason: str | None = None
    payload: str | None = None


class Queued(NamedTuple):
    """How many rows of a channel are in a state, and when the first of them is due; for those that are stopped, why."""

    channel: str
    state: str
    rows: int
    first_due: int
    reason: str | None = None
    dispatch_id: str | None = None


def queue(connection: Connection, plan: Mapping[str, Any], recipients: Iterable[Recipient]) -> None:
    """Have recipients written to, each by the first step of the plan that reaches them."""
    rows = []
    for recipient in recipients:
        for first in schedule.messages(plan, dict(recipient.addresses()))[:1]:
            due_at = recipient.accepted_at + int(first.hours * HOUR)
            rows.append(OutboxRow(recipient.id, recipient.dispatch_id, first.channel, 0, due_at))
    bulk.insert_new(connection, outbox, rows)


def forward(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    """Have rows sent that carry what they send."""
    bulk.insert_new(connection, outbox, rows)


def claim(connection: Connection, channel: str, now: int, until: int, limit: int) -> list[OutboxRow]:
    """Take rows that are due, those due longest, until a moment; `tries` counts this one."""
    due = select(_columns.id).where(_columns.channel == channel, _columns.state == "waiting", _columns.due_at <= now)
    # SQLite has one writer: the lock that this transaction began with.
    chosen = due.order_by(_columns.due_at).limit(limit).with_for_update(skip_locked=True)
    taking = update(outbox).where(_columns.id.in_(chosen)).values(due_at=until, tries=_columns.tries + 1)
    rows = connection.execute(taking.returning(*outbox.columns))
    return [OutboxRow._make(row) for row in rows]


def finish(connection: Connection, row: OutboxRow) -> bool:
    """Forget a row that was claimed: its last message is sent, or none is to be; whether the claim still held."""
    return connection.execute(delete(outbox).where(*_claimed(row))).rowcount == 1


def put_off(connection: Connection, row: OutboxRow, due_at: int, reason: str | None, *, counts: bool = True) -> bool:
    """Have a claimed row due later; a try that does not count is taken back."""
    return _change(connection, row, due_at=due_at, reason=reason, tries=row.tries if counts else row.tries - 1)


def fail(connection: Connection, row: OutboxRow, reason: str) -> bool:
    """Try a claimed row no more until somebody says so."""
    return _change(connection, row, state="failed", reason=reason)


def move_on(connection: Connection, row: OutboxRow, channel: str, due_at: int) -> bool:
    """Turn a claimed row, whose message is sent, into the next message of its plan."""
    return _change(
        connection, row, channel=channel, sequence=row.sequence + 1, due_at=due_at, tries=0, reason=None, payload=None
    )


def retry(connection: Connection, now: int, dispatch_id: str | None = None) -> int:
    """Have what failed due now, as if it had never been tried; how many rows."""
    return _revive(connection, "failed", dispatch_id, due_at=now, tries=0, reason=None)


def release(connection: Connection, dispatch_id: str | None = None) -> int:
    """Let what is held go when it is due; how many rows."""
    return _revive(connection, "held", dispatch_id, reason=None)


def hold(connection: Connection, reason: str) -> int:
    """Let nothing that waits go until somebody says so; how many rows."""
    holding = update(outbox).where(_columns.state == "waiting").values(state="held", reason=reason)
    return connection.execute(holding).rowcount


def remove(connection: Connection, tokens: Sequence[str]) -> int:
    """Forget what invitations still have to send."""
    return connection.execute(delete(outbox).where(_columns.id.in_(tokens))).rowcount


def counts(connection: Connection) -> list[Queued]:
    """By channel and state, how many rows there are."""
    keys = (_columns.channel, _columns.state)
    counting = select(*keys, func.count(), func.min(_columns.due_at)).group_by(*keys).order_by(*keys)
    return [Queued._make((*row, None, None)) for row in connection.execute(counting)]


def stopped(connection: Connection) -> list[Queued]:
    """What failed or is held: how many rows by dispatch, channel and reason."""
    keys = (_columns.channel, _columns.state)
    more = (_columns.reason, _columns.dispatch_id)
    counting = select(*keys, func.count(), func.min(_columns.due_at), *more).where(_columns.state != "waiting")
    rows = connection.execute(
        counting.group_by(*keys, *more).order_by(_columns.dispatch_id, *keys, func.count().desc())
    )
    return [Queued._make(row) for row in rows]


def _claimed(row: OutboxRow) -> tuple[Any, ...]:
    """Still as this worker claimed it: nobody else has, and nobody has changed its state."""
    return _columns.id == row.id, _columns.due_at == row.due_at, _columns.state == "waiting"


def _change(connection: Connection, row: OutboxRow, **values: Any) -> bool:
    return connection.execute(update(outbox).where(*_claimed(row)).values(**values)).rowcount == 1


def _revive(connection: Connection, state: State, dispatch_id: str | None, **values: Any) -> int:
    reviving = update(outbox).where(_columns.state == state).values(state="waiting", **values)
    if dispatch_id is not None:
        reviving = reviving.where(_columns.dispatch_id == dispatch_id)
    return connection.execute(reviving).rowcount
