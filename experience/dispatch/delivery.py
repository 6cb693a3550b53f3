"""Delivery: workers claim what is due, send it, and write down what became of it, each message in its own transaction.

Many workers on many machines share one outbox. A worker that is killed between sending and writing it down has its one
message sent again, with the same Message-ID; nothing is lost.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import Counter
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from experience.dispatch import contacted, events, outbox, pace, restored, unsubscribes
from experience.dispatch.eligibility import Eligibility, Later, Never, Ready, Verdict
from experience.dispatch.events import Action, Happened
from experience.dispatch.outbox import HOUR, OutboxRow
from experience.dispatch.senders import Outcome, Passing, Permanent, Sender, Sent, Unclear
from experience.figures import invited
from experience.figures.invited import Delivered
from experience.platform import Platform
from experience.surveys import survey_tokens
from foundation.errors import PulseError

log = structlog.get_logger(__name__)

SENT = Counter("pulse_messages_sent", "Messages that a server took, by channel.", ["channel"])
FAILED = Counter("pulse_messages_failed", "Messages that will not be sent, by channel.", ["channel"])

SECOND = 1_000_000
BATCH = 20
# A message that is not begun while so much of the lease is left is another worker's: it takes at most eleven steps of
# 15 s, and clocks of two nodes may differ by a minute.
LEASE_SECONDS, LEAST_LEFT_SECONDS = 420.0, 230.0
POLL_SECONDS = 1.0
# Moments that are taken ahead where a channel has a rate.
PACE_AHEAD_SECONDS = 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 6 * 3600.0
UNCLEAR_PAUSE_SECONDS = 900.0
DOWN_SECONDS, LONGEST_DOWN_SECONDS = 5.0, 300.0
UNCLEAR = "perhaps sent: "
WATCH_SECONDS = 60.0
_RANDOM = secrets.SystemRandom()


class Delivery:
    """One worker; used by one thread. `rates` are messages a second by channel, of all workers; 0: no limit."""

    def __init__(
        self,
        platform: Platform,
        senders: Mapping[str, Sender],
        survey_url: str,
        rates: Mapping[str, float] | None = None,
        *,
        lease: float = LEASE_SECONDS,
        least_left: float = LEAST_LEFT_SECONDS,
    ) -> None:
        self._database = platform.database
        self._senders = senders
        self._eligibility = Eligibility(survey_url, platform.time_zone)
        self._zone = ZoneInfo(platform.time_zone)
        self._rates = rates or {}
        self._lease, self._least_left = lease, least_left
        self._down = dict.fromkeys(senders, 0)
        self._rests_until = dict.fromkeys(senders, 0.0)
        self._stop = threading.Event()

    def run(self, folder: Path) -> None:
        """Deliver until `stop` is called; a database that does not answer is waited for.

        `folder` has the mark by which a restored database is known.
        """
        pause, look_at = 0.0, 0.0
        while not self._stop.wait(pause):
            try:
                if time.monotonic() >= look_at:
                    restored.check(self._database, folder)
                    self._prune()
                    look_at = time.monotonic() + WATCH_SECONDS
                pause = 0.0 if self.deliver_due() else POLL_SECONDS
            except (SQLAlchemyError, PulseError, OSError) as error:
                log.warning("delivery_waits", cause=type(error).__name__)
                pause = DOWN_SECONDS
        self.close()

    def _prune(self) -> None:
        """Forget who was asked longer ago than any plan looks back."""
        with self._database.write() as connection:
            contacted.prune(connection, _now() - contacted.KEPT_HOURS * HOUR)

    def close(self) -> None:
        """Let go of what the senders hold open."""
        for sender in self._senders.values():
            sender.close()

    def stop(self) -> None:
        """Begin no other message."""
        self._stop.set()

    def wait_to_stop(self, seconds: float) -> bool:
        """Whether `stop` was called, at once or within so many seconds."""
        return self._stop.wait(seconds)

    def deliver_due(self) -> int:
        """Send one batch of each channel; how many rows were due."""
        return sum(
            self._deliver(channel) for channel in self._senders if self._rests_until[channel] <= time.monotonic()
        )

    def _deliver(self, channel: str) -> int:
        began = time.monotonic()
        with self._database.write() as connection:
            rows, moments = self._claim(connection, channel)
            judged = self._eligibility.judge(connection, rows, _now()) if rows else []
            for row, verdict in judged:
                _settle_unsent(connection, row, verdict)
        ready = [(row, verdict) for row, verdict in judged if isinstance(verdict, Ready)]
        deadline = began + self._lease - self._least_left
        for place, (row, verdict) in enumerate(ready):
            if self._wait_until(moments[place]) or time.monotonic() > deadline:
                self._give_back(ready[place:])
                break
            if self._send(row, verdict):
                self._give_back(ready[place + 1 :])
                break
        return len(rows)

    def _claim(self, connection: Connection, channel: str) -> tuple[list[OutboxRow], list[int]]:
        """Rows that are due, and the moments at which they may go."""
        now, rate = _now(), self._rates.get(channel, 0)
        until = now + int(self._lease * SECOND)
        if not rate:
            return outbox.claim(connection, channel, now, until, BATCH), [now] * BATCH
        first = max(now, pace.next_at(connection, channel))
        limit = min(BATCH, int(rate * (PACE_AHEAD_SECONDS - (first - now) / SECOND)) + 1)
        if first - now > PACE_AHEAD_SECONDS * SECOND or limit < 1:
            return [], []
        rows = outbox.claim(connection, channel, now, until, limit)
        return rows, pace.take(connection, channel, first, len(rows), rate) if rows else []

    def _wait_until(self, moment: int) -> bool:
        """Whether to stop."""
        return self._stop.wait(max(0.0, (moment - _now()) / SECOND))

    def _send(self, row: OutboxRow, verdict: Ready) -> bool:
        """Send one message and write down what became of it; whether the channel has to rest."""
        with self._database.read() as connection:
            is_out = unsubscribes.is_opted_out(connection, row.channel, verdict.message.address)
        if is_out:
            with self._database.write() as connection:
                _settle_unsent(connection, row, Never("the recipient has unsubscribed", is_needless=row.sequence > 0))
            return False
        sender = self._senders[row.channel]
        outcome = sender.send(verdict.message)
        with self._database.write() as connection:
            settle(connection, row, verdict, outcome, sender.most_tries)
            if isinstance(outcome, Sent) and verdict.delivered:
                _count(connection, self._zone, verdict.delivered)
        is_down = isinstance(outcome, Passing) and outcome.is_down
        self._down[row.channel] = self._down[row.channel] + 1 if is_down else 0
        if isinstance(outcome, Passing) and outcome.is_down:
            pause = min(LONGEST_DOWN_SECONDS, DOWN_SECONDS * 2 ** (self._down[row.channel] - 1))
            self._rests_until[row.channel] = time.monotonic() + pause
            log.warning("channel_rests", channel=row.channel, seconds=pause, cause=outcome.reason)
        return is_down

    def _give_back(self, rest: list[tuple[OutboxRow, Ready]]) -> None:
        """What was claimed and not begun is due again at once, and not tried."""
        with self._database.write() as connection:
            for row, _ in rest:
                outbox.put_off(connection, row, _now(), row.reason, counts=False)


def settle(connection: Connection, row: OutboxRow, verdict: Ready, outcome: Outcome, most_tries: int) -> None:
    """Write down what became of a message."""
    now = _now()
    match outcome:
        case Sent():
            _note(connection, row, "Sent")
            following = verdict.following
            if following is None:
                outbox.finish(connection, row)
            else:
                outbox.move_on(connection, row, following.channel, now + int(following.hours * HOUR))
            SENT.labels(row.channel).inc()
        case Permanent(reason):
            _fail(connection, row, verdict, reason, "Bounced")
        case Unclear(reason) if not _was_unclear(row):
            outbox.put_off(connection, row, now + _jittered(UNCLEAR_PAUSE_SECONDS), UNCLEAR + reason)
        case Unclear(reason):
            _fail(connection, row, verdict, UNCLEAR + reason, "Failed")
        case Passing(reason, is_down):
            if not is_down and row.tries >= most_tries:
                _fail(connection, row, verdict, f"{reason}; tried {row.tries} times", "Failed")
                return
            # Once perhaps sent, always perhaps sent: it is not sent a third time.
            kept = row.reason if _was_unclear(row) else reason
            pause = DOWN_SECONDS if is_down else FIRST_PAUSE_SECONDS * 2 ** (row.tries - 1)
            outbox.put_off(
                connection, row, now + _jittered(min(pause, LONGEST_PAUSE_SECONDS)), kept, counts=not is_down
            )


def _count(connection: Connection, zone: ZoneInfo, delivered: Delivered) -> None:
    """Count an invitation. Its recipient may have answered, or unsubscribed, before we noted that it was sent."""
    # Held: whoever answers or unsubscribes just now has committed before we look, or finds the invitation counted.
    survey_tokens.find(connection, delivered.token, to_change=True)
    invited.deliver(connection, zone, [delivered])
    actions = {event.action for event in events.of_target(connection, delivered.token)}
    if "Answered" in actions:
        invited.answer(connection, delivered.token)
    if "Unsubscribed" in actions:
        invited.opt_out(connection, delivered.token)


def _settle_unsent(connection: Connection, row: OutboxRow, verdict: Verdict) -> None:
    """Write down what is not to be sent now."""
    match verdict:
        case Later(due_at, reason):
            outbox.put_off(connection, row, due_at, row.reason if _was_unclear(row) else reason, counts=False)
        case Never(reason, is_needless):
            if outbox.finish(connection, row) and not is_needless:
                _note(connection, row, "Failed", reason)
                FAILED.labels(row.channel).inc()


def _fail(connection: Connection, row: OutboxRow, verdict: Ready, reason: str, action: Action) -> None:
    if outbox.fail(connection, row, reason):
        _note(connection, row, action, reason)
        FAILED.labels(row.channel).inc()
        # Who perhaps has the message was perhaps asked.
        if not (_was_unclear(row) or reason.startswith(UNCLEAR)):
            contacted.forget(connection, row.id, verdict.reserved)


def _note(connection: Connection, row: OutboxRow, action: Action, message: str | None = None) -> None:
    events.append(connection, [Happened(row.id, row.dispatch_id, action, row.channel, row.sequence, message)])


def _was_unclear(row: OutboxRow) -> bool:
    return (row.reason or "").startswith(UNCLEAR)


def _jittered(seconds: float) -> int:
    """Microseconds: what failed together does not come again together."""
    return int(_RANDOM.uniform(0.75, 1.25) * seconds * SECOND)


def _now() -> int:
    return time.time_ns() // 1000
