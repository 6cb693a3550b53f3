"""What waits in the outbox, as `/metrics` shows it: how much, and how late the first of it is."""

from __future__ import annotations

import threading
import time

import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from experience.dispatch import outbox
from foundation.db.database import Database
from foundation.errors import PulseError

log = structlog.get_logger(__name__)

# Counting a million rows takes the database a tenth of a second.
FRESH_SECONDS = 10.0
QUEUED = Gauge(
    "pulse_outbox_messages", "Messages by channel and state.", ["channel", "state"], multiprocess_mode="mostrecent"
)
LATE = Gauge(
    "pulse_outbox_late_seconds", "How late the oldest waiting message is.", ["channel"], multiprocess_mode="mostrecent"
)
STATES = ("waiting", "failed", "held")
CHANNELS = ("email", "sms")


class QueueGauges:
    """Brings the gauges up to date, at most once in ten seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._due = 0.0
        self._guard = threading.Lock()

    def refresh(self) -> None:
        """A database that does not answer leaves them as they were."""
        with self._guard:
            if time.monotonic() < self._due:
                return
            self._due = time.monotonic() + FRESH_SECONDS
        try:
            with self._database.read() as connection:
                queued = {(some.channel, some.state): some for some in outbox.counts(connection)}
        except (SQLAlchemyError, PulseError) as error:
            log.warning("outbox_not_counted", cause=type(error).__name__)
            return
        for channel in {*CHANNELS, *(channel for channel, _ in queued)}:
            for state in STATES:
                QUEUED.labels(channel, state).set(queued[channel, state].rows if (channel, state) in queued else 0)
            waiting = queued.get((channel, "waiting"))
            LATE.labels(channel).set(max(0.0, time.time() - waiting.first_due / 1_000_000) if waiting else 0)
