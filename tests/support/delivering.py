"""What tests of delivery share: a dispatch, recipients accepted by it, workers that send to a server of the test's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from experience.dispatch import accepting, dispatches
from experience.dispatch.batches import Record, Wanted
from experience.dispatch.delivery import Delivery
from experience.dispatch.events import delivery_events
from experience.dispatch.files import read_dispatch
from experience.dispatch.outbox import OutboxRow, outbox
from experience.dispatch.senders.mail import MailSender, MailServer
from experience.platform import Platform
from foundation.tls.trust import TrustContext, context
from tests.support.answering import QUESTIONNAIRE, TEXTS

DISPATCH = "after-call"
SURVEYS = "https://pulse.bora.com/s"
SENDER = "Bora <survey@bora.com>"
WORKERS: list[Delivery] = []
PLAN = """
id: after-call
name: After a call
questionnaire_name: {questionnaire}
delivery_plan:
  id: at-once
  name: At once
  {more}
  schedule:
  - on_channel: email
    subject: "How was it, {{{{ prefill.cc_customerid }}}}?"
    text_body: "Please say: {{{{ link }}}}"
  {steps}
"""


def keep_dispatch(platform: Platform, more: str = "", steps: str = "") -> None:
    """The dispatch of these tests, with more of a plan, and steps behind its e-mail."""
    read = read_dispatch(PLAN.format(questionnaire=QUESTIONNAIRE, more=more, steps=steps))
    with platform.database.write() as connection:
        dispatches.keep(platform.database, connection, "dispatch", [read.dispatch])
        dispatches.keep(platform.database, connection, "plan", [read.plan])


def accept(platform: Platform, *recipients: Mapping[str, str], batch: str = "batch") -> list[str]:
    """Accept recipients, each `{customer, email, mobile}`; the survey tokens of those that wait."""
    records = tuple(
        Record(place, {TEXTS[name]: text for name, text in known.items()}) for place, known in enumerate(recipients)
    )
    before = {row.id for row in rows(platform)}
    outcomes = accepting.accept(platform, [Wanted(DISPATCH, records)], batch, is_named=True)
    assert [outcome.reason for outcome in outcomes if outcome.refused] == []
    return [row.id for row in rows(platform) if row.id not in before]


def worker(platform: Platform, port: int, trusted: TrustContext | None = None, **more: Any) -> Delivery:
    """Sends e-mail to a server on this machine."""
    trust = trusted or context([])
    server = MailServer.of(f"smtp://localhost:{port}", SENDER)
    sender = MailSender(server, lambda: trust, more.pop("seconds", 1.0))
    WORKERS.append(Delivery(platform, {"email": sender}, SURVEYS, **more))
    return WORKERS[-1]


def close_workers() -> None:
    """Let go of what the workers of a test hold open."""
    while WORKERS:
        WORKERS.pop().close()


def rows(platform: Platform) -> list[OutboxRow]:
    with platform.database.read() as connection:
        return [OutboxRow._make(row) for row in connection.execute(select(outbox).order_by(outbox.c.id))]


def bring_forward(platform: Platform) -> None:
    """All that waits is due, whatever it waits for."""
    with platform.database.write() as connection:
        due = time.time_ns() // 1000 - 1
        connection.execute(update(outbox).where(outbox.c.state == "waiting").values(due_at=due))


def actions(platform: Platform, token: str) -> list[str]:
    """What happened to an invitation, in its order."""
    columns = delivery_events.c
    with platform.database.read() as connection:
        wanted = select(columns.action).where(columns.target == token).order_by(columns.happened_at, columns.id)
        return list(connection.execute(wanted).scalars())


def reasons(platform: Platform, token: str) -> list[str]:
    """Why it was not sent."""
    columns = delivery_events.c
    with platform.database.read() as connection:
        wanted = select(columns.message).where(columns.target == token, columns.message.is_not(None))
        return list(connection.execute(wanted.order_by(columns.happened_at)).scalars())
