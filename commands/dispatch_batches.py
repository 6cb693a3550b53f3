"""Batches of the contact centre: what waits in them, what could not be read, and how what waited is sent."""

from __future__ import annotations

from collections.abc import Iterator

import click

from commands.store import judged, opened_platform
from commands.terminal import plain
from experience.dispatch import calls, replaying, unaddressed, unread_bodies
from experience.dispatch.intake import Intake
from foundation.db.database import Database

MOMENT = "%Y-%m-%d %H:%M:%S UTC"


def waiting(database: Database) -> Iterator[str]:
    """How many recipients wait, and which fields they have, by which `--map` may find their dispatch."""
    with database.read() as connection:
        summary = unaddressed.summary(connection)
    yield f"{summary.count} recipients wait for a dispatch" if summary.count else "Nobody waits for a dispatch"
    for reason, number in summary.reasons.items():
        yield f"  {number}: the batch {reason}"
    if summary.oldest:
        yield f"  since {summary.oldest.strftime(MOMENT)}; kept {unaddressed.KEPT_DAYS} days"
        yield f"  fields: {', '.join(summary.fields)}"


def unread(database: Database) -> Iterator[str]:
    """The newest first."""
    with database.read() as connection:
        bodies = unread_bodies.every(connection)
    for body in bodies:
        came = f"{body.received_at.strftime(MOMENT)}, {body.path}, {body.content_type or 'no Content-Type'}"
        yield f"{body.id}: {came}, {body.size} bytes, times: {body.times}: {body.reason}"


def write_body(database: Database, identity: str) -> None:
    """As much of it as is kept."""
    with database.read() as connection:
        content = unread_bodies.content(connection, identity)
    if content is None:
        raise click.ClickException(f"{plain(identity)}: there is no such body; see dispatch list --unread")
    click.echo(content, nl=False)


@click.command()
@click.option(
    "--map",
    "named",
    metavar="FIELD=MEANING",
    multiple=True,
    help="What a field of the batch is, such as surveyId=dispatchId; may be given several times.",
)
@click.option("--dispatch", "dispatch_id", metavar="ID", default="", help="The dispatch of items that name none.")
def replay(named: tuple[str, ...], dispatch_id: str) -> None:
    """Send what waited for a dispatch. What cannot be sent yet waits on; nobody is sent to twice."""
    fields = dict(_pair(entry) for entry in named)
    is_remote = bool(judged().wxm_url)
    with opened_platform() as platform:
        intake = Intake(platform, is_remote=is_remote, calls=calls.of_key)
        done = replaying.replay(platform.database, intake, fields, dispatch_id)
    click.echo(f"{done.sent} sent, {done.waiting} wait, {done.refused.total()} refused")
    for reason, number in done.refused.most_common():
        click.echo(plain(f"  {number}: {reason}"))


def _pair(entry: str) -> tuple[str, str]:
    name, equals, meaning = (part.strip() for part in entry.partition("="))
    if not (name and equals and meaning):
        raise click.UsageError(f"--map {plain(entry)}: write it as field=dispatchId")
    return name, meaning
