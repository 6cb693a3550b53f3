"""Our own: the settings, the database, the cache."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from redis import RedisError
from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from commands import lab_database, startup
from commands.checks import writes
from commands.checks.context import Scene
from commands.checks.result import Finding, does_not_apply, failed, ok
from commands.faults import reason
from experience.answers.schema import answers
from foundation import published
from foundation.cache.cache import Cache
from foundation.causes import UNKNOWN, cause_of
from foundation.db import schema_version
from foundation.db.database import Database
from foundation.db.schema_version import NewerDatabaseError
from foundation.invocation import invocation
from lab.people.answers import first_ids

# A lab's year of answers is known for so long after it was made.
MADE_UP_DAYS = 1000


def settings(scene: Scene) -> Iterator[Finding]:
    """Every fault that would stop the start, one a finding."""
    from commands.setting_faults import judge

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
        cure = f"make it: {invocation('db upgrade')}; if it exists, check DATA_DIR, DATABASE_URL and their rights"
        yield failed("database: reachable", f"there is none that can be opened at {where}", cure, "no_database")
        return
    try:
        with scene.database.read() as connection:
            migrated = _migrated(connection)
    except SQLAlchemyError as error:
        yield _broken("database: reachable", error)
        return
    yield ok("database: reachable", scene.database.dialect)
    yield migrated
    if migrated.state == "failed":
        return
    yield writes.to_database(scene.database)


def production(scene: Scene) -> Iterator[Finding]:
    """Nothing of a lab is in it: neither its mark, nor a published key, nor made-up answers."""
    check = "database: nothing of a lab"
    if scene.lab:
        yield does_not_apply(check, "this is a lab's")
        return
    if scene.database is None:
        yield does_not_apply(check, "there is no database to look into")
        return
    try:
        findings = list(_of_a_lab(scene, scene.database, check))
    except SQLAlchemyError as error:
        findings = [_broken(check, error)]
    yield from findings or [ok(check, "no published key, no made-up answers")]


def _of_a_lab(scene: Scene, database: Database, check: str) -> Iterator[Finding]:
    if marks := lab_database.faults(scene.settings):
        for fault in marks:
            cause, _, cure = fault.rpartition(": ")
            yield failed(check, cause, cure, "lab_database")
        return
    for fault in published.faults_of_users(startup.find_published(database)):
        cause, _, cure = fault.rpartition(": ")
        yield failed(check, cause, cure, "published_key")
    days = (date.today() - timedelta(days=back) for back in range(MADE_UP_DAYS))
    with database.read() as connection:
        made_up = select(func.count()).where(answers.c.id.in_(first_ids(days)))
        day_count = connection.execute(made_up).scalar_one() if inspect(connection).has_table(answers.name) else 0
    if day_count:
        cause = f"the made-up answers that a lab had on {day_count} days are in it"
        cure = "begin anew in an empty DATA_DIR, or with an empty database, and import what is real: history import"
        yield failed(check, cause, cure, "made_up_answers")


def cache(scene: Scene) -> Iterator[Finding]:
    if not scene.settings.cache_url:
        yield ok("cache", "in each process; one node with one worker needs no other")
        return
    cache = Cache(scene.settings.cache_url)
    try:
        cache.usable()
    except (RedisError, OSError) as error:
        cure = "check that Redis runs, CACHE_URL, and its password"
        yield failed("cache", f"Redis cannot be used ({cause_of(error) or UNKNOWN})", cure, "no_cache")
        return
    yield ok("cache", "Redis answers")
    yield writes.to_cache(cache)


def _migrated(connection: Connection) -> Finding:
    check = "database: migrated"
    try:
        is_current = schema_version.is_current(connection)
    except NewerDatabaseError as error:
        cause, _, cure = str(error).rpartition(": ")
        return failed(check, cause, cure, "newer")
    if not is_current:
        cause = "its tables are not those of this version"
        return failed(check, cause, f"run: {invocation('db upgrade')}", "not_migrated")
    if schema_version.unknown_states(connection):
        return ok(check, "by a newer version, which lets this one use it")
    return ok(check, "at its newest state")


def _broken(check: str, error: SQLAlchemyError) -> Finding:
    cause = f"the database cannot be used ({reason(error)})"
    return failed(check, cause, "check that it runs, has room, and that this account may read and write", "database")
