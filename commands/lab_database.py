"""Which database is a lab's: a lab fills none that is not marked, and no service in production uses one that is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, exists, func, inspect, select, table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cherrypoint.config import FILE as CONFIG_FILE
from experience.figures.rebuild import TIME_ZONE
from experience.meta import meta
from experience.questionnaires.schema import questionnaires, questions
from foundation import published
from foundation.db import facts as database_facts
from foundation.db.database import Database
from foundation.db.facts import LAB, facts
from foundation.db.schema_version import upgrade
from foundation.keys import KEY_FILE, KeyFileError, read_key
from foundation.settings import PREFIX, Settings, SettingsError, sqlite_in

# What a command leaves in a new database by itself. A time zone beside it is the trace of a service, or of an import.
SHIPPED = {"alembic_version", facts.name, meta.name, questionnaires.name, questions.name}


def is_marked(connection: Connection) -> bool:
    """Whether a lab made what is in this database, or may."""
    return database_facts.load(connection, LAB) is not None


def is_lab_folder(folder: Path) -> bool:
    """Whether the database in a data folder is a lab's; not where it cannot be read, whoever uses it will say why."""
    try:
        return _is_lab(sqlite_in(folder))
    except (OSError, SQLAlchemyError):
        return False


def faults(settings: Settings) -> list[str]:
    """Settings of production that lead to what is a lab's, one a line; nothing is made or changed."""
    folder = f"{PREFIX}DATA_DIR = {settings.data_dir}"
    problems = []
    if is_lab_folder(settings.data_dir):
        problems.append(f"{folder}: {_refusal('folder')}")
    elif not settings.node_key and _has_key_of_a_lab(settings.data_dir):
        problems.append(f"{folder}: {KEY_FILE} was copied from a lab: remove it, and the service makes one of its own")
    if settings.database_url and _is_lab(settings.database_url):
        problems.append(f"{PREFIX}DATABASE_URL: {_refusal('database')}")
    return problems


def _has_key_of_a_lab(folder: Path) -> bool:
    """Not where the key cannot be read, which is a fault of its own."""
    try:
        return published.is_of_a_lab(read_key(folder / KEY_FILE) or "")
    except KeyFileError:
        return False


def claim(settings: Settings) -> None:
    """Mark the lab's database before anything else is in it, and bring it to its newest state.

    Raises SettingsError where the folder holds what no lab made; then nothing has been changed.
    """
    folder = settings.data_dir
    with existing(settings.database) as database:
        marked = False
        if database is not None:
            with database.read() as connection:
                marked = is_marked(connection)
                if not marked:
                    _refuse_content(connection, folder)
    strange = [name for name in (KEY_FILE, CONFIG_FILE) if not marked and (folder / name).exists()]
    if strange:
        raise SettingsError([_content(folder, strange[0])])
    upgrade(settings.database)
    if not marked:
        _mark(settings)


def _mark(settings: Settings) -> None:
    """Looked at again under the lock in which it is marked: somebody else may have been quicker."""
    database = Database(settings.database)
    try:
        with database.write() as connection:
            if not is_marked(connection):
                _refuse_content(connection, settings.data_dir)
                database_facts.save(connection, LAB, f"since {datetime.now(UTC):%Y-%m-%d}")
    finally:
        database.close()


def _is_lab(url: str) -> bool:
    with existing(url) as database:
        if database is None:
            return False
        with database.read() as connection:
            return is_marked(connection)


@contextmanager
def existing(url: str) -> Iterator[Database | None]:
    """The database at a URL, without making one: None where it is a file that is not there."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        yield None
        return
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _refuse_content(connection: Connection, folder: Path) -> None:
    for name in sorted(set(inspect(connection).get_table_names()) - SHIPPED):
        if connection.execute(select(exists(select(1).select_from(table(name))))).scalar():
            raise SettingsError([_content(folder, f"rows in {name}")])
    if inspect(connection).has_table(meta.name):
        started = select(func.count()).where(meta.c.name == TIME_ZONE)
        if connection.execute(started).scalar():
            raise SettingsError([_content(folder, "the first start of a service")])


def _content(folder: Path, what: str) -> str:
    cure = "name an empty folder; one that a lab of an earlier version filled may be removed"
    return f"--data = {folder}: no lab made what is there ({what}), and the lab leaves it alone: {cure}"


def _refusal(what: str) -> str:
    return (
        f"this is the {what} of a lab, with made-up answers and published keys: name another {what}, for a lab keeps "
        "its own in ./lab-data"
    )
