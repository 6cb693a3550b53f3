"""What must hold before any worker starts: what does not is reported in one line, and a worker never meets it."""

from __future__ import annotations

from sqlalchemy import inspect

from commands import lab_database
from experience.accounts.users import Users, users
from experience.platform import Platform
from foundation import published
from foundation.cache.cache import Cache
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.keys import signing_keys
from foundation.settings import Settings, SettingsError
from foundation.web.store_health import write_database


def refuse_lab(settings: Settings) -> None:
    """Raise SettingsError where production would stand on a lab's database."""
    if problems := lab_database.faults(settings):
        raise SettingsError(problems)


def refuse_published_keys(settings: Settings) -> None:
    """Raise SettingsError where a key that a lab publishes would let somebody in; no lab's mark is needed for that."""
    with lab_database.existing(settings.database) as database:
        if database is not None and (names := find_published(database)):
            raise SettingsError(published.faults_of_users(names))


def find_published(database: Database) -> tuple[str, ...]:
    """Names of enabled users whom a published key lets in."""
    with database.read() as connection:
        if not inspect(connection).has_table(users.name):
            return ()
    return Users(database).find_holders((published.DESKTOP_KEY, published.SYSTEM_KEY))


def prepare(settings: Settings) -> None:
    """Bring all that workers stand on to its newest state, and use each part once as they will."""
    if settings.cache_url:
        Cache(settings.cache_url).usable()
    if not settings.database_url or not settings.node_key:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    signing_keys(settings)
    upgrade(settings.database)
    database = Database(settings.database)
    try:
        write_database(database)
        Platform(database, settings.time_zone, settings.phone_region or None, settings.phone_prefixes)
    finally:
        database.close()
