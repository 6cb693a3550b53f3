"""The database and the platform as one command uses them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cherrypoint.config import completed
from commands import lab_settings
from commands.lab_mark import is_lab_folder
from experience.figures import rebuild
from experience.platform import Platform
from foundation import data_folder, settings
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.settings import Settings, SettingsError


def judged() -> Settings:
    """The settings, completed by `cherrypoint config`; on a lab's data folder the lab's, which lead nowhere else.

    Raises SettingsError with every fault.
    """
    found, faults = settings.read()
    if is_lab_folder(found.data_dir):
        found, faults = lab_settings.of_folder(found.data_dir)
    if faults:
        raise SettingsError(faults)
    return completed(found)


@contextmanager
def opened_database() -> Iterator[Database]:
    """The database that the settings name, brought up to date, closed afterwards."""
    found = judged()
    if unusable := data_folder.faults(found):
        raise SettingsError(unusable)
    upgrade(found.database)
    database = Database(found.database)
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
