"""Rules by which the desktop asks customers after a call, as files: YAML in, YAML out, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from commands import files
from commands.store import opened_database
from commands.terminal import plain
from experience.dispatch import rules
from experience.dispatch.rules import CallRules, Rule
from experience.questionnaires.yaml_format import DraftFault

NONE = "There are no rules: no survey goes out after a call that the desktop saw."


@click.group("rules", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """After which calls the desktop has a survey sent. Alone: show the rules, and what keeps one from sending."""
    if context.invoked_subcommand:
        return
    with opened_database() as database, database.read() as connection:
        held = rules.load(connection)
        faults = rules.faults(connection, held)
    for line in _lines(held):
        click.echo(plain(line))
    if faults:
        raise click.ClickException("\n".join(map(plain, faults)))


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Put the rules of a YAML file in the place of those that hold."""
    try:
        read = rules.read_rules(file.read_text("utf-8"))
    except (DraftFault, UnicodeDecodeError) as fault:
        faults = fault.faults if isinstance(fault, DraftFault) else ["not UTF-8"]
        raise click.ClickException("\n".join(plain(f"{file.name}: {problem}") for problem in faults)) from None
    with opened_database() as database, database.write() as connection:
        if faults := rules.faults(connection, read):
            raise click.ClickException("\n".join(plain(f"{file.name}: {fault}") for fault in faults))
        rules.keep(database, connection, read)
    for line in _lines(read):
        click.echo(plain(line))


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=False)
def export(file: Path | None) -> None:
    """Write the rules as YAML to a file or to standard output."""
    with opened_database() as database, database.read() as connection:
        text = rules.write_rules(rules.load(connection))
    if file:
        files.write(file, text)
    else:
        click.echo(text, nl=False)


def _lines(held: CallRules) -> Iterator[str]:
    if not held.rules:
        yield NONE
        return
    yield from map(_line, held.rules)
    yield (
        f"{held.wait_seconds} s after the last report of a call's end; "
        f"{held.ended_after_hours} h after its beginning where nobody reports one"
    )


def _line(rule: Rule) -> str:
    lists = {"type": rule.call_types, "queue": rule.queues, "dialled": rule.dialled, "team": rule.teams}
    which = ", ".join(f"{name} {' or '.join(values)}" for name, values in lists.items() if values) or "every call"
    outbound = ", outbound calls too" if rule.outbound else ""
    length = f" of {rule.least_seconds} s and more" if rule.least_seconds else ""
    consent = "customers who opted in" if rule.needs_opt_in else "customers who did not opt out"
    return (
        f"{rule.name}: {which}{outbound} → {rule.dispatch}, {rule.share * 100:g} % of the calls{length}, "
        f"{consent}, again after {rule.rest_hours} h"
    )
