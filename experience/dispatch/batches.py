"""A batch of recipients as WxM's DispatchRequest carries it, read liberally (docs/cisco/wxm-api.md §9.2); pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from experience.privacy import pii

MOST_RECORDS = 18_000
MOST_DISPATCHES = 15
OPT_IN = "optin"
# Whoever sends a call twice names it the same.
CALL_TAGS = frozenset({"callid", "cc_callid", "guid", "callguid", "documentid"})
_YES = frozenset({"yes", "y", "1", "true"})

# In place of a consent, where the end of the text was cut off in which it stands.
CUT_OFF = "cut off"

Value = str | int | float
Phone = Callable[[str], str | None]
Tags = Mapping[str, frozenset[str]]


class Unreadable(ValueError):
    """The body is no batch; the message says what is wanted."""


class TooLarge(ValueError):
    """More than one batch may carry."""


class BadRecord(ValueError):
    """A record cannot be taken; the message says why and shows nothing personal."""


@dataclass(frozen=True, slots=True)
class Record:
    """One recipient: what is known of him, by question id (None where it could not be read), and by prefill tag.

    `tagged` has tags in lower case; `context` is kept beside the recipient, and is no part of the survey. `valid_till`:
    until when the sender wants it answered. `key`: by what a repeat is known, where a batch and a position are not it.
    """

    position: int
    inputs: Mapping[str, Value] | None
    tagged: Mapping[str, Value] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    valid_till: datetime | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one dispatch of a batch is to be sent to."""

    dispatch_id: str
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a recipient can be reached, in its one form."""

    email: str | None
    mobile: str | None


def read(body: object) -> list[Wanted]:
    """The dispatches of a batch, in their order. Raises Unreadable, TooLarge."""
    sent = [body] if isinstance(body, Mapping) else body
    if not isinstance(sent, list) or not sent or not all(isinstance(part, Mapping) for part in sent):
        raise Unreadable(
            'The body is a list like [{"DispatchID": "…", "PreFill": [[{"QuestionId": "…", "Input": "…"}]]}]'
        )
    if len(sent) > MOST_DISPATCHES:
        raise TooLarge(f"{len(sent)} dispatches: at most {MOST_DISPATCHES} in one request; split the batch")
    named = [{str(name).lower(): value for name, value in part.items()} for part in sent]
    sizes = [len(_records(part)) for part in named]
    if sum(sizes) > MOST_RECORDS:
        raise TooLarge(f"{sum(sizes)} records: at most {MOST_RECORDS} in one request; split the batch")
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return [
        Wanted(
            text_of(fields.get("dispatchid")),
            tuple(record_of(start + n, part) for n, part in enumerate(_records(fields))),
        )
        for start, fields in zip(starts, named, strict=True)
    ]


def contact(record: Record, roles: Mapping[str, str | None], phone: Phone) -> Contact:
    """A record's e-mail address and phone number, by the roles of its questions, else by its tags."""
    email = mobile = None
    facts = [(roles.get(question), value) for question, value in (record.inputs or {}).items()]
    for role, value in (*facts, *record.tagged.items()):
        text = str(value)
        if role == "email":
            email = email or pii.email(text)
        if role == "mobile" and not pii.is_hashed(text):
            mobile = mobile or phone(text)
    return Contact(email, mobile)


def check_opt_in(record: Record, tags: Tags) -> None:
    """A customer who was asked and did not say yes gets nothing. Raises BadRecord."""
    consents = [value for question, value in (record.inputs or {}).items() if OPT_IN in tags.get(question, ())]
    consents += [value for tag, value in record.tagged.items() if tag == OPT_IN]
    if CUT_OFF in consents:
        raise BadRecord(
            "POD.ID was cut off before Optin, so the customer did not opt in: shorten what the script writes"
        )
    if not all(means_yes(value) for value in consents):
        raise BadRecord("the customer did not opt in")


def means_yes(consent: Value) -> bool:
    """Whether a customer's word on surveys is a yes."""
    return str(consent).strip().lower() in _YES


def repeat_key(batch_id: str | None, dispatch_id: str, record: Record, tags: Tags) -> tuple[str, bool]:
    """By what a repeat of a record is known, as a hash, and whether for long.

    By its call; else as the identical record at the same place of the same batch; else as the identical record, for
    some minutes.
    """
    if call := _call(record, tags):
        return _hash("call", dispatch_id, call), True
    if record.key:
        return _hash("key", dispatch_id, record.key), True
    known = [sorted(part.items()) for part in (record.inputs or {}, record.tagged, record.context) if part]
    if batch_id is not None:
        return _hash("batch", dispatch_id, batch_id, record.position, *known), True
    return _hash("record", dispatch_id, *known), False


def _call(record: Record, tags: Tags) -> str:
    """The call that a record is of: by its call key, under which the desktop reports it too, else by its id or GUID."""
    inputs = sorted((record.inputs or {}).items())
    calls = [value for question, value in inputs if tags.get(question, frozenset()) & CALL_TAGS]
    calls += [record.tagged[tag] for tag in sorted(CALL_TAGS) if tag in record.tagged]
    return record.context.get("callKey") or next((str(call) for call in calls), "")


def _records(fields: Mapping[str, Any]) -> list[Any]:
    """The records of a dispatch; one that stands without its list is meant as the only one."""
    sent = fields.get("prefill")
    if not isinstance(sent, list):
        return [] if sent is None else [sent]
    return [sent] if sent and all(isinstance(record, Mapping) for record in sent) else sent


def record_of(position: int, sent: Any) -> Record:
    if not isinstance(sent, list) or not all(isinstance(response, Mapping) for response in sent):
        return Record(position, None)
    return Record(position, dict(_inputs(sent)))


def _inputs(prefills: list[Mapping[str, Any]]) -> Iterator[tuple[str, Value]]:
    for prefill in prefills:
        fields = {str(name).lower(): value for name, value in prefill.items()}
        # A Response carries a 0 beside every text: as a number it says nothing.
        values = (fields.get("input"), fields.get("textinput"), fields.get("numberinput") or None)
        value = next((value for value in values if value is not None and value != ""), None)
        question = text_of(fields.get("questionid"))
        if question and isinstance(value, str | int | float) and not isinstance(value, bool):
            yield question, value


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def _hash(*parts: object) -> str:
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()
