"""Whether surveys can be sent, and what waits because they cannot be."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from commands import delivery
from commands.checks.context import Scene
from commands.checks.result import Finding, does_not_apply, failed, note, ok
from experience.dispatch import outbox
from experience.dispatch.outbox import Queued
from foundation.invocation import invocation

SETTINGS = {"email": "SMTP_URL", "sms": "SMS_URL"}
NAMES = {"email": "e-mail", "sms": "SMS"}


def mail(scene: Scene) -> Iterator[Finding]:
    """The mail server is there, its certificate holds, and it takes our login."""
    yield _sender(scene, "email", "check SMTP_URL, the name and password in it, and the network to that server")


def sms(scene: Scene) -> Iterator[Finding]:
    """SMS_URL is one that Apprise knows; whether the service takes messages, only a message shows."""
    yield _sender(scene, "sms", "see Apprise's page of that service for the form of its address")


def queue(scene: Scene) -> Iterator[Finding]:
    """What waits, failed or is held."""
    check = "outbox"
    if scene.database is None:
        yield does_not_apply(check, "there is no database to look into")
        return
    try:
        with scene.database.read() as connection:
            queued = outbox.counts(connection)
    except SQLAlchemyError:
        yield does_not_apply(check, "the database cannot be read")
        return
    findings = [finding for some in queued if (finding := _stopped(scene, check, some))]
    yield from findings or [ok(check, f"{sum(some.rows for some in queued)} messages wait, none failed or is held")]


def _sender(scene: Scene, channel: str, cure: str) -> Finding:
    check = f"delivery by {NAMES[channel]}"
    sender = delivery.senders(scene.settings, lambda: scene.trusted).get(channel)
    if sender is None:
        return does_not_apply(check, f"{SETTINGS[channel]} is not set")
    problem = sender.check()
    return failed(check, problem, cure, "sender") if problem else ok(check, "messages can be handed over")


def _stopped(scene: Scene, check: str, queued: Queued) -> Finding | None:
    count = f"{queued.rows} by {NAMES.get(queued.channel, queued.channel)}"
    if queued.state == "failed":
        cure = f"see why: {invocation('dispatch list --failed')}; then: {invocation('dispatch retry')}"
        return note(check, f"{count} failed", cure, "failed_messages")
    if queued.state == "held":
        cure = f"they may have been sent before; to send them: {invocation('dispatch release')}"
        return note(check, f"{count} are held", cure, "held_messages")
    setting = SETTINGS.get(queued.channel, "")
    if setting and not getattr(scene.settings, setting.lower()):
        return note(check, f"{count} wait, and nothing sends them", f"set PULSE_{setting}", "no_sender")
    return None
