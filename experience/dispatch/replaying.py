"""Send what waited for a dispatch: with fields that an administrator names, or by dispatches that are known by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from experience.dispatch import unaddressed
from experience.dispatch.call_facts import plain
from experience.dispatch.intake import Intake
from experience.dispatch.mixed_batches import Document, Item, item_of
from foundation.db.database import Database


@dataclass(slots=True)
class Replayed:
    """How many went out and how many wait still; of those that were refused, how many for each reason."""

    sent: int = 0
    waiting: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def replay(database: Database, intake: Intake, fields: Mapping[str, str], dispatch_id: str = "") -> Replayed:
    """Send what can be sent by now. `fields` says of fields as they were sent what they are: `{"surveyId":
    "dispatchId"}`; `dispatch_id` is for items that name none.

    Each is known by its call, or by its own row: it goes out once, however often and wherever this is broken off.
    """
    done, after = Replayed(), ""
    while True:
        with database.read() as connection:
            rows = unaddressed.pages(connection, after)
        if not rows:
            return done
        after = rows[-1].id
        items = [_renamed(row, position, fields, dispatch_id) for position, row in enumerate(rows)]
        statuses = intake.take_items(items, "replay", is_named=False, keep=False)
        decided = [rows[status.position].id for status in statuses if status.state != "waiting"]
        with database.write() as connection:
            unaddressed.remove(connection, decided)
        for status in statuses:
            done.sent += status.state == "accepted"
            done.waiting += status.state == "waiting"
            done.refused.update([status.reason] if status.state == "refused" else [])


def _renamed(row: unaddressed.Row, position: int, fields: Mapping[str, str], dispatch_id: str) -> Item:
    """The item at a place, its fields named anew; it keeps the moment when it came, from which its validity counts."""
    sent = row.sent
    for name, meant in fields.items():
        value = next((value for known, value in sent.items() if plain(known) == plain(name)), None)
        if value not in (None, ""):
            sent = {**_without(sent, meant), meant: value}
    item = item_of(sent, position, row.received)
    item = replace(item, dispatch_id=item.dispatch_id or dispatch_id)
    return replace(item, record=replace(item.record, key=row.id))


def _without(sent: Document, name: str) -> Document:
    return {known: value for known, value in sent.items() if plain(known) != plain(name)}
