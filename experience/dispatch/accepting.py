"""Accept a batch of recipients: whoever is accepted has an invitation, and a message in the outbox, in one transaction.

A record that comes again is known, and not taken twice: by its call for 30 days, else as the identical record at the
same place of the same batch for 30 days, else as the identical record for ten minutes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, delete

from experience.accounts.users import ACCOUNT
from experience.dispatch import batches, dispatches, events, outbox, recipients
from experience.dispatch.batches import BadRecord, Contact, Record, Tags, Value, Wanted
from experience.dispatch.events import Happened
from experience.dispatch.recipients import Recipient
from experience.model.errors import BadAnswer
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.surveys import survey_tokens
from foundation.db import bulk
from foundation.db.database import metadata

KNOWN_SECONDS, KNOWN_BRIEFLY = 30 * 86_400, 600
LANGUAGE_TAGS = frozenset({"cc_language", "cc_langauge"})
_WHOLE = re.compile(r"[+-]?\d{1,40}")
_ADDRESS = {"email": "e-mail address", "sms": "mobile number"}

taken_records = Table(
    "taken_records",
    metadata,
    Column("id", String, primary_key=True),
    Column("known_until", BigInteger, nullable=False),
    Index("ix_taken_records_known_until", "known_until"),
)

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one dispatch of a batch: how many of its records were accepted, and why the others were not."""

    dispatch_id: str
    accepted: int
    refused: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """A dispatch that is live, with what is needed to judge its records."""

    dispatch: Document
    channels: tuple[str, ...]
    roles: Mapping[str, str | None]
    tags: Tags
    plan: Document


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that can be delivered: the key by which a repeat is known, the contact, and the invitation to make."""

    key: str
    known_for: int
    contact: Contact
    invitation: Document


class NotLive(ValueError):
    """Nothing can be sent by a dispatch; the message says why."""


def accept(platform: Platform, wanted: Iterable[Wanted], batch: str, *, is_named: bool) -> list[Outcome]:
    """Take a batch; `is_named` where its sender named it, so that a repeat has the same name. All is kept on return."""
    outcomes: list[Outcome] = []
    judged: list[tuple[Setup, list[Accepted], list[tuple[int, str]]]] = []
    for dispatch in wanted:
        try:
            setup = _setup(platform, dispatch.dispatch_id)
        except NotLive as reason:
            outcomes.append(Outcome(dispatch.dispatch_id, 0, len(dispatch.records), str(reason)))
            continue
        accepted, refused = _judge(platform, setup, dispatch, batch if is_named else None)
        judged.append((setup, accepted, refused))
        outcomes.append(Outcome(dispatch.dispatch_id, len(accepted), len(refused), refused[0][1] if refused else ""))
    firsts = {record.key: record for _, accepted, _ in reversed(judged) for record in reversed(accepted)}
    with platform.database.write() as connection:
        new = _first_time(connection, firsts.values())
        for setup, accepted, refused in judged:
            taken = [record for record in accepted if record.key in new and firsts[record.key] is record]
            _keep(connection, setup, taken, batch)
            _note_refused(connection, setup, refused, batch)
    return outcomes


def _setup(platform: Platform, identity: str) -> Setup:
    with platform.database.read() as connection:
        dispatch = dispatches.find(connection, "dispatch", identity) if identity else None
        if dispatch is None:
            raise NotLive("There is no such dispatch" if identity else "DispatchID: which dispatch?")
        plan = dispatches.find(connection, "plan", dispatch["deliveryPlanId"])
        documents = catalogue.documents(connection)
    if not dispatch.get("isLive"):
        raise NotLive("The dispatch is not live")
    if plan is None or not plan.get("isLive"):
        raise NotLive("Its delivery plan is not live")
    if dispatch["questionnaireName"] not in platform.catalogue.questionnaires:
        raise NotLive("Its questionnaire is not there")
    roles = {identity: question.role for identity, question in platform.catalogue.questions.items()}
    tags = {
        document["id"]: frozenset(map(str.lower, map(str, document.get("questionTags") or ())))
        for document in documents
    }
    return Setup(dispatch, tuple(dispatches.channels(plan)), roles, tags, plan)


def _judge(
    platform: Platform, setup: Setup, wanted: Wanted, batch: str | None
) -> tuple[list[Accepted], list[tuple[int, str]]]:
    accepted: list[Accepted] = []
    refused: list[tuple[int, str]] = []
    for record in wanted.records:
        try:
            accepted.append(_accepted(platform, setup, record, batch))
        except BadRecord as reason:
            refused.append((record.position, str(reason)))
    return accepted, refused


def _accepted(platform: Platform, setup: Setup, record: Record, batch: str | None) -> Accepted:
    """A record as it will be kept. Raises BadRecord."""
    if not record.inputs:
        raise BadRecord("a record is a list of QuestionId and Input")
    batches.check_opt_in(record.inputs, setup.tags)
    contact = batches.contact(record.inputs, setup.roles, platform.phone)
    reachable = {"email": contact.email, "sms": contact.mobile}
    if not any(reachable.get(channel) for channel in setup.channels):
        raise BadRecord(f"no usable {' or '.join(_ADDRESS.get(channel, channel) for channel in setup.channels)}")
    language = next(
        (str(record.inputs[key]) for key in record.inputs if setup.tags.get(key, set()) & LANGUAGE_TAGS), None
    )
    invitation = {
        "id": survey_tokens.new_id(),
        "user": ACCOUNT,
        "dispatchId": setup.dispatch["id"],
        "deliveryPlanId": setup.dispatch["deliveryPlanId"],
        "preFill": prefilled(platform, setup.dispatch["questionnaireName"], record.inputs),
        "preferredLanguage": language,
    }
    key, is_long = batches.repeat_key(batch, setup.dispatch["id"], record, setup.tags)
    return Accepted(key, KNOWN_SECONDS if is_long else KNOWN_BRIEFLY, contact, invitation)


def prefilled(platform: Platform, questionnaire: str, inputs: Mapping[str, Value]) -> list[Document]:
    """WxM Responses of what is known of a recipient, hashed where the questionnaire wants it. Raises BadRecord.

    Questions that are not there are left out.
    """
    known = platform.catalogue.questions
    responses = []
    for key, value in inputs.items():
        if question := known.get(key):
            blank = {"questionId": key, "questionText": question.text, "textInput": None, "numberInput": None}
            slot = {"numberInput": _number(key, value)} if question.numeric else {"textInput": str(value)}
            responses.append({**blank, **slot})
    return checked(platform, questionnaire, responses)


def checked(platform: Platform, questionnaire: str, responses: list[Document]) -> list[Document]:
    """WxM Responses as an answer would carry them. Raises BadRecord."""
    try:
        return platform.checked(questionnaire, responses)
    except BadAnswer as fault:
        raise BadRecord(str(fault)) from None


def _number(key: str, value: Value) -> float | int:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        # Not by way of a float, which would make two long ids one.
        return int(value)
    try:
        number = float(value)
    except ValueError:
        raise BadRecord(f"question {key}: is not a number") from None
    return int(number) if number.is_integer() else number


def _keep(connection: Connection, setup: Setup, taken: Sequence[Accepted], batch: str) -> None:
    new = (accepted.invitation for accepted in taken)
    survey_tokens.make_many(connection, new, setup.dispatch["questionnaireName"])
    now, dispatch = time.time_ns() // 1000, setup.dispatch["id"]
    rows = [
        Recipient(accepted.invitation["id"], dispatch, batch, now, accepted.contact.email, accepted.contact.mobile)
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


def _first_time(connection: Connection, accepted: Iterable[Accepted]) -> set[str]:
    """Which of these keys are not known, or no longer; they are known from now on, each for its seconds."""
    now = int(time.time())
    connection.execute(delete(taken_records).where(taken_records.c.known_until < now))
    # Sorted: two batches that lock the same rows in two orders would wait for each other for ever.
    return bulk.insert_new(
        connection, taken_records, sorted((record.key, now + record.known_for) for record in accepted)
    )
