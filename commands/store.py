"""The database and the platform as one command uses them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cherrypoint.config import completed
from commands import lab_settings
from commands.lab_database import is_lab_folder
from experience.figures import rebuild
from experience.platform import Platform
from foundation import data_folder
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.settings import Settings, SettingsError, read


def judged() -> Settings:
    """The settings, completed by `cherrypoint config`; on a lab's data folder the lab's, which lead nowhere else.

    Raises SettingsError with every fault.
    """
    settings, faults = read()
    if is_lab_folder(settings.data_dir):
        settings, faults = lab_settings.of_folder(settings.data_dir)
    if faults:
        raise SettingsError(faults)
    return completed(settings)


@contextmanager
def opened_database() -> Iterator[Database]:
    """The database that the settings name, brought up to date, closed afterwards."""
    settings = judged()
    if unusable := data_folder.faults(settings):
        raise SettingsError(unusable)
    upgrade(settings.database)
    database = Database(settings.database)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def opened_platform() -> Iterator[Platform]:
    """The platform. It counts by the days that the service counts by: a command never moves them."""
    settings = judged()
    with opened_database() as database:
        time_zone = rebuild.current(database) or settings.time_zone
        ignored = settings.journey_ignore
        yield Platform(database, time_zone, settings.phone_region, settings.phone_prefixes, ignored=ignored)
