"""Batches of the contact centre that want an administrator: what waits for a dispatch, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from commands.checks.context import Scene
from commands.checks.result import Finding, does_not_apply, note, ok
from experience.dispatch import unaddressed, unread_bodies
from foundation.invocation import invocation

CHECK = "batches"


def kept(scene: Scene) -> Iterator[Finding]:
    if scene.database is None:
        yield does_not_apply(CHECK, "there is no database to look into")
        return
    try:
        with scene.database.read() as connection:
            summary, unread = unaddressed.summary(connection), unread_bodies.count(connection)
    except SQLAlchemyError:
        yield does_not_apply(CHECK, "the database cannot be read")
        return
    if summary.count and summary.oldest:
        message = (
            f"{summary.count} recipients wait for a dispatch, the oldest since {summary.oldest:%Y-%m-%d %H:%M} UTC"
        )
        cure = f"see {invocation('dispatch list --waiting')}, then {invocation('dispatch replay')}"
        yield note(CHECK, message, cure, "batches_wait")
    if unread:
        message = f"{unread} batches could not be read"
        yield note(CHECK, message, f"see {invocation('dispatch list --unread')}", "batches_unread")
    if not summary.count and not unread:
        yield ok(CHECK, "nobody waits for a dispatch, and every batch was read")
