"""Dispatches as files: YAML in, YAML out, and what there is."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import Connection

from commands import call_rules, dispatch_batches, files
from commands.files import read_text
from commands.store import opened_database, opened_platform
from commands.terminal import plain
from experience.dispatch import dispatches
from experience.dispatch.files import Dispatched, read_dispatch, write_dispatch
from experience.questionnaires.yaml_format import DraftFault
from foundation.db.database import Database


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
@click.option("--waiting", is_flag=True, help="Recipients in batches that wait for a dispatch: how many, and why.")
@click.option("--unread", is_flag=True, help="Batches that could not be read.")
@click.option("--body", metavar="ID", help="Write the body of an unread batch to standard output.")
def list_(waiting: bool, unread: bool, body: str | None) -> None:
    """Name every dispatch, with its questionnaire, its channels and whether it is live."""
    with opened_database() as database:
        if body:
            dispatch_batches.write_body(database, body)
        elif waiting or unread:
            for line in (dispatch_batches.unread if unread else dispatch_batches.waiting)(database):
                click.echo(plain(line))
        else:
            _list_dispatches(database)


def _list_dispatches(database: Database) -> None:
    for template in dispatches.list_templates(database):
        live = "live" if template["isLive"] else "not live"
        name = f"{template['id']}: {template['name']}"
        click.echo(plain(f"{name}, {template['questionnaireName']}, {', '.join(template['channels'])}, {live}"))


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
