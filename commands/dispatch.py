"""Dispatches as files: YAML in, YAML out; what there is, what waits, and what is to be done about it."""

from __future__ import annotations

import secrets
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from commands import call_rules, delivery, dispatch_batches, files
from commands.files import read_text
from commands.store import judged, opened_database, opened_platform
from commands.terminal import plain
from experience.dispatch import dispatches, messages, outbox, schedule
from experience.dispatch.files import Dispatched, read_dispatch, write_dispatch
from experience.dispatch.outbox import Queued
from experience.dispatch.remarks import EXAMPLE, remarks
from experience.dispatch.senders import Sent
from experience.privacy import pii
from experience.questionnaires.yaml_format import DraftFault
from foundation.db.database import Database
from foundation.settings import PREFIX, Settings, SettingsError
from foundation.tls.trust import CurrentTrust, Trust
from foundation.web.logs import configure_logs


@click.group("dispatch")
def command() -> None:
    """Dispatches: by which channels, when and in which words deferred surveys are sent."""


command.add_command(call_rules.command)


@command.command("import")
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True)
def import_(files: tuple[Path, ...]) -> None:
    """Take dispatches in from YAML files, each with its delivery plan; one whose id is known is replaced.

    All files or none.
    """
    read = {file.name: _read(file) for file in files}
    with opened_platform() as platform:
        known = platform.catalogue.questionnaires
        missing = [
            f"{name}: questionnaire_name: there is no questionnaire {imported.dispatch['questionnaireName']}"
            for name, imported in read.items()
            if imported.dispatch["questionnaireName"] not in known
        ]
        if missing:
            raise click.ClickException("\n".join(missing))
        with platform.database.write() as connection:
            for name, imported in read.items():
                if taken := _taken_call_types(connection, name, imported):
                    raise click.ClickException("\n".join(taken))
                dispatches.keep(platform.database, connection, "template", imported.templates)
                dispatches.keep(platform.database, connection, "plan", [imported.plan])
                dispatches.keep(platform.database, connection, "dispatch", [imported.dispatch])
    for imported in read.values():
        channels = ", ".join(dispatches.channels(imported.plan))
        click.echo(f"{imported.dispatch['id']}: {imported.dispatch['name']}, by {channels}")
        for remark in remarks(imported.plan, delivery.survey_url(judged())):
            click.echo(plain(f"  {remark}"))


@command.command()
@click.argument("identity", metavar="ID")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=False)
def export(identity: str, file: Path | None) -> None:
    """Write a dispatch as YAML to a file or to standard output."""
    with opened_database() as database:
        text = write_dispatch(_load(database, identity))
    if file:
        files.write(file, text)
    else:
        click.echo(text, nl=False)


@command.command("list")
@click.option("--failed", is_flag=True, help="Which messages failed or are held, and why.")
@click.option("--waiting", is_flag=True, help="Recipients in batches that wait for a dispatch: how many, and why.")
@click.option("--unread", is_flag=True, help="Batches that could not be read.")
@click.option("--body", metavar="ID", help="Write the body of an unread batch to standard output.")
def list_(failed: bool, waiting: bool, unread: bool, body: str | None) -> None:
    """Name every dispatch, with its questionnaire, its channels and whether it is live; and what waits."""
    settings = judged()
    with opened_database() as database:
        if body:
            dispatch_batches.write_body(database, body)
            return
        if waiting or unread:
            lines = list((dispatch_batches.unread if unread else dispatch_batches.waiting)(database))
        else:
            lines = _stopped(database) if failed else _dispatches_and_queue(database, settings)
    for line in lines:
        click.echo(plain(line))


def _stopped(database: Database) -> list[str]:
    with database.read() as connection:
        stopped = outbox.stopped(connection)
    return [f"{some.dispatch_id}, {some.channel}: {some.rows} {some.state}: {some.reason}" for some in stopped]


def _dispatches_and_queue(database: Database, settings: Settings) -> list[str]:
    with database.read() as connection:
        queued = outbox.counts(connection)
    lines = [_line(template) for template in dispatches.list_templates(database)]
    return lines + [_queued_line(settings, some) for some in queued]


def _line(template: dict[str, Any]) -> str:
    live = "live" if template["isLive"] else "not live"
    name = f"{template['id']}: {template['name']}"
    return f"{name}, {template['questionnaireName']}, {', '.join(template['channels'])}, {live}"


def _queued_line(settings: Settings, queued: Queued) -> str:
    needed = {"email": ("SMTP_URL", settings.smtp_url), "sms": ("SMS_URL", settings.sms_url)}
    name, url = needed.get(queued.channel, ("", "set"))
    missing = f"; nothing is sent until {PREFIX}{name} is set" if not url else ""
    return f"{queued.rows} by {queued.channel} {queued.state}{missing}"


@command.command()
@click.argument("identity", metavar="[ID]", required=False)
def retry(identity: str | None) -> None:
    """Send once more what failed: of one dispatch, or all."""
    with opened_database() as database, database.write() as connection:
        rows = outbox.retry(connection, time.time_ns() // 1000, identity)
    click.echo(f"{rows} are due again.")


@command.command()
@click.argument("identity", metavar="[ID]", required=False)
def release(identity: str | None) -> None:
    """Let go what is held, such as after a database was restored: of one dispatch, or all.

    Some of it may have been sent after the copy was made, and is then sent twice.
    """
    with opened_database() as database, database.write() as connection:
        rows = outbox.release(connection, identity)
    click.echo(f"{rows} wait to be sent.")


@command.command()
@click.argument("identity", metavar="ID")
@click.option("--to", "address", required=True, help="Your own e-mail address or number.")
@click.option("--language", default="", help="In which language, such as zh-TW.")
def test(identity: str, address: str, language: str) -> None:
    """Send the first message of a dispatch to yourself; its link leads to no survey."""
    settings = judged()
    with opened_platform() as platform:
        configured = delivery.senders(settings, CurrentTrust(Trust(platform.database)))
        channel = "email" if "@" in address else "sms"
        if channel not in configured:
            raise click.ClickException(f"PULSE_{'SMTP_URL' if channel == 'email' else 'SMS_URL'} is not set")
        plan = _load(platform.database, identity).plan
        planned = next(iter(schedule.messages(plan, [channel])), None)
        own = pii.email(address) if channel == "email" else platform.phone(address)
        if planned is None or own is None:
            cause = f"{identity} has no message by {channel}" if own else "--to is no e-mail address and no number"
            raise click.ClickException(cause)
        invitation = {"id": EXAMPLE, "preferredLanguage": language}
        message = messages.write(plan, planned, invitation, own, delivery.survey_url(settings), 0, {})
        outcome = configured[channel].send(replace(message, identity=secrets.token_hex(20)))
        configured[channel].close()
    if not isinstance(outcome, Sent):
        raise click.ClickException(f"not sent: {outcome.reason}")
    click.echo("The server took the message.")


@command.command()
def work() -> None:
    """Deliver in the foreground, beside the service's own worker, until it is ended."""
    with opened_platform() as platform:
        settings = judged()
        worker = delivery.worker(settings, platform)
        if worker is None:
            raise SettingsError([f"{PREFIX}SMTP_URL or {PREFIX}SMS_URL: one of them says by what messages are sent"])
        if not (settings.web_url_prefix or settings.public_url):
            raise SettingsError([f"{PREFIX}PUBLIC_URL: is required: the links in messages lead there"])
        configure_logs(settings.log_level)
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, lambda *_: worker.stop())
        worker.run(settings.data_dir)


command.add_command(dispatch_batches.replay)


def _read(file: Path) -> Dispatched:
    try:
        return read_dispatch(read_text(file))
    except (DraftFault, UnicodeDecodeError) as fault:
        faults = fault.faults if isinstance(fault, DraftFault) else ["neither UTF-8 nor UTF-16: save it as UTF-8"]
        raise click.ClickException("\n".join(plain(f"{file.name}: {problem}") for problem in faults)) from None


def _taken_call_types(connection: Connection, name: str, imported: Dispatched) -> list[str]:
    known, own = dispatches.by_call_type(connection), imported.dispatch["id"]
    return [
        f"{name}: default_of_call_types: {call_type} is that of the dispatch {known[call_type]}"
        for call_type in imported.dispatch["defaultOfCallTypes"]
        if known.get(call_type, own) != own
    ]


def _load(database: Database, identity: str) -> Dispatched:
    with database.read() as connection:
        dispatch = dispatches.find(connection, "dispatch", identity)
        plan = dispatches.find(connection, "plan", dispatch["deliveryPlanId"]) if dispatch else None
        if dispatch is None or plan is None:
            raise click.ClickException(f"{identity}: there is no such dispatch")
        named = [
            dispatches.find(connection, "template", template_id)
            for template_id in dispatch["contentTemplateIds"].values()
        ]
    return Dispatched(dispatch, plan, [template for template in named if template])
