"""What was asked of us in vain: unknown paths of Cloud Connect and origins that are not allowed; and delivery."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import desc, select
from sqlalchemy.exc import SQLAlchemyError

from cherrypoint.schema import unknown_paths
from commands.checks.finding import Finding, does_not_apply, note, ok
from commands.checks.scene import Scene

MOST = 10


def paths(scene: Scene) -> Iterator[Finding]:
    check = "unknown paths"
    if scene.database is None:
        yield does_not_apply(check, "there is no database to look into")
        return
    latest = select(unknown_paths).order_by(desc(unknown_paths.c.seen_at)).limit(MOST)
    try:
        with scene.database.read() as connection:
            rows = connection.execute(latest).all()
    except SQLAlchemyError:
        yield does_not_apply(check, "the database cannot be read")
        return
    if not rows:
        yield ok(check, "none was asked for")
    for row in rows:
        says = f"{row.method} {row.path}, {row.size} bytes, {row.times} times, last {row.seen_at:%Y-%m-%d %H:%M} UTC"
        yield note(check, says, "if a Cisco component needs it, tell us the method, the path and its log", "path")


def delivery(_scene: Scene) -> Iterator[Finding]:
    yield does_not_apply("delivery", "this version sends no surveys")


def origins(_scene: Scene) -> Iterator[Finding]:
    yield does_not_apply("refused origins", "they stand in the service's log: event origin_refused, with the entry")
