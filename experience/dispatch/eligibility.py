"""Whether a message may go out now, or later, or never: asked when it is due, for much may have happened since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from experience.dispatch import contacted, dispatches, messages, recipients, schedule, unsubscribes
from experience.dispatch.events import delivery_events
from experience.dispatch.messages import UnusableTemplate
from experience.dispatch.outbox import HOUR, OutboxRow
from experience.dispatch.recipients import Recipient
from experience.dispatch.schedule import Planned
from experience.dispatch.senders import Message
from experience.figures.invited import Delivered
from experience.model import timestamps
from experience.questionnaires import catalogue
from experience.surveys.survey_tokens import invitations

PAUSED_HOURS = 0.25
CUSTOMER = "cc_CustomerId"

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ready:
    """May go now; `following` is the message that comes after it, `reserved` what says that its customer was asked.

    `delivered` counts as an invitation once the server has taken the message; None of a reminder, and of a batch.
    """

    message: Message
    following: Planned | None
    reserved: tuple[str, ...] = ()
    delivered: Delivered | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """May go at a moment, in microseconds since 1970."""

    due_at: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Never:
    """Will not go. `is_needless`: nothing is amiss, such as a reminder of what was answered."""

    reason: str
    is_needless: bool = False


Verdict = Ready | Later | Never


class Invitation(NamedTuple):
    """What counts of a survey token."""

    valid_after: int | None
    valid_till: int | None
    uses_left: int | None
    document: Document


@dataclass(frozen=True, slots=True)
class Case:
    """A row that is due, with all that is known of it."""

    row: OutboxRow
    recipient: Recipient
    invitation: Invitation
    plan: Document
    is_live: bool
    is_answered: bool
    is_opted_out: bool
    planned: tuple[Planned, ...]
    now: int


class Eligibility:
    """Judges rows that were claimed, in the transaction of their claim."""

    def __init__(self, survey_url: str, time_zone: str) -> None:
        self._survey_url = survey_url
        self._time_zone = time_zone

    def judge(self, connection: Connection, rows: Collection[OutboxRow], now: int) -> list[tuple[OutboxRow, Verdict]]:
        """What becomes of each row; whoever may be written to counts as asked from now on."""
        cases = load(connection, rows, now)
        tags = _tags(connection)
        return [(row, _forwarded(row) or self._of(connection, cases.get(row.id), tags)) for row in rows]

    def _of(self, connection: Connection, case: Case | None, tags: Mapping[str, frozenset[str]]) -> Verdict:
        return self._verdict(connection, case, tags) if case else Never("its survey is gone")

    def _verdict(self, connection: Connection, case: Case, tags: Mapping[str, frozenset[str]]) -> Verdict:
        for rule in RULES:
            if verdict := rule(case):
                return verdict
        zone = schedule.zone_of(case.recipient.mobile, self._time_zone)
        now = timestamps.moment(case.now)
        if (allowed := schedule.allowed_at(case.plan, now, zone)) > now:
            return Later(timestamps.to_micros(allowed))
        planned, address = case.planned[case.row.sequence], case.recipient.address(case.row.channel) or ""
        try:
            message = messages.write(
                case.plan, planned, case.invitation.document, address, self._survey_url, case.row.sequence, tags
            )
        except UnusableTemplate as problem:
            return Never(str(problem))
        following = case.planned[case.row.sequence + 1] if len(case.planned) > case.row.sequence + 1 else None
        delivered = _delivered(case, tags) if case.row.sequence == 0 else None
        return self._rested(connection, case, Ready(message, following, delivered=delivered), tags)

    def _rested(
        self, connection: Connection, case: Case, ready: Ready, tags: Mapping[str, frozenset[str]]
    ) -> Ready | Never:
        """Not where the customer, or whoever has the address, was asked too short a time ago by another invitation."""
        hours = int(case.plan.get("repeatOnlyAfterHours") or 0)
        if case.row.sequence or not hours:
            return ready
        keys = tuple(_keys(case, tags))
        if contacted.reserve(connection, keys, case.row.id, case.now, case.now - hours * HOUR):
            return replace(ready, reserved=keys)
        contacted.forget(connection, case.row.id, keys)
        return Never(f"asked less than {hours} h ago")


def load(connection: Connection, rows: Collection[OutboxRow], now: int) -> dict[str, Case]:
    """All that is known of rows; not of those whose survey, dispatch or recipient is gone."""
    tokens = [row.id for row in rows]
    known = recipients.find(connection, tokens)
    tokens_left = _invitations(connection, tokens)
    answered = _answered(connection, tokens)
    addresses = {
        channel: [address for row in rows if row.id in known and (address := known[row.id].address(channel))]
        for channel in {row.channel for row in rows}
    }
    opted_out = {channel: unsubscribes.opted_out(connection, channel, some) for channel, some in addresses.items()}
    documents = {row.dispatch_id: _documents(connection, row.dispatch_id) for row in rows}
    cases = {}
    for row in rows:
        dispatch, plan = documents[row.dispatch_id]
        if row.id not in known or row.id not in tokens_left or dispatch is None or plan is None:
            continue
        recipient = known[row.id]
        planned = tuple(schedule.messages(plan, dict(recipient.addresses())))
        is_out = recipient.address(row.channel) in opted_out[row.channel]
        is_live = bool(dispatch.get("isLive") and plan.get("isLive"))
        cases[row.id] = Case(
            row, recipient, tokens_left[row.id], plan, is_live, row.id in answered, is_out, planned, now
        )
    return cases


def _is_over(case: Case) -> Never | None:
    is_reminder = case.row.sequence > 0
    if case.is_answered or case.invitation.uses_left == 0:
        return Never("the survey has been answered", is_needless=True)
    if case.is_opted_out:
        return Never("the recipient has unsubscribed", is_needless=is_reminder)
    if case.invitation.valid_till is not None and case.invitation.valid_till <= case.now:
        return Never("the survey is no longer valid", is_needless=is_reminder)
    return None


def _is_too_late(case: Case) -> Never | None:
    hours = sum(planned.hours for planned in case.planned[: case.row.sequence + 1])
    latest = float(case.plan.get("latestAfterHours") or 72) * (case.row.sequence + 1)
    if case.now - case.recipient.accepted_at > (hours + latest) * HOUR:
        return Never(f"more than {latest:g} h late")
    return None


def _cannot_go(case: Case) -> Never | None:
    if case.row.sequence >= len(case.planned) or case.planned[case.row.sequence].channel != case.row.channel:
        return Never("its delivery plan has no such message any more")
    return None


def _is_paused(case: Case) -> Later | None:
    if not case.is_live:
        return Later(case.now + int(PAUSED_HOURS * HOUR), "the dispatch or its delivery plan is not live")
    return None


def _is_too_early(case: Case) -> Later | None:
    begins = case.invitation.valid_after
    return Later(begins, "the survey is not yet valid") if begins is not None and begins > case.now else None


RULES: tuple[Callable[[Case], Verdict | None], ...] = (_is_over, _is_too_late, _cannot_go, _is_paused, _is_too_early)


def _delivered(case: Case, tags: Mapping[str, frozenset[str]]) -> Delivered:
    known = messages.prefill_by_tag(case.invitation.document, tags)
    questionnaire = str(case.invitation.document["location"])
    return Delivered(case.row.id, known.get("cc_agentid"), known.get("cc_teamid"), questionnaire, case.now)


def _forwarded(row: OutboxRow) -> Ready | None:
    """A batch on its way to another WxM: who may be written to is decided there."""
    return Ready(Message("", row.id, "", payload=row.payload), None) if row.payload else None


def _keys(case: Case, tags: Mapping[str, frozenset[str]]) -> list[str]:
    """By what the same person is known: the customer's id, hashed or not, and the address."""
    plan = case.plan
    scope = "account" if plan.get("uniquieIDAccountWide") else str(plan.get("id"))
    named = str(plan.get("uniqueCustomerIDByPreFilledQuestionTag") or CUSTOMER).lower()
    ids = [
        str(response.get("textInput") or response.get("numberInput"))
        for response in case.invitation.document.get("preFill") or ()
        if named in tags.get(response["questionId"], ())
    ]
    customers = [contacted.key(scope, named, identity) for identity in ids]
    return [*customers, contacted.key(scope, case.row.channel, case.recipient.address(case.row.channel) or "")]


def _invitations(connection: Connection, tokens: Collection[str]) -> dict[str, Invitation]:
    columns = invitations.c
    wanted = select(columns.id, columns.valid_after, columns.valid_till, columns.uses_left, columns.document)
    rows = connection.execute(wanted.where(columns.id.in_(tokens)))
    return {row[0]: Invitation(*row[1:4], orjson.loads(row[4])) for row in rows}


def _answered(connection: Connection, tokens: Collection[str]) -> set[str]:
    columns = delivery_events.c
    wanted = select(columns.target).where(columns.target.in_(tokens), columns.action == "Answered")
    return set(connection.execute(wanted).scalars())


def _documents(connection: Connection, dispatch_id: str) -> tuple[Document | None, Document | None]:
    dispatch = dispatches.find(connection, "dispatch", dispatch_id)
    return dispatch, dispatches.find(connection, "plan", dispatch["deliveryPlanId"]) if dispatch else None


def _tags(connection: Connection) -> dict[str, frozenset[str]]:
    return {document["id"]: catalogue.tags(document) for document in catalogue.documents(connection)}
