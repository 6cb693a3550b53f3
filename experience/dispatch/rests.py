"""When customers were last asked by a rule, under hashes of what they are known by."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, delete, select

from foundation.db.database import Database, metadata

customer_rests = Table(
    "customer_rests",
    metadata,
    Column("id", String, primary_key=True),
    Column("asked_at", BigInteger, nullable=False),
    Index("ix_customer_rests_asked_at", "asked_at"),
)
_columns = customer_rests.c


def identities(customer_id: str, email: str, mobile: str) -> list[str]:
    """All that a customer is known by, hashed: whoever is known by one of them is the same customer."""
    facts = (("customerId", customer_id), ("email", email.casefold()), ("mobile", mobile))
    return sorted(hashlib.sha256(f"{kind}:{value}".encode()).hexdigest() for kind, value in facts if value)


def is_resting(connection: Connection, customer: Collection[str], since: int) -> bool:
    """Whether the customer was asked after that moment."""
    asked = select(_columns.id).where(_columns.id.in_(customer), _columns.asked_at > since)
    return connection.execute(asked.limit(1)).first() is not None


def note(database: Database, connection: Connection, customer: Collection[str], now: int) -> None:
    """The customer is asked now."""
    adding = database.dialect_insert(customer_rests)
    again = adding.on_conflict_do_update(index_elements=["id"], set_={"asked_at": adding.excluded.asked_at})
    connection.execute(again, [{"id": identity, "asked_at": now} for identity in customer])


def forget(connection: Connection, before: int) -> None:
    """Those that were asked so long ago that no rule counts it."""
    connection.execute(delete(customer_rests).where(_columns.asked_at < before))
