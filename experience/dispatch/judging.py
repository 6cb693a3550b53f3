"""Judge the records of a batch: who can be asked by a dispatch, how he is reached, and what his survey knows of him."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from experience.accounts.users import ACCOUNT
from experience.dispatch import batches, dispatches
from experience.dispatch.batches import BadRecord, Contact, Record, Tags, Value
from experience.model import timestamps
from experience.model.answer_json import is_unanswered
from experience.model.customer import names_nobody
from experience.model.errors import BadAnswer
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.surveys import survey_tokens

KNOWN_SECONDS, KNOWN_BRIEFLY = 30 * 86_400, 600
LANGUAGE_TAGS = frozenset({"cc_language", "cc_langauge"})
# Tags and roles of what says who a recipient is: there a placeholder stands for nobody.
_NAMING = frozenset({"email", "mobile", "customer_id", "cc_customerid"})
_WHOLE = re.compile(r"[+-]?\d{1,40}")
_ADDRESS = {"email": "e-mail address", "sms": "mobile number"}

Document = dict[str, Any]


class NotLive(ValueError):
    """Nothing can be sent by a dispatch; the message says why."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A dispatch that is live, with what is needed to judge its records and to queue its messages.

    `questions` are those of its questionnaire, by each of their tags in lower case.
    """

    dispatch: Document
    plan: Document
    channels: tuple[str, ...]
    roles: Mapping[str, str | None]
    tags: Tags
    questions: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that can be delivered: the key by which a repeat is known, the contact, and the invitation to make.

    `context` is what is kept beside the recipient, and is no part of the survey.
    """

    key: str
    known_for: int
    contact: Contact
    invitation: Document
    context: Mapping[str, str]


def load_setup(platform: Platform, identity: str) -> Setup:
    """The dispatch of an id. Raises NotLive."""
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
    questionnaire = dispatch["questionnaireName"]
    if questionnaire not in platform.catalogue.questionnaires:
        raise NotLive("Its questionnaire is not there")
    roles = {identity: question.role for identity, question in platform.catalogue.questions.items()}
    tags = {document["id"]: catalogue.tags(document) for document in documents}
    own = [document["id"] for document in documents if questionnaire in catalogue.places(document)]
    return Setup(dispatch, plan, tuple(dispatches.channels(plan)), roles, tags, _by_tag(own, tags))


def judge(
    platform: Platform, setup: Setup, records: Iterable[Record], batch: str | None
) -> tuple[list[Accepted], list[tuple[int, str]]]:
    """The records that can be delivered; of the others, position and reason. `batch` is its sender's name for it."""
    accepted: list[Accepted] = []
    refused: list[tuple[int, str]] = []
    for record in records:
        try:
            accepted.append(_accepted(platform, setup, record, batch))
        except BadRecord as reason:
            refused.append((record.position, str(reason)))
    return accepted, refused


def _accepted(platform: Platform, setup: Setup, record: Record, batch: str | None) -> Accepted:
    """A record as it will be kept. Raises BadRecord."""
    if not record.inputs and not record.tagged:
        raise BadRecord("a record is a list of QuestionId and Input")
    batches.check_opt_in(record, setup.tags)
    named = without_placeholders(record, setup.roles, platform.ignored)
    contact = batches.contact(named, setup.roles, platform.phone)
    reachable = {"email": contact.email, "sms": contact.mobile}
    if not any(reachable.get(channel) for channel in setup.channels):
        raise BadRecord(f"no usable {' or '.join(_ADDRESS.get(channel, channel) for channel in setup.channels)}")
    inputs = _resolved(setup, named)
    invitation = {
        "id": survey_tokens.new_id(),
        "user": ACCOUNT,
        "dispatchId": setup.dispatch["id"],
        "deliveryPlanId": setup.dispatch["deliveryPlanId"],
        "preFill": prefilled(platform, setup.dispatch["questionnaireName"], inputs),
        "preferredLanguage": _language(setup, named),
        **_validity(record),
    }
    key, is_long = batches.repeat_key(batch, setup.dispatch["id"], record, setup.tags)
    return Accepted(key, KNOWN_SECONDS if is_long else KNOWN_BRIEFLY, contact, invitation, record.context)


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
    """WxM Responses as an answer would carry them, without scores that nobody gave: written out, those would be 0.

    Raises BadRecord.
    """
    try:
        checked = platform.checked(questionnaire, responses)
        questions = platform.catalogue.questions
        return [sent for sent in checked if not is_unanswered(questions.get(sent["questionId"]), sent)]
    except BadAnswer as fault:
        raise BadRecord(str(fault)) from None


def _by_tag(questions: Iterable[str], tags: Tags) -> dict[str, tuple[str, ...]]:
    by_tag: dict[str, tuple[str, ...]] = {}
    for question in questions:
        for tag in tags[question]:
            by_tag[tag] = (*by_tag.get(tag, ()), question)
    return by_tag


def without_placeholders(record: Record, roles: Mapping[str, str | None], ignored: frozenset[str]) -> Record:
    """The record without what scripts write where they know no customer: such an address is never written to."""

    def usable(name: str, value: Value) -> bool:
        return name not in _NAMING or not names_nobody(str(value), ignored)

    inputs = {key: value for key, value in (record.inputs or {}).items() if usable(roles.get(key) or "", value)}
    return replace(
        record, inputs=inputs, tagged={tag: value for tag, value in record.tagged.items() if usable(tag, value)}
    )


def _resolved(setup: Setup, record: Record) -> dict[str, Value]:
    """What is known of a recipient, by question; what a tag says counts where no question says it."""
    of_tags = {question: value for tag, value in record.tagged.items() for question in setup.questions.get(tag, ())}
    return {**of_tags, **(record.inputs or {})}


def _language(setup: Setup, record: Record) -> str | None:
    inputs = record.inputs or {}
    values = [inputs[key] for key in inputs if setup.tags.get(key, frozenset()) & LANGUAGE_TAGS]
    values += [record.tagged[tag] for tag in sorted(LANGUAGE_TAGS) if tag in record.tagged]
    return str(values[0]) if values else None


def _validity(record: Record) -> Document:
    """Until when the sender wants the survey answered, where that is before our own end. Raises BadRecord."""
    if record.valid_till is None:
        return {}
    now = datetime.now(UTC)
    if record.valid_till <= now:
        raise BadRecord("the validity that its sender gave the survey is over")
    return {"validTill": timestamps.format_utc(min(record.valid_till, now + timedelta(days=survey_tokens.VALID_DAYS)))}


def _number(key: str, value: Value) -> float | int:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        # Not by way of a float, which would make two long ids one.
        return int(value)
    try:
        number = float(value)
    except ValueError:
        raise BadRecord(f"question {key}: is not a number") from None
    return int(number) if number.is_integer() else number
