"""What the checks look at: settings as far as they can be read, the database, the trust store, the outbound door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from commands import lab, lab_note
from foundation import settings
from foundation.database import Database
from foundation.door import Door
from foundation.settings import Settings
from foundation.trust import Trust, TrustContext, context


@dataclass(frozen=True)
class Scene:
    """`database` is None where there is none that can be opened; `lab` where a lab runs on this data folder."""

    settings: Settings
    faults: tuple[str, ...]
    database: Database | None
    trusted: TrustContext
    door: Door
    lab: bool
    bearer: tuple[str, str] | None = None


@contextmanager
def opened(bearer: tuple[str, str] | None = None) -> Iterator[Scene]:
    """The scene of this machine; a lab that runs on the data folder is looked at with its own addresses."""
    found, faults, is_lab = _settings()
    database = _database(found)
    trusted = _trusted(database)
    try:
        yield Scene(found, tuple(faults), database, trusted, Door(found.proxy, trusted), is_lab, bearer)
    finally:
        if database:
            database.close()


def _settings() -> tuple[Settings, list[str], bool]:
    found, faults = settings.read()
    running = lab_note.running(found.data_dir)
    if running:
        return (*lab.lab_settings(*running, None), True)
    return found, faults, False


def _database(found: Settings) -> Database | None:
    """Opened without making one: a check leaves nothing behind."""
    if not found.database_url and not (found.data_dir / "pulse.db").exists():
        return None
    try:
        return Database(found.database)
    except (OSError, ValueError, SQLAlchemyError):
        return None


def _trusted(database: Database | None) -> TrustContext:
    """What is trusted; the system's authorities alone where the database does not say."""
    try:
        return Trust(database).context() if database else context([])
    except SQLAlchemyError:
        return context([])
