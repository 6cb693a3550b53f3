"""Batches of a contact centre taken in: each recipient is accepted, waits for a dispatch, or is refused with a reason.

All is kept on return. Where the platform is that of another node, what names a dispatch goes on to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, Protocol
from uuid import uuid4

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import Connection

from experience.dispatch import (
    accepting,
    batch_bodies,
    batches,
    dispatches,
    events,
    forwards,
    judging,
    mixed_batches,
    unaddressed,
    unread_bodies,
)
from experience.dispatch.batches import BadRecord, Record, Unreadable, Wanted
from experience.dispatch.events import Happened
from experience.dispatch.mixed_batches import Item
from experience.model.lengths import LONGEST_NAME
from experience.platform import Platform

log = structlog.get_logger(__name__)

NO_DISPATCH, UNKNOWN_DISPATCH = "names no dispatch", "names a dispatch that is not there"
NOBODY = "no usable e-mail address or mobile number"
REACHABLE = frozenset({"email", "mobile"})

ITEMS = Counter("pulse_batch_items", "Recipients in batches of the contact centre, by what became of them.", ["state"])
UNREAD = Counter("pulse_batches_unread", "Batches of the contact centre that could not be read.")
WAITING = Gauge(
    "pulse_batch_items_waiting",
    "Recipients that wait for a dispatch, as of the last batch.",
    multiprocess_mode="mostrecent",
)

State = Literal["accepted", "waiting", "refused"]


class KeptCall(Protocol):
    """Who had a call, as the desktop saw it."""

    @property
    def agent_id(self) -> str | None: ...

    @property
    def team_id(self) -> str | None: ...


CallsByKey = Callable[[Connection, str], KeptCall | None]


def no_calls(_connection: Connection, _key: str) -> None:
    """Where no desktop reports calls."""


@dataclass(frozen=True, slots=True)
class ItemStatus:
    """What became of one recipient, by its place in the batch; `reason` where it is not accepted."""

    position: int
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch, and what became of each recipient in it."""

    batch_id: str
    items: list[ItemStatus]

    def count(self, state: State) -> int:
        return sum(item.state == state for item in self.items)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The items of a batch: by dispatch, those that wait and those that are refused each with the reason."""

    wanted: dict[str, list[Record]]
    waiting: list[tuple[Item, str]]
    refused: list[tuple[Item, str]]


class Intake:
    """Takes batches; `is_remote`: dispatches are those of another WxM. `calls`: who had a call that an item names."""

    def __init__(self, platform: Platform, *, is_remote: bool = False, calls: CallsByKey = no_calls) -> None:
        self._platform = platform
        self._is_remote = is_remote
        self._calls = calls

    def take(self, content: bytes, content_type: str, path: str, named: str = "") -> Taken:
        """A batch as it was sent; `named` is its sender's name for it. Raises Unreadable, once the body is kept;
        TooLarge.
        """
        try:
            items = mixed_batches.read(batch_bodies.parse(content, content_type), datetime.now(UTC))
        except Unreadable as reason:
            unread_bodies.keep(self._platform.database, content, path, content_type, str(reason))
            UNREAD.inc()
            log.warning("batch_unread", size=len(content), reason=str(reason))
            raise
        name = _name([named, *(item.batch_id for item in items)])
        batch = name or uuid4().hex
        taken = Taken(batch, self.take_items(items, batch, is_named=bool(name)))
        self._report(taken)
        return taken

    def take_items(self, items: Iterable[Item], batch: str, *, is_named: bool, keep: bool = True) -> list[ItemStatus]:
        """Items with positions of their own; without `keep`, those that wait are not kept once more."""
        judged = self._sort(items)
        named = batch if is_named else None
        with self._platform.database.write() as connection:
            self._keep(connection, judged, named, batch, keep=keep)
        reasons = {item.record.position: reason for item, reason in judged.refused}
        if not self._is_remote:
            wanted = [Wanted(dispatch, tuple(records)) for dispatch, records in judged.wanted.items()]
            for outcome in accepting.accept(self._platform, wanted, batch, is_named=is_named):
                reasons.update(outcome.reasons)
        return sorted(_statuses(judged, reasons), key=lambda status: status.position)

    def _sort(self, items: Iterable[Item]) -> _Sorted:
        judged = _Sorted({}, [], [])
        with self._platform.database.read() as connection:
            known = {dispatch["id"] for dispatch in dispatches.every(connection, "dispatch")}
            by_call_type = dispatches.by_call_type(connection)
            for item in items:
                dispatch = item.dispatch_id or by_call_type.get(item.call_type, "")
                is_there = dispatch in known and not self._is_remote
                # What is sent by a dispatch of ours is judged by what that dispatch's questions say.
                if not is_there and (refusal := self._refusal(item, dispatch)):
                    judged.refused.append((item, refusal))
                elif is_there or (dispatch and self._is_remote):
                    judged.wanted.setdefault(dispatch, []).append(self._with_agent(connection, item.record))
                else:
                    judged.waiting.append((item, UNKNOWN_DISPATCH if dispatch else NO_DISPATCH))
        return judged

    def _refusal(self, item: Item, dispatch: str) -> str:
        """Why an item is refused, as far as that is known without the questions of its dispatch; "" where it is not."""
        if item.sent is None:
            return "it is no object with fields"
        try:
            batches.check_opt_in(item.record, {})
        except BadRecord as reason:
            return str(reason)
        if not (dispatch and self._is_remote):
            return ""
        usable = _usable(item.record, self._platform.ignored)
        return "" if usable.inputs or usable.tagged.keys() & REACHABLE else NOBODY

    def _with_agent(self, connection: Connection, record: Record) -> Record:
        """With the agent and team that the desktop saw, where the record names a call and no agent."""
        key = record.context.get("callKey")
        if not key or "cc_agentid" in record.tagged:
            return record
        call = self._calls(connection, key)
        agent = {"cc_agentid": call.agent_id, "cc_teamid": call.team_id} if call and call.agent_id else {}
        return replace(record, tagged={**record.tagged, **{tag: value for tag, value in agent.items() if value}})

    def _keep(self, connection: Connection, judged: _Sorted, named: str | None, batch: str, *, keep: bool) -> None:
        """Keep what waits and, for another WxM, what goes on to it; what came before is left out."""
        waiting = {_key(named, "", item.record): (item, reason) for item, reason in reversed(judged.waiting) if keep}
        onward = {
            _key(named, dispatch, record): (dispatch, record)
            for dispatch, records in judged.wanted.items()
            for record in reversed(records)
            if self._is_remote
        }
        new = accepting.first_time(connection, dict([*waiting, *onward]))
        unaddressed.keep(connection, [kept for (key, _), kept in waiting.items() if key in new], batch)
        records_by_dispatch: dict[str, list[Record]] = {}
        for (key, _), (dispatch, record) in onward.items():
            if key in new:
                usable = _usable(record, self._platform.ignored)
                records_by_dispatch.setdefault(dispatch, []).append(usable)
        for dispatch, records in records_by_dispatch.items():
            forwards.queue(connection, dispatch, records)
        events.append(connection, (_refused(batch, *refused) for refused in judged.refused))

    def _report(self, taken: Taken) -> None:
        for state in ("accepted", "waiting", "refused"):
            ITEMS.labels(state).inc(taken.count(state))
        with self._platform.database.read() as connection:
            WAITING.set(unaddressed.count(connection))
        if waiting := taken.count("waiting"):
            log.warning("batch_items_wait", items=waiting, cure="app.py dispatch list --waiting")


def _usable(record: Record, ignored: frozenset[str]) -> Record:
    """What may go to another WxM, whose questions we do not know: in none of them a placeholder."""
    return judging.without_placeholders(record, dict.fromkeys(record.inputs or {}, "email"), ignored)


def _refused(batch: str, item: Item, reason: str) -> Happened:
    # An id that is not known here may hold anything.
    return Happened(batch, "", "Refused", message=f"record {item.record.position}: {reason}")


def _key(named: str | None, dispatch: str, record: Record) -> tuple[str, int]:
    key, is_long = batches.repeat_key(named, dispatch, record, {})
    return key, judging.KNOWN_SECONDS if is_long else judging.KNOWN_BRIEFLY


def _statuses(judged: _Sorted, reasons: Mapping[int, str]) -> Iterator[ItemStatus]:
    for item, reason in judged.waiting:
        yield ItemStatus(item.record.position, "waiting", reason)
    decided = [item.record for item, _ in judged.refused]
    for record in (*decided, *(record for records in judged.wanted.values() for record in records)):
        refusal = reasons.get(record.position, "")
        yield ItemStatus(record.position, "refused" if refusal else "accepted", refusal)


def _name(names: Sequence[str]) -> str:
    """The sender's name for a batch, where all that name it agree and it can be kept."""
    known = {name.strip() for name in names if name.strip()}
    name = known.pop() if len(known) == 1 else ""
    return name if name.isascii() and name.isprintable() and len(name) <= LONGEST_NAME else ""
