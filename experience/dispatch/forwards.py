"""Batches on their way to the WxM of another node, or a real one: a row each of at most 500 recipients.

The payload is what a sender makes a DispatchRequest of: `{"dispatchId": "…", "records": [{"inputs", "tagged"}]}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, Text

from experience.dispatch.batches import Record
from experience.model import timestamps
from experience.surveys import survey_tokens
from foundation.db import bulk
from foundation.db.database import metadata

MOST_RECORDS = 500

forwards = Table(
    "forwards",
    metadata,
    Column("id", String, primary_key=True),
    Column("dispatch_id", String, nullable=False),
    Column("queued_at", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Index("ix_forwards_queued_at", "queued_at"),
)


def queue(connection: Connection, dispatch_id: str, records: Sequence[Record]) -> None:
    """Have records sent on, for one dispatch of the other WxM."""
    now = timestamps.to_micros(datetime.now(UTC))
    starts = range(0, len(records), MOST_RECORDS)
    payloads = [_payload(dispatch_id, records[start : start + MOST_RECORDS]) for start in starts]
    bulk.insert_new(connection, forwards, [(survey_tokens.new_id(), dispatch_id, now, payload) for payload in payloads])


def _payload(dispatch_id: str, records: Sequence[Record]) -> str:
    facts = [{"inputs": record.inputs or {}, "tagged": record.tagged} for record in records]
    return orjson.dumps({"dispatchId": dispatch_id, "records": facts}).decode()
