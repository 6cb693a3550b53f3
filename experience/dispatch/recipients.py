"""Recipients of deferred surveys: where each can be reached, and what is known of their call; kept after delivery."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, Text, select

from foundation.db import bulk
from foundation.db.database import metadata

recipients = Table(
    "recipients",
    metadata,
    Column("id", String, primary_key=True),
    Column("dispatch_id", String, nullable=False),
    Column("batch_id", String, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("email", String),
    Column("mobile", String),
    Column("context", Text),
    Index("ix_recipients_accepted_at", "accepted_at"),
)


class Recipient(NamedTuple):
    """One row. `id` is the survey token, `accepted_at` microseconds since 1970, `context` a JSON object."""

    id: str
    dispatch_id: str
    batch_id: str
    accepted_at: int
    email: str | None
    mobile: str | None
    context: str | None = None

    def address(self, channel: str) -> str | None:
        """Where a channel reaches this recipient."""
        return dict(self.addresses()).get(channel)

    def addresses(self) -> list[tuple[str, str]]:
        """Every channel that reaches this recipient, with the address there."""
        both = ("email", self.email), ("sms", self.mobile)
        return [(channel, address) for channel, address in both if address]


def keep(connection: Connection, rows: Sequence[Recipient]) -> None:
    """Keep new recipients."""
    bulk.insert_new(connection, recipients, rows)


def find(connection: Connection, tokens: Collection[str]) -> dict[str, Recipient]:
    """The recipients of these survey tokens, by token."""
    known = [token for token in tokens if "\0" not in token]
    rows = connection.execute(select(recipients).where(recipients.c.id.in_(known)))
    return {row.id: Recipient._make(row) for row in rows}
