"""Messages reach whoever was accepted, once; what cannot be sent is tried again, or told with its reason."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from experience import respondents
from experience.dispatch import events, outbox, unsubscribes
from experience.dispatch.events import Happened
from experience.dispatch.recipients import recipients
from experience.model.figures import Invitations
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from experience.surveys import survey_tokens
from experience.surveys.survey_tokens import invitations
from tests.support.answering import answer
from tests.support.delivering import (
    SURVEYS,
    accept,
    actions,
    bring_forward,
    keep_dispatch,
    reasons,
    rows,
    worker,
)
from tests.support.scripted_smtp import CLOSE, HANG, ScriptedSmtp, scripted_smtp

ANN = {"customer": "C-1", "email": "ann@example.com"}
HOUR = 3_600_000_000


def many(count: int) -> list[dict[str, str]]:
    return [{"customer": f"C-{number}", "email": f"c{number}@example.com"} for number in range(count)]


def answered_at(stage: str, answer: str, command: str, _argument: str) -> str | None:
    return answer if command == stage else None


def test_whoever_is_accepted_is_written_to_once(platform: Platform, smtp: ScriptedSmtp) -> None:
    keep_dispatch(platform)
    (token,) = accept(platform, ANN)
    delivery = worker(platform, smtp.port)
    assert [delivery.deliver_due(), delivery.deliver_due()] == [1, 0]
    (message,) = smtp.received
    assert message["To"] == "ann@example.com"
    assert message["From"] == "Bora <survey@bora.com>"
    assert message["Subject"] == "How was it, C-1?"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain
    assert html
    assert f"Please say: {SURVEYS}/{token}" in plain.get_content()
    assert f'<a href="{SURVEYS}/{token}"' in html.get_content()
    assert message["List-Unsubscribe"] == f"<{SURVEYS}/{token}/unsubscribe>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert token not in message["Message-ID"]
    assert actions(platform, token) == ["Accepted", "Sent"]
    assert rows(platform) == []
    with platform.database.read() as connection:
        assert connection.execute(recipients.select()).one().email == "ann@example.com"


def test_many_workers_share_an_outbox(platform: Platform, smtp: ScriptedSmtp) -> None:
    keep_dispatch(platform)
    accept(platform, *many(90))

    def work(_: int) -> None:
        delivery = worker(platform, smtp.port)
        while delivery.deliver_due():
            pass

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert sorted(smtp.recipients) == sorted(known["email"] for known in many(90))


def test_one_connection_serves_many_messages_and_one_that_ends_between_two_is_no_failure(
    sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp
) -> None:
    platform, smtp.close_after = sqlite_platform_with_dispatch, 3
    tokens = accept(platform, *many(8))
    assert worker(platform, smtp.port).deliver_due() == 8
    assert (len(smtp.received), smtp.connections) == (8, 3)
    assert {tuple(actions(platform, token)) for token in tokens} == {("Accepted", "Sent")}


@pytest.mark.parametrize("command", ["RCPT", "CONTENT"])
def test_what_the_server_refuses_for_good_is_bounced_and_not_tried_again(
    sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp, command: str
) -> None:
    platform = sqlite_platform_with_dispatch
    smtp.script = lambda sent, _: "550 5.1.1 no ann@example.com here" if sent == command else None
    (token,) = accept(platform, ANN)
    delivery = worker(platform, smtp.port)
    assert delivery.deliver_due() == 1
    bring_forward(platform)
    assert delivery.deliver_due() == 0
    assert actions(platform, token) == ["Accepted", "Bounced"]
    assert reasons(platform, token) == ["the mail server answered 550 5.1.1"]
    smtp.script = lambda *_: None
    with platform.database.write() as connection:
        assert outbox.retry(connection, 0) == 1
    delivery.deliver_due()
    assert actions(platform, token) == ["Accepted", "Bounced", "Sent"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "CONTENT"])
def test_what_will_pass_is_tried_again_later_with_the_same_message_id(
    sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp, command: str
) -> None:
    platform = sqlite_platform_with_dispatch
    smtp.script = lambda sent, _: "451 4.7.1 later" if sent == command else None
    (token,) = accept(platform, ANN)
    delivery = worker(platform, smtp.port)
    assert [delivery.deliver_due(), delivery.deliver_due()] == [1, 0]
    assert (rows(platform)[0].tries, rows(platform)[0].reason) == (1, "the mail server answered 451 4.7.1")
    smtp.script = lambda *_: None
    bring_forward(platform)
    delivery.deliver_due()
    assert actions(platform, token) == ["Accepted", "Sent"]


def test_what_never_passes_fails_with_its_reason(sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp) -> None:
    platform = sqlite_platform_with_dispatch
    smtp.script = lambda sent, _: "451 later" if sent == "RCPT" else None
    (token,) = accept(platform, ANN)
    delivery = worker(platform, smtp.port)
    for _ in range(20):
        bring_forward(platform)
        delivery.deliver_due()
    assert smtp.commands.count("RCPT") == 12
    assert actions(platform, token) == ["Accepted", "Failed"]
    assert reasons(platform, token) == ["the mail server answered 451; tried 12 times"]


@pytest.mark.parametrize("ending", [CLOSE, HANG])
def test_a_message_that_was_perhaps_taken_is_sent_once_more_and_no_third_time(
    sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp, ending: str
) -> None:
    platform, smtp.hang_seconds = sqlite_platform_with_dispatch, 0.6
    (token,) = accept(platform, ANN)
    delivery = worker(platform, smtp.port, seconds=0.3)
    # In between the server refuses for a while: that takes the doubt off nothing.
    for stage, reply in (("CONTENT", ending), ("RCPT", "451 later"), ("CONTENT", ending), ("CONTENT", ending)):
        smtp.script = partial(answered_at, stage, reply)
        bring_forward(platform)
        delivery.deliver_due()
    assert len(smtp.received) == 2
    assert len(set(smtp.message_ids())) == 1
    assert actions(platform, token) == ["Accepted", "Failed"]
    assert "perhaps sent" in reasons(platform, token)[0]


def test_a_server_that_is_down_costs_no_tries(sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp) -> None:
    platform = sqlite_platform_with_dispatch
    accept(platform, *many(5))
    smtp.script = lambda sent, _: CLOSE if sent == "MAIL" else None
    with scripted_smtp() as gone:
        """Its port is free again at the end."""
    down = worker(platform, gone.port)
    assert [down.deliver_due(), down.deliver_due()] == [5, 0]
    assert {row.tries for row in rows(platform)} == {0}
    smtp.script = lambda *_: None
    bring_forward(platform)
    worker(platform, smtp.port).deliver_due()
    assert len(smtp.received) == 5


def test_nobody_who_unsubscribed_is_written_to(platform: Platform, smtp: ScriptedSmtp) -> None:
    keep_dispatch(platform, more="repeat_only_after_hours: 0")
    first, second = accept(platform, ANN, {**ANN, "customer": "C-2"})
    with platform.database.write() as connection:
        for token in (first, first, "unknown"):
            unsubscribes.opt_out(connection, token)
        assert unsubscribes.is_opted_out(connection, "email", "ann@example.com")
        assert not unsubscribes.is_opted_out(connection, "email", "bob@example.com")
    accept(platform, {**ANN, "customer": "C-3"}, {"customer": "C-4", "email": "bob@example.com"}, batch="later")
    worker(platform, smtp.port).deliver_due()
    assert smtp.recipients == ["bob@example.com"]
    assert actions(platform, first) == ["Accepted", "Unsubscribed", "Failed"]
    assert actions(platform, second) == ["Accepted", "Failed"]
    assert reasons(platform, second) == ["the recipient has unsubscribed"]


def test_a_customer_is_asked_once_in_a_day_and_so_is_an_address(platform: Platform, smtp: ScriptedSmtp) -> None:
    keep_dispatch(platform)
    pairs = [("C-1", "a@b.tw"), ("C-2", "a@b.tw"), ("C-3", "c@b.tw"), ("C-3", "d@b.tw"), ("C-4", "e@b.tw")]
    tokens = accept(platform, *({"customer": customer, "email": email} for customer, email in pairs))
    worker(platform, smtp.port).deliver_due()
    assert len(smtp.received) == 3
    assert sorted(actions(platform, token)[-1] for token in tokens) == ["Failed"] * 2 + ["Sent"] * 3
    assert {reason for token in tokens for reason in reasons(platform, token)} == {"asked less than 24 h ago"}


def test_one_who_was_not_reached_may_be_asked_again(
    sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp
) -> None:
    platform = sqlite_platform_with_dispatch
    smtp.script = lambda sent, _: "550 no" if sent == "RCPT" else None
    accept(platform, ANN)
    delivery = worker(platform, smtp.port)
    delivery.deliver_due()
    smtp.script = lambda *_: None
    (token,) = accept(platform, {**ANN, "email": "ann@home.example"}, batch="another")
    delivery.deliver_due()
    assert actions(platform, token) == ["Accepted", "Sent"]


@pytest.mark.parametrize("refusal", ["550 no", "451 later"])
def test_one_who_was_perhaps_reached_is_not_asked_again_at_once(
    sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp, refusal: str
) -> None:
    platform = sqlite_platform_with_dispatch
    accept(platform, ANN)
    delivery = worker(platform, smtp.port)
    for stage, reply in (("CONTENT", CLOSE), *[("RCPT", refusal)] * 12):
        smtp.script = partial(answered_at, stage, reply)
        bring_forward(platform)
        delivery.deliver_due()
    smtp.script = lambda *_: None
    (token,) = accept(platform, ANN, batch="another")
    delivery.deliver_due()
    assert reasons(platform, token) == ["asked less than 24 h ago"]


REMINDER = '- {on_channel: email, delay_by_hours: 24, subject: Again, text_body: "{{ link }}"}'


@pytest.mark.parametrize("ending", ["nothing", "answered", "used up", "expired", "unsubscribed"])
def test_one_reminder_follows_unless_it_is_needless(sqlite_platform: Platform, smtp: ScriptedSmtp, ending: str) -> None:
    platform = sqlite_platform
    keep_dispatch(platform, steps=f"{REMINDER}\n  {REMINDER}")
    (token,) = accept(platform, ANN)
    delivery = worker(platform, smtp.port)
    assert [delivery.deliver_due(), delivery.deliver_due()] == [1, 0]
    assert rows(platform)[0].sequence == 1
    with platform.database.write() as connection:
        if ending == "answered":
            events.append(connection, [Happened(token, "after-call", "Answered")])
        if ending == "used up":
            assert survey_tokens.use(connection, token)
        if ending == "expired":
            connection.execute(update(invitations).values(valid_till=1))
        if ending == "unsubscribed":
            unsubscribes.opt_out(connection, token)
    for _ in range(3):
        bring_forward(platform)
        delivery.deliver_due()
    assert [message["Subject"] for message in smtp.received][1:] == (["Again"] if ending == "nothing" else [])
    assert rows(platform) == []


def test_an_invitation_counts_once_its_message_is_taken_and_a_reminder_is_none(
    platform: Platform, smtp: ScriptedSmtp
) -> None:
    keep_dispatch(platform, steps=REMINDER)
    known = {**ANN, "agent": "6001", "team": "5001"}
    gone = {**known, "customer": "C-2", "email": "gone@example.com"}
    smtp.script = lambda command, argument: "550 5.1.1 no" if command == "RCPT" and "gone" in argument else None
    accept(platform, known, gone)
    delivery = worker(platform, smtp.port)
    for _ in range(3):
        delivery.deliver_due()
        bring_forward(platform)
    today = datetime.now(ZoneInfo(platform.time_zone)).date()
    for scope in (Scope(None, "6001"), Scope(frozenset({"5001"}), None)):
        assert platform.invitations(scope, Period(today, today)) == Invitations(delivered=1)
    with platform.database.write() as connection:
        for token in [message["List-Unsubscribe"].split("/")[-2] for message in smtp.received]:
            unsubscribes.opt_out(connection, token)
    assert platform.invitations(Scope(None, "6001"), Period(today, today)) == Invitations(delivered=1, opted_out=1)


def test_who_is_quicker_than_our_note_that_the_message_was_sent_is_counted(
    platform: Platform, smtp: ScriptedSmtp
) -> None:
    keep_dispatch(platform)
    (token,) = accept(platform, {**ANN, "agent": "6001"})

    def be_quick(command: str, _argument: str) -> None:
        if command == "CONTENT":
            respondents.take_whole(platform, token, {"responses": answer(nps=9)["responses"]})
            with platform.database.write() as connection:
                unsubscribes.opt_out(connection, token)

    smtp.script = be_quick
    worker(platform, smtp.port).deliver_due()
    today = datetime.now(ZoneInfo(platform.time_zone)).date()
    counted = platform.invitations(Scope(None, "6001"), Period(today, today))
    assert counted == Invitations(delivered=1, answered=1, opted_out=1)


def test_nothing_goes_that_is_too_late(sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp) -> None:
    platform = sqlite_platform_with_dispatch
    old, over = accept(platform, *many(2))
    with platform.database.write() as connection:
        aged = recipients.c.accepted_at - 73 * HOUR
        connection.execute(update(recipients).where(recipients.c.id == old).values(accepted_at=aged))
        connection.execute(update(invitations).where(invitations.c.id == over).values(valid_till=1))
    worker(platform, smtp.port).deliver_due()
    assert smtp.received == []
    assert (reasons(platform, old), reasons(platform, over)) == (
        ["more than 72 h late"],
        ["the survey is no longer valid"],
    )


def test_neither_a_name_nor_a_prefill_makes_a_header_or_a_tag(sqlite_platform: Platform, smtp: ScriptedSmtp) -> None:
    keep_dispatch(sqlite_platform, more='email_from_name: "A\\r\\nBcc: eve@example.com"')
    evil = "x\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>"
    accept(sqlite_platform, {"customer": evil, "email": "ann@example.com"})
    worker(sqlite_platform, smtp.port).deliver_due()
    (message,) = smtp.received
    assert message["Bcc"] is None
    assert smtp.recipients == ["ann@example.com"]
    html = message.get_body(("html",))
    assert html
    assert "<script>" not in html.get_content()


def test_a_channel_keeps_its_rate_whoever_works(sqlite_platform_with_dispatch: Platform, smtp: ScriptedSmtp) -> None:
    platform = sqlite_platform_with_dispatch
    accept(platform, *many(12))
    arrivals: list[float] = []
    workers = [worker(platform, smtp.port, rates={"email": 20}) for _ in range(2)]

    def note(command: str, _argument: str) -> None:
        if command == "CONTENT":
            arrivals.append(time.monotonic())

    smtp.script, began = note, time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda delivery: [delivery.deliver_due() for _ in range(3)], workers))
    assert len(smtp.received) == 12
    assert max(arrivals) - began > 11 / 20
