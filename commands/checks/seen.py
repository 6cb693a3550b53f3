"""What was asked of us in vain: refused origins and unknown paths of Cloud Connect, as far as they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.exc import SQLAlchemyError

from cherrypoint.unknown_paths import UnknownPath, UnknownPaths
from commands.checks.context import Scene
from commands.checks.result import Finding, does_not_apply, note, ok
from foundation.db.database import Database
from gadgets.origins.allow_list import entry_for
from gadgets.origins.refused_origins import RefusedOrigin, RefusedOrigins

MOST = 10


def origins(scene: Scene) -> Iterator[Finding]:
    return _list(
        scene, "refused origins", lambda database: [_origin(refused) for refused in RefusedOrigins(database).all()]
    )


def paths(scene: Scene) -> Iterator[Finding]:
    return _list(scene, "unknown paths", lambda database: [_path(unknown) for unknown in UnknownPaths(database).all()])


def _list(scene: Scene, check: str, read: Callable[[Database], list[Finding]]) -> Iterator[Finding]:
    if scene.database is None:
        yield does_not_apply(check, "there is no database to look into")
        return
    try:
        findings = read(scene.database)
    except SQLAlchemyError:
        yield does_not_apply(check, "the database cannot be read")
        return
    yield from findings[:MOST] or [ok(check, "none was seen")]
    if len(findings) > MOST:
        yield note(check, f"{len(findings) - MOST} more, older ones")


def _origin(seen: RefusedOrigin) -> Finding:
    message = f"{seen.origin}; minutes with refusals: {seen.minutes}; last {seen.seen_at:%Y-%m-%d %H:%M} UTC"
    entry = entry_for(seen.origin)
    cure = f"if it is a desktop of yours, add {entry} to PULSE_ALLOWED_ORIGINS" if entry else "no entry can allow it"
    return note("refused origins", message, cure, "origin_refused")


def _path(seen: UnknownPath) -> Finding:
    last = f"last {seen.seen_at:%Y-%m-%d %H:%M} UTC"
    message = f"{seen.method} {seen.path}, at most {seen.size} bytes; times: {seen.times}; {last}"
    return note(
        "unknown paths", message, "if one of Cisco's components needs it, report it with that component's log", "path"
    )
