"""The database and the platform as one command uses them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cherrypoint.config import completed
from experience import rebuild
from experience.platform import Platform
from foundation.database import Database, upgrade
from foundation.settings import Settings


def judged() -> Settings:
    """The settings, completed by `cherrypoint config`. Raises SettingsError with every fault."""
    return completed(Settings.load())


@contextmanager
def opened_database() -> Iterator[Database]:
    """The database that the settings name, brought up to date, closed afterwards."""
    url = judged().database
    upgrade(url)
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def opened_platform() -> Iterator[Platform]:
    """The platform. It counts by the days that the service counts by: a command never moves them."""
    found = judged()
    with opened_database() as database:
        time_zone = rebuild.current(database) or found.time_zone
        yield Platform(database, time_zone, found.phone_region, found.phone_prefixes)
