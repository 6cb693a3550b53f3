"""Accept a batch of recipients: whoever is accepted has an invitation, and a message in the outbox, in one transaction.

A record that comes again is known, and not taken twice: by its call for 30 days, else as the identical record at the
same place of the same batch for 30 days, else as the identical record for ten minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, delete

from experience.dispatch import events, judging, outbox, recipients
from experience.dispatch.batches import Wanted
from experience.dispatch.events import Happened
from experience.dispatch.judging import Accepted, NotLive, Setup
from experience.dispatch.recipients import Recipient
from experience.platform import Platform
from experience.surveys import survey_tokens
from foundation.db import bulk
from foundation.db.database import metadata

taken_records = Table(
    "taken_records",
    metadata,
    Column("id", String, primary_key=True),
    Column("known_until", BigInteger, nullable=False),
    Index("ix_taken_records_known_until", "known_until"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one dispatch of a batch: how many of its records were accepted, and why the others were not."""

    dispatch_id: str
    accepted: int
    refused: int
    reason: str = ""
    # Why, by the position of each record that was not accepted.
    reasons: Mapping[int, str] = field(default_factory=dict)


def accept(platform: Platform, wanted: Iterable[Wanted], batch: str, *, is_named: bool) -> list[Outcome]:
    """Take a batch; `is_named` where its sender named it, so that a repeat has the same name. All is kept on return."""
    outcomes: list[Outcome] = []
    judged: list[tuple[Setup, list[Accepted], list[tuple[int, str]]]] = []
    for dispatch in wanted:
        try:
            setup = judging.load_setup(platform, dispatch.dispatch_id)
        except NotLive as reason:
            outcomes.append(
                _outcome(dispatch, 0, [(record.position, str(reason)) for record in dispatch.records], str(reason))
            )
            continue
        accepted, refused = judging.judge(platform, setup, dispatch.records, batch if is_named else None)
        judged.append((setup, accepted, refused))
        outcomes.append(_outcome(dispatch, len(accepted), refused))
    firsts = {record.key: record for _, accepted, _ in reversed(judged) for record in reversed(accepted)}
    with platform.database.write() as connection:
        new = first_time(connection, {record.key: record.known_for for record in firsts.values()})
        for setup, accepted, refused in judged:
            taken = [record for record in accepted if record.key in new and firsts[record.key] is record]
            _keep(connection, setup, taken, batch)
            _note_refused(connection, setup, refused, batch)
    return outcomes


def _outcome(dispatch: Wanted, accepted: int, refused: Sequence[tuple[int, str]], reason: str = "") -> Outcome:
    first = reason or (refused[0][1] if refused else "")
    return Outcome(dispatch.dispatch_id, accepted, len(refused), first, dict(refused))


def _keep(connection: Connection, setup: Setup, taken: Sequence[Accepted], batch: str) -> None:
    new = (accepted.invitation for accepted in taken)
    survey_tokens.make_many(connection, new, setup.dispatch["questionnaireName"])
    now, dispatch = time.time_ns() // 1000, setup.dispatch["id"]
    rows = [
        Recipient(
            *(accepted.invitation["id"], dispatch, batch, now, accepted.contact.email, accepted.contact.mobile),
            orjson.dumps(accepted.context).decode() if accepted.context else None,
        )
        for accepted in taken
    ]
    recipients.keep(connection, rows)
    outbox.queue(connection, setup.plan, rows)
    events.append(connection, (Happened(accepted.invitation["id"], dispatch, "Accepted") for accepted in taken))


def _note_refused(connection: Connection, setup: Setup, refused: Iterable[tuple[int, str]], batch: str) -> None:
    happened = (
        Happened(batch, setup.dispatch["id"], "Refused", message=f"record {position}: {reason}")
        for position, reason in refused
    )
    events.append(connection, happened)


def first_time(connection: Connection, keys: Mapping[str, int]) -> set[str]:
    """Which of these keys are not known, or no longer; they are known from now on, each for its seconds."""
    now = int(time.time())
    connection.execute(delete(taken_records).where(taken_records.c.known_until < now))
    # Sorted: two batches that lock the same rows in two orders would wait for each other for ever.
    return bulk.insert_new(connection, taken_records, sorted((key, now + known_for) for key, known_for in keys.items()))
