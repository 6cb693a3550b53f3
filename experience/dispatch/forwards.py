"""Batches on their way to the WxM of another node, or a real one: a row of the outbox for at most 500 recipients.

The payload is what a sender makes a DispatchRequest of: `{"dispatchId": "…", "records": [{"inputs", "tagged"}]}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection

from experience.dispatch import outbox
from experience.dispatch.batches import Record
from experience.dispatch.outbox import OutboxRow
from experience.model import timestamps
from experience.surveys import survey_tokens

CHANNEL = "wxm"
MOST_RECORDS = 500


def queue(connection: Connection, dispatch_id: str, records: Sequence[Record]) -> None:
    """Have records sent on, for one dispatch of the other WxM."""
    now = timestamps.to_micros(datetime.now(UTC))
    starts = range(0, len(records), MOST_RECORDS)
    payloads = (_payload(dispatch_id, records[start : start + MOST_RECORDS]) for start in starts)
    rows = [OutboxRow(survey_tokens.new_id(), dispatch_id, CHANNEL, 0, now, payload=payload) for payload in payloads]
    outbox.forward(connection, rows)


def _payload(dispatch_id: str, records: Sequence[Record]) -> str:
    facts = [{"inputs": record.inputs or {}, "tagged": record.tagged} for record in records]
    return orjson.dumps({"dispatchId": dispatch_id, "records": facts}).decode()
