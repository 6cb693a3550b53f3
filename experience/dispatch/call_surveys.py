"""The survey after a call that a desktop has read: whether one goes out, and the invitation, once for each call."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import cast

import structlog
from prometheus_client import Counter
from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from experience.dispatch import calls, dispatches, rests, rules
from experience.dispatch.accepting import accept
from experience.dispatch.batches import OPT_IN, Record, Wanted, means_yes
from experience.dispatch.calls import KEPT, MICROSECONDS, KeptCall
from experience.dispatch.rules import LONGEST_REST_HOURS, CallRules, Rule
from experience.model.call import CallReading, Leg, SurveyWord
from experience.platform import Platform
from foundation.db import bulk
from foundation.db.database import metadata
from foundation.db.deadlines import QueryTooSlow

log = structlog.get_logger(__name__)

HOUR = 3600 * MICROSECONDS
LEASE = 60 * MICROSECONDS
MOST_AT_ONCE = 100
ADDRESSES = {"email": "email", "sms": "mobile"}

DECIDED = Counter("pulse_call_surveys", "Calls that have ended, by what was decided and by team.", ["survey", "team"])

declined_surveys = Table(
    "declined_surveys",
    metadata,
    Column("id", String, primary_key=True),
    Column("declined_at", BigInteger, nullable=False),
    Column("agent_id", String, nullable=False),
    Column("team_id", String, nullable=False),
    Index("ix_declined_surveys_declined_at", "declined_at"),
)

IsOptedOut = Callable[[Connection, str, str], bool]
Clock = Callable[[], int]


def microseconds() -> int:
    return time.time_ns() // 1000


def nobody(_connection: Connection, _channel: str, _address: str) -> bool:
    """Nobody has opted out."""
    return False


class DesktopSurveys:
    """The surveys of calls, in one database that many nodes share; a `CallSurveys`.

    `is_opted_out` says whether nothing may be sent to an address by a channel.
    """

    def __init__(self, platform: Platform, is_opted_out: IsOptedOut = nobody, clock: Clock = microseconds) -> None:
        self._platform = platform
        self._database = platform.database
        self._is_opted_out = is_opted_out
        self._clock = clock

    def read(self, reading: CallReading) -> SurveyWord | None:
        now = self._clock()
        with self._database.read() as connection:
            held = rules.load(connection)
            if not calls.is_news(connection, reading):
                return self._word(connection, reading.leg) if held.rules else None
        try:
            return self._keep(reading, held, now)
        except (SQLAlchemyError, QueryTooSlow) as error:
            # Whoever is on the phone needs the customer's past, which can be read: he is not refused it for a survey.
            log.warning("call_not_kept", error=type(error).__name__)
            return None

    def _keep(self, reading: CallReading, held: CallRules, now: int) -> SurveyWord | None:
        with self._database.write() as connection:
            calls.keep(self._database, connection, reading, now, held.ended_after_hours * HOUR)
            if reading.is_over:
                calls.end(connection, reading.leg, now, held.wait_seconds * MICROSECONDS)
            return self._word(connection, reading.leg) if held.rules else None

    def end(self, leg: Leg) -> SurveyWord | None:
        with self._database.write() as connection:
            wait = rules.load(connection).wait_seconds * MICROSECONDS
            calls.end(connection, leg, self._clock(), wait)
            return self._word(connection, leg)

    def decline(self, leg: Leg) -> SurveyWord | None:
        """Only where a survey would go out: of another call the customer was told nothing."""
        with self._database.write() as connection:
            if pair := calls.of_leg(connection, leg):
                calls.lock(connection, pair[0].id)
            if pair is None or self._word(connection, leg) != "will_go_out":
                return self._word(connection, leg)
            call, part = pair
            if call.state in ("asking", "over"):
                return "will_go_out"
            calls.set_survey(connection, call.id, "declined", call.state, call.due_at)
            self._count_declined(connection, call.id, part)
            return "declined"

    def sweep(self) -> int:
        """Do what is due; says how many calls that were. Several nodes may do it at once: each call is of one."""
        now = self._clock()
        with self._database.read() as connection:
            if not calls.is_due(connection, now):
                return 0
        with self._database.write() as connection:
            # One node after another decides: two calls of one customer are two to rest between.
            dispatches.lock(connection, "rules", rules.DOCUMENT)
            due = calls.claim_due(connection, now, MOST_AT_ONCE)
            held = rules.load(connection)
            for call in due:
                if call.state != "over":
                    self._decide(connection, held, call, now)
            calls.forget(connection, [call.id for call in due if call.state == "over"])
            rests.forget(connection, now - LONGEST_REST_HOURS * HOUR)
            asking = calls.asking(connection, [call.id for call in due])
        if asking:
            self._ask(asking)
        return len(due)

    def _decide(self, connection: Connection, held: CallRules, call: KeptCall, now: int) -> None:
        """Decide what happens after a call; one whose invitation was not finished has been decided before."""
        if call.state == "asking":
            calls.set_survey(connection, call.id, call.survey, "asking", now + LEASE, call.dispatch_id)
            return
        call = calls.give_to_last_agent(connection, call)
        word, rule = call.survey, None
        if word is None:
            word, rule = self._judge(connection, held, call, now)
            if rule and word == "will_go_out" and not _is_long_enough(rule, call):
                word = "no_rule"
        if rule and word == "will_go_out":
            rests.note(self._database, connection, _customer(call), now)
            calls.set_survey(connection, call.id, word, "asking", now + LEASE, rule.dispatch)
        else:
            calls.set_survey(connection, call.id, word, "over", call.read_at + KEPT)
        if word != "declined":
            DECIDED.labels(word, call.team_id).inc()

    def _ask(self, asking: Sequence[KeptCall]) -> None:
        """Accept the customers of calls as recipients; who was accepted before is known by the call key."""
        records = [(call.dispatch_id, _record(position, call)) for position, call in enumerate(asking)]
        wanted = [
            Wanted(dispatch, tuple(record for chosen, record in records if chosen == dispatch))
            for dispatch in sorted({dispatch for dispatch, _ in records})
        ]
        try:
            outcomes = accept(self._platform, wanted, f"calls {self._clock()}", is_named=False)
        except Exception as error:
            # What one of them brings must not keep the others. The lease of that one runs out; it is tried again.
            if len(asking) > 1:
                for call in asking:
                    self._ask([call])
                return
            log.exception("call_survey_not_accepted", error=type(error).__name__)
            return
        reasons = {position: reason for outcome in outcomes for position, reason in outcome.reasons.items()}
        for position, reason in reasons.items():
            log.warning("call_survey_refused", dispatch=asking[position].dispatch_id, reason=reason)
        with self._database.write() as connection:
            for position, call in enumerate(asking):
                word = "no_rule" if position in reasons else call.survey
                calls.set_survey(connection, call.id, word, "over", call.read_at + KEPT, call.dispatch_id)

    def _word(self, connection: Connection, leg: Leg) -> SurveyWord | None:
        """What will happen after a person's call, as it stands now; None where that person has not read it."""
        pair = calls.of_leg(connection, leg)
        if pair is None:
            return None
        call, part = pair
        if part.kind == "consult":
            return "no_rule"
        if call.survey:
            return cast(SurveyWord, call.survey)
        held = rules.load(connection)
        word, rule = self._judge(connection, held, call, self._clock())
        return "no_rule" if rule and call.ended_at and not _is_long_enough(rule, call) else word

    def _judge(
        self, connection: Connection, held: CallRules, call: KeptCall, now: int
    ) -> tuple[SurveyWord, Rule | None]:
        """What a call's rule says of it, but for how long it was talked: that is known at its end."""
        rule = rules.first_fitting(held.rules, call)
        if rule is None or not rules.is_in_share(rule.share, call.id):
            return "no_rule", None
        channels = dispatches.live_channels(connection, rule.dispatch)
        addresses = {channel: getattr(call, ADDRESSES[channel]) for channel in channels if channel in ADDRESSES}
        reachable = {channel: address for channel, address in addresses.items() if address}
        if not reachable:
            return "no_rule", None
        refuses = not means_yes(call.consent) if call.consent else rule.needs_opt_in
        if refuses or all(self._is_opted_out(connection, *contact) for contact in reachable.items()):
            return "opted_out", rule
        if rests.is_resting(connection, _customer(call), now - rule.rest_hours * HOUR):
            return "too_soon", rule
        return "will_go_out", rule

    def _count_declined(self, connection: Connection, key: str, part: KeptCall) -> None:
        row = (key, self._clock(), part.agent_id, part.team_id)
        if bulk.insert_new(connection, declined_surveys, [row]):
            DECIDED.labels("declined", part.team_id).inc()


def count_declined(connection: Connection, since: int, until: int) -> dict[str, int]:
    """How many customers declined, by team, between two moments in microseconds, the second not included."""
    columns = declined_surveys.c
    between = (columns.declined_at >= since, columns.declined_at < until)
    counted = select(columns.team_id, func.count()).where(*between).group_by(columns.team_id)
    return {row.team_id: row[1] for row in connection.execute(counted)}


def _is_long_enough(rule: Rule, call: KeptCall) -> bool:
    """A call whose end nobody reported counts as long enough: closing the gadget spares nobody a survey."""
    return call.ended_at is None or call.ended_at - call.started_at >= rule.least_seconds * MICROSECONDS


def _customer(call: KeptCall) -> list[str]:
    return rests.identities(call.customer_id, call.email, call.mobile)


def _record(position: int, call: KeptCall) -> Record:
    """The recipient, by prefill tags."""
    tagged = {
        "cc_customerid": call.customer_id,
        "email": call.email,
        "mobile": call.mobile,
        "cc_language": call.language,
        "cc_agentid": call.agent_id,
        "cc_teamid": call.team_id,
        "callid": call.id,
        OPT_IN: call.consent,
    }
    known = {tag: value for tag, value in tagged.items() if value}
    return Record(position, {}, tagged=known, context={"callKey": call.id})
