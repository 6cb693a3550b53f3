"""Calls that desktops have read, for a day: what each is, who is in it, and what became of its survey.

A call is known by its call key, whatever the transfers; each person who reads it has a leg of it. Moments are
microseconds since 1970.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict
from typing import Any, Literal

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Row,
    String,
    Table,
    and_,
    delete,
    select,
    update,
)

from experience.model.call import CallReading, Leg
from foundation.db import bulk
from foundation.db.database import Database, metadata

MICROSECONDS = 1_000_000
KEPT = 24 * 3600 * MICROSECONDS
# Of reports so near to each other, the order says nothing.
AT_ONCE = 5 * MICROSECONDS
# A clock that is ahead of ours, or a call that has been parked for days, says nothing of how long it was talked.
LONGEST_CALL = KEPT

# `open`: somebody is in it; `ended`: all have left, and it rests a moment; `asking`: a survey goes out; `over`.
State = Literal["open", "ended", "asking", "over"]
KeptCall = Row[Any]

calls = Table(
    "calls",
    metadata,
    Column("id", String, primary_key=True),
    Column("cluster", String, nullable=False),
    # Of the last agent.
    Column("agent_id", String, nullable=False),
    Column("team_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("customer_id", String, nullable=False),
    Column("email", String, nullable=False),
    Column("mobile", String, nullable=False),
    Column("language", String, nullable=False),
    Column("consent", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("queue_name", String, nullable=False),
    Column("call_type", String, nullable=False),
    Column("dialled", String, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("read_at", BigInteger, nullable=False),
    # None where nobody reported it.
    Column("ended_at", BigInteger),
    Column("state", String, nullable=False),
    # When the next thing happens to it, which its state says.
    Column("due_at", BigInteger, nullable=False),
    # What was decided, or that the customer declined.
    Column("survey", String),
    Column("dispatch_id", String),
    Index("ix_calls_due_at", "due_at"),
)

legs = Table(
    "call_legs",
    metadata,
    Column("cluster", String, primary_key=True),
    Column("dialog_id", String, primary_key=True),
    Column("person_id", String, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("agent_id", String, nullable=False),
    Column("team_id", String, nullable=False),
    # A hash of what was read, to see whether anything of it is new.
    Column("reading", String, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("ix_call_legs_call_id", "call_id"),
)
_call, _leg = calls.c, legs.c

_SAID = (
    *("customer_id", "email", "mobile", "language", "consent"),
    *("queue", "queue_name", "call_type", "dialled"),
)


def of_key(connection: Connection, key: str) -> KeptCall | None:
    """The call of a call key: its agent is the last one who was in it."""
    return connection.execute(select(calls).where(_call.id == key)).first() if "\0" not in key else None


def of_leg(connection: Connection, leg: Leg) -> tuple[KeptCall, KeptCall] | None:
    """The call that a person read by this dialog, and his part in it."""
    part = connection.execute(select(legs).where(_is(leg))).first()
    call = of_key(connection, part.call_id) if part else None
    return (call, part) if call and part else None


def is_news(connection: Connection, reading: CallReading) -> bool:
    """Whether this reading says anything that is not kept: most gadgets ask about a call several times."""
    part = connection.execute(select(legs).where(_is(reading.leg))).first()
    return part is None or part.reading != _hash(reading) or (part.ended_at is not None) != reading.is_over


def keep(database: Database, connection: Connection, reading: CallReading, now: int, open_for: int) -> None:
    """Keep what Finesse said of a call; one that nobody reports the end of is over `open_for` from now."""
    key = _key(connection, reading)
    started = reading.started_at if now - LONGEST_CALL < reading.started_at < now else now
    row = asdict(reading) | {"id": key, "cluster": reading.leg.cluster, "started_at": started}
    row |= {"read_at": now, "ended_at": None, "state": "open", "due_at": now + open_for}
    is_new = bool(bulk.insert_new(connection, calls, [[row.get(column.name) for column in calls.columns]]))
    lock(connection, key)
    if not is_new and reading.kind != "consult":
        said: dict[str, Any] = {name: value for name in _SAID if (value := row[name])}
        said |= {"agent_id": reading.agent_id, "team_id": reading.team_id, "kind": reading.kind, "read_at": now}
        connection.execute(update(calls).where(_call.id == key).values(**said))
        _reopen(connection, key, now + open_for)
    _keep_leg(database, connection, reading, key, now)


def lock(connection: Connection, key: str) -> None:
    """Nobody else changes the call or who is in it until this transaction ends."""
    connection.execute(select(_call.id).where(_call.id == key).with_for_update())


def _key(connection: Connection, reading: CallReading) -> str:
    """The call that a reading is of: that of its key, else that of a dialog of the same conversation.

    Two contact centres may give two calls one key; who the customer is tells them apart.
    """
    known = of_key(connection, reading.key)
    if known is None:
        linked = (reading.leg.dialog_id, *reading.linked)
        of_linked = select(_leg.call_id).where(_leg.cluster == reading.leg.cluster, _leg.dialog_id.in_(linked))
        is_on = (_call.kind != "consult", _call.state.in_(("open", "ended")))
        wanted = select(_call.id).where(_call.id.in_(of_linked), *is_on).order_by(_call.read_at.desc())
        return connection.execute(wanted).scalar() or reading.key
    is_other = known.cluster != reading.leg.cluster and not _share_a_customer(known, reading)
    return f"{reading.leg.cluster} {reading.key}" if is_other else reading.key


def _share_a_customer(known: KeptCall, reading: CallReading) -> bool:
    pairs = (
        (known.customer_id, reading.customer_id),
        (known.email, reading.email),
        (known.mobile, reading.mobile),
    )
    return any(kept == read for kept, read in pairs if kept and read)


def _reopen(connection: Connection, key: str, due_at: int) -> None:
    """Somebody is in it still, or again; what was decided stays decided."""
    is_undecided = and_(_call.id == key, _call.state.in_(("open", "ended")))
    connection.execute(update(calls).where(is_undecided).values(state="open", ended_at=None, due_at=due_at))


def _keep_leg(database: Database, connection: Connection, reading: CallReading, key: str, began_at: int) -> None:
    said: dict[str, Any] = {
        "call_id": key,
        "kind": reading.kind,
        "agent_id": reading.agent_id,
        "team_id": reading.team_id,
    }
    said |= {"reading": _hash(reading), "ended_at": None}
    adding = database.dialect_insert(legs).values(**asdict(reading.leg), began_at=began_at, **said)
    keys = [column.name for column in legs.primary_key.columns]
    connection.execute(adding.on_conflict_do_update(index_elements=keys, set_=said))


def end(connection: Connection, leg: Leg, now: int, wait: int) -> None:
    """The call has ended for a person; when it has for all that are in it, it waits so long before it is decided."""
    pair = of_leg(connection, leg)
    if pair is None:
        return
    key = pair[0].id
    lock(connection, key)
    connection.execute(update(legs).where(_is(leg), _leg.ended_at.is_(None)).values(ended_at=now))
    # Whoever is merely consulted is not in it.
    is_open = and_(_leg.call_id == key, _leg.ended_at.is_(None), _leg.kind != "consult")
    if connection.execute(select(_leg.call_id).where(is_open).limit(1)).first() is None:
        ended = {"state": "ended", "ended_at": now, "due_at": now + wait}
        connection.execute(update(calls).where(_call.id == key, _call.state == "open").values(**ended))


def set_survey(
    connection: Connection, key: str, survey: str, state: State, due_at: int, dispatch_id: str | None = None
) -> None:
    """What is decided of a call's survey, and what happens to the call next."""
    decided = {"survey": survey, "state": state, "due_at": due_at, "dispatch_id": dispatch_id}
    connection.execute(update(calls).where(_call.id == key).values(**decided))


def give_to_last_agent(connection: Connection, call: KeptCall) -> KeptCall:
    """The call is that of the agent who left it last; of those who left it at once, that of who came last."""
    parts = connection.execute(select(legs).where(_leg.call_id == call.id, _leg.kind != "consult")).all()
    if not parts:
        return call
    ends = {part: KEPT * MICROSECONDS if part.ended_at is None else part.ended_at for part in parts}
    near = [part for part in parts if ends[part] > max(ends.values()) - AT_ONCE]
    last = max(near, key=lambda part: (part.began_at, part.person_id))
    is_it = _call.id == call.id
    connection.execute(update(calls).where(is_it).values(agent_id=last.agent_id, team_id=last.team_id))
    return connection.execute(select(calls).where(is_it)).one()


def is_due(connection: Connection, now: int) -> bool:
    """Whether there is anything to do."""
    return connection.execute(select(_call.id).where(_call.due_at <= now).limit(1)).first() is not None


def claim_due(connection: Connection, now: int, most: int) -> list[KeptCall]:
    """Calls to which something is to happen now, which no other node has in its hands."""
    due = select(calls).where(_call.due_at <= now).order_by(_call.due_at).limit(most)
    return list(connection.execute(due.with_for_update(skip_locked=True)))


def asking(connection: Connection, keys: Collection[str]) -> list[KeptCall]:
    """Those of these calls after which a survey goes out, and whose invitation is not finished."""
    wanted = select(calls).where(_call.id.in_(keys), _call.state == "asking").order_by(_call.id)
    return list(connection.execute(wanted))


def forget(connection: Connection, keys: Collection[str]) -> None:
    """Calls whose day is over."""
    for table, column in ((legs, _leg.call_id), (calls, _call.id)):
        connection.execute(delete(table).where(column.in_(keys)))


def _is(leg: Leg) -> ColumnElement[bool]:
    return and_(_leg.cluster == leg.cluster, _leg.dialog_id == leg.dialog_id, _leg.person_id == leg.person_id)


def _hash(reading: CallReading) -> str:
    return hashlib.sha256(orjson.dumps(asdict(reading))).hexdigest()
