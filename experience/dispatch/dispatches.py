"""What a deferred survey is sent by: dispatches, their delivery plans and content templates, as WxM's documents.

A dispatch names its questionnaire and its delivery plan; the plan's schedule says by which channels, when and with
which words (docs/cisco/wxm-api.md §9.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
from sqlalchemy import Column, Connection, String, Table, Text, select

from experience.model import timestamps
from foundation.db.database import Database, metadata

Kind = Literal["dispatch", "plan", "template", "rules"]
Document = dict[str, Any]

dispatch_documents = Table(
    "dispatch_documents",
    metadata,
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("document", Text, nullable=False),
)
_columns = dispatch_documents.c


def keep(database: Database, connection: Connection, kind: Kind, documents: Iterable[Mapping[str, Any]]) -> None:
    """Keep documents, with the moments when they came and changed; one whose id is known is replaced."""
    now = timestamps.format_utc(datetime.now(UTC))
    adding = database.dialect_insert(dispatch_documents)
    replacing = adding.on_conflict_do_update(index_elements=["kind", "id"], set_={"document": adding.excluded.document})
    for document in sorted(documents, key=lambda document: str(document["id"])):
        known = find(connection, kind, document["id"]) or {}
        stamped = {**document, "created": known.get("created", now), "updated": now}
        row = {"kind": kind, "id": document["id"], "document": orjson.dumps(stamped).decode()}
        connection.execute(replacing.values(**row))


def every(connection: Connection, kind: Kind) -> list[Document]:
    """All documents of a kind, by their ids."""
    rows = connection.execute(select(_columns.document).where(_columns.kind == kind).order_by(_columns.id))
    return [orjson.loads(document) for document in rows.scalars()]


def find(connection: Connection, kind: Kind, identity: str) -> Document | None:
    """The document of an id."""
    if "\0" in identity:
        return None
    wanted = select(_columns.document).where(_columns.kind == kind, _columns.id == identity)
    document = connection.execute(wanted).scalar()
    return None if document is None else dict(orjson.loads(document))


def lock(connection: Connection, kind: Kind, identity: str) -> None:
    """Whoever else locks the document waits for the end of this transaction; on SQLite a writer is alone anyway."""
    wanted = select(_columns.id).where(_columns.kind == kind, _columns.id == identity)
    connection.execute(wanted.with_for_update())


def by_call_type(connection: Connection) -> dict[str, str]:
    """The dispatch that a call type has where a batch names none, by the call type's id."""
    # Where two dispatches were given one call type, it is always the same that has it.
    named = sorted(every(connection, "dispatch"), key=lambda dispatch: str(dispatch["id"]), reverse=True)
    return {str(name): dispatch["id"] for dispatch in named for name in dispatch.get("defaultOfCallTypes") or ()}


def channels(plan: Mapping[str, Any] | None) -> list[str]:
    """By what a delivery plan sends: `email`, `sms` or both, in the order of its schedule."""
    steps = (plan or {}).get("schedule") or ()
    return list(dict.fromkeys(str(step.get("onChannel", "")).partition(":")[0].lower() for step in steps))


def live_channels(connection: Connection, identity: str) -> list[str]:
    """By what a dispatch sends; by nothing where it is not there, or it or its plan is not live."""
    dispatch = find(connection, "dispatch", identity) or {}
    plan = find(connection, "plan", dispatch.get("deliveryPlanId", "")) or {}
    return channels(plan) if dispatch.get("isLive") and plan.get("isLive") else []


def list_templates(database: Database) -> list[Document]:
    """The dispatches as a deferred survey is picked from (docs/api.md, Cloud Connect)."""
    with database.read() as connection:
        plans = {plan["id"]: plan for plan in every(connection, "plan")}
        return [
            {
                "id": dispatch["id"],
                "name": dispatch["name"],
                "questionnaireName": dispatch["questionnaireName"],
                "channels": channels(plans.get(dispatch["deliveryPlanId"])),
                "isLive": bool(dispatch["isLive"] and plans.get(dispatch["deliveryPlanId"], {}).get("isLive")),
            }
            for dispatch in every(connection, "dispatch")
        ]
