"""The recipients in a batch of any shape: WxM's DispatchRequest, flat objects, and mixtures of both; pure.

A flat object stands alone, in a list, or in lists within objects; what an object says beside its list holds for
every recipient in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from experience.dispatch.batches import MOST_RECORDS, OPT_IN, Record, TooLarge, Unreadable, record_of
from experience.dispatch.call_facts import CALL_NAMES, KNOWN_NAMES, CallFacts, plain

DEEPEST = 8

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One recipient of a batch. `sent` is all that was said of it: read again, it is the same item."""

    record: Record
    sent: Document | None
    dispatch_id: str = ""
    batch_id: str = ""

    @property
    def call_type(self) -> str:
        return self.record.context.get("callTypeId", "")


def read(body: object, received: datetime) -> list[Item]:
    """The recipients, in their order. Raises Unreadable, TooLarge."""
    sent = list(islice(_recipients(body, {}, 0), MOST_RECORDS + 1))
    if len(sent) > MOST_RECORDS:
        raise TooLarge(f"At most {MOST_RECORDS} recipients in one request: split the batch")
    if not any(sent):
        raise Unreadable("There is no object in the body that says anything of a recipient")
    return [item_of(part, position, received) for position, part in enumerate(sent)]


def item_of(sent: Document | None, position: int, received: datetime) -> Item:
    """An item as it is read from what was said of it; its record is None where nothing was."""
    if not sent:
        return Item(Record(position, None), None)
    facts = CallFacts.of({name: value for name, value in sent.items() if plain(name) != "prefill"})
    prefill = next((value for name, value in sent.items() if plain(name) == "prefill"), None)
    if not isinstance(prefill, list) or not prefill:
        return Item(facts.record(position, received), sent, facts.dispatch_id, facts.batch_id)
    by_question = record_of(position, prefill[0])
    beside = {tag: value for tag, value in facts.tagged.items() if tag in {OPT_IN, "callid"}}
    record = Record(position, by_question.inputs, beside, facts.context, facts.valid_till(received))
    return Item(record, sent, facts.dispatch_id, facts.batch_id)


def _recipients(value: object, around: Document, level: int) -> Iterator[Document | None]:
    """All that is said of each recipient; None for what says nothing, or is nested too deeply."""
    if level > DEEPEST:
        yield None
    elif isinstance(value, list):
        if _is_record(value):
            yield from _of_prefill([value], around, level)
        else:
            for part in value:
                yield from _recipients(part, around, level + 1)
    elif isinstance(value, Mapping):
        yield from _of_object(value, around, level)
    else:
        yield None


def _of_object(value: Mapping[str, Any], around: Document, level: int) -> Iterator[Document | None]:
    fields = _merged(_flattened(value, level), around)
    lists = {name: some for name, some in fields.items() if isinstance(some, list)}
    own = {name: some for name, some in fields.items() if name not in lists}
    prefill = next((some for name, some in lists.items() if plain(name) == "prefill"), None)
    of_objects = [some for some in lists.values() if any(isinstance(part, Mapping | list) for part in some)]
    if prefill is not None:
        yield from _of_prefill(prefill, _for_each(own, [prefill]), level)
    elif of_objects and not CallFacts.of(own).names_somebody:
        for some in of_objects:
            yield from _recipients(some, _for_each(own, of_objects), level + 1)
    else:
        yield fields or None


def _of_prefill(prefill: list[Any], own: Document, level: int) -> Iterator[Document | None]:
    """The records of a DispatchRequest; one may stand without its list, and flat objects in the place of records."""
    if _is_record(prefill):
        prefill = [prefill]
    for record in prefill:
        if isinstance(record, Mapping) and not _is_record([record]):
            yield from _recipients(record, own, level + 1)
        else:
            yield {**own, "PreFill": [record]}


def _is_record(value: list[Any]) -> bool:
    """Whether a list is what is known of one recipient, by question."""
    return bool(value) and all(
        isinstance(part, Mapping) and any(plain(name) == "questionid" for name in part) for part in value
    )


def _for_each(own: Document, lists: list[list[Any]]) -> Document:
    """What an object says beside its lists, of each in them: one call has one recipient."""
    if sum(map(len, lists)) == 1:
        return own
    return {name: value for name, value in own.items() if plain(name) not in CALL_NAMES}


def _flattened(value: Mapping[str, Any], level: int) -> Document:
    """An object with the fields of the objects in it, as far as it has none of the same name."""
    own = {name: part for name, part in value.items() if not isinstance(part, Mapping)}
    inner = {name: part for name, part in value.items() if isinstance(part, Mapping)}
    for name, part in inner.items() if level <= DEEPEST else ():
        fields = _flattened(part, level + 1)
        own = _merged(own, {_full_name(name, field): some for field, some in fields.items()})
    return own


def _full_name(outer: str, inner: str) -> str:
    """POD.ID, where POD is an object with an ID in it; else the inner name alone."""
    return f"{outer}.{inner}" if plain(outer + inner) in KNOWN_NAMES else inner


def _merged(own: Document, more: Document) -> Document:
    known = {plain(name) for name in own}
    return {**{name: value for name, value in more.items() if plain(name) not in known}, **own}
