"""Our own: the settings, the database, the cache."""

from __future__ import annotations

from collections.abc import Iterator

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis import RedisError
from sqlalchemy import Connection, delete
from sqlalchemy.exc import SQLAlchemyError

from commands.checks.finding import Finding, failed, ok
from commands.checks.scene import Scene
from commands.faults import reason
from foundation.cache import Cache
from foundation.database import MIGRATIONS, Database
from foundation.trust import trusted


def settings(scene: Scene) -> Iterator[Finding]:
    """Every fault that would stop the start, one a finding."""
    from app import judge

    faults = judge(scene.settings, scene.faults)
    for fault in faults:
        name, _, why = fault.partition(": ")
        yield failed("settings", f"{name}: {why}", "set it as docs/settings.md says", "setting")
    if not faults:
        where = "of the lab that runs on this data folder" if scene.lab else "the service would start with them"
        yield ok("settings", f"no fault; {where}")


def database(scene: Scene) -> Iterator[Finding]:
    """Reachable, at its newest state, and writable."""
    if scene.database is None:
        where = "DATABASE_URL" if scene.settings.database_url else scene.settings.data_dir.absolute()
        cure = "make it: python app.py db upgrade; if it exists, check DATA_DIR, DATABASE_URL and their rights"
        yield failed("database: reachable", f"there is none that can be opened at {where}", cure, "no_database")
        return
    try:
        with scene.database.read() as connection:
            unknown, missing = _apart(connection)
    except SQLAlchemyError as error:
        yield _broken("database: reachable", error)
        return
    yield ok("database: reachable", scene.database.dialect)
    if unknown:
        cause = "a newer version of Finesse Pulse brought it to its state"
        yield failed("database: migrated", cause, "run that version here, or a later one", "newer")
        return
    if missing:
        cause = "its tables are not those of this version"
        yield failed("database: migrated", cause, "run: python app.py db upgrade", "not_migrated")
        return
    yield ok("database: migrated", "at its newest state")
    yield _writable(scene.database)


def cache(scene: Scene) -> Iterator[Finding]:
    if not scene.settings.cache_url:
        yield ok("cache", "in each process; one node with one worker needs no other")
        return
    try:
        Cache(scene.settings.cache_url).usable()
        yield ok("cache", "Redis answers")
    except (RedisError, OSError) as error:
        cure = "check that Redis runs, CACHE_URL, and its password"
        yield failed("cache", f"Redis cannot be used ({type(error).__name__})", cure, "no_cache")


def _apart(connection: Connection) -> tuple[set[str], set[str]]:
    """States of the database that this version does not know, and those of this version that it is not in."""
    ours = ScriptDirectory(str(MIGRATIONS))
    there = set(MigrationContext.configure(connection).get_current_heads())
    return there - {each.revision for each in ours.walk_revisions()}, set(ours.get_heads()) - there


def _writable(database: Database) -> Finding:
    """Tried by a deletion of nothing, which needs every right and lock that a write needs."""
    try:
        with database.write() as connection:
            connection.execute(delete(trusted).where(trusted.c.address == ""))
    except SQLAlchemyError as error:
        return _broken("database: writable", error)
    return ok("database: writable", "a write was made and changed nothing")


def _broken(check: str, error: SQLAlchemyError) -> Finding:
    cause = f"the database cannot be used ({reason(error)})"
    return failed(check, cause, "check that it runs, has room, and that this account may read and write", "database")
