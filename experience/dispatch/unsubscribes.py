"""Who wants no more messages: addresses by their SHA-256, for good, whatever dispatch wrote to them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Connection, String, Table, select

from experience.dispatch import events, recipients
from experience.dispatch.events import Happened
from experience.figures import invited
from experience.surveys import survey_tokens
from foundation.db import bulk
from foundation.db.database import metadata

unsubscribed = Table(
    "unsubscribed",
    metadata,
    Column("id", String, primary_key=True),
    Column("unsubscribed_at", BigInteger, nullable=False),
)


def opt_out(connection: Connection, token: str) -> None:
    """Write no more to any address of a recipient; an unknown token changes nothing, and looks the same."""
    recipient = recipients.find(connection, [token]).get(token)
    if recipient is None:
        return
    # Held: a worker that is about to count this invitation as delivered sees this first, or has done so.
    survey_tokens.find(connection, token, to_change=True)
    now = time.time_ns() // 1000
    rows = sorted((_id(channel, address), now) for channel, address in recipient.addresses())
    bulk.insert_new(connection, unsubscribed, rows)
    if all(event.action != "Unsubscribed" for event in events.of_target(connection, token)):
        events.append(connection, [Happened(token, recipient.dispatch_id, "Unsubscribed")])
        invited.opt_out(connection, token)


def is_opted_out(connection: Connection, channel: str, address: str) -> bool:
    """Whether an address, in its one form, gets nothing more by a channel."""
    return bool(opted_out(connection, channel, [address]))


def opted_out(connection: Connection, channel: str, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that get nothing more by a channel."""
    by_id = {_id(channel, address): address for address in addresses}
    rows = connection.execute(select(unsubscribed.c.id).where(unsubscribed.c.id.in_(by_id)))
    return {by_id[identity] for identity in rows.scalars()}


def _id(channel: str, address: str) -> str:
    """A number that was known with its plus and without is one."""
    return f"{channel}:{hashlib.sha256(address.lower().removeprefix('+').encode()).hexdigest()}"
