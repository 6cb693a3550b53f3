"""What the checks look at: settings as far as they can be read, the database, the trust store, the HTTP client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from cherrypoint.config import completed
from cherrypoint.token import Token
from commands import lab_note
from commands.lab_mark import is_lab_folder
from commands.lab_settings import lab_settings
from foundation import data_folder, settings
from foundation.db.database import Database
from foundation.http.client import HttpClient
from foundation.settings import Settings, SettingsError
from foundation.tls.certificates import NoCertificate, from_pem
from foundation.tls.handshake import Fault
from foundation.tls.trust import Trust, TrustContext, Trusted, context


@dataclass(frozen=True)
class Scene:
    """`database` is None where there is none that can be opened; `lab` where a lab runs on this data folder.

    `public` reaches our own address, without PROXY as Finesse and browsers do; `public_trusted` is what it verifies by.
    `tokens` holds what each node of Cloud Connect said, so that a credential is presented once.
    """

    settings: Settings
    faults: tuple[str, ...]
    database: Database | None
    trusted: TrustContext
    http: HttpClient
    public_trusted: TrustContext
    public: HttpClient
    lab: bool
    bearer: tuple[str, str] | None = None
    tokens: dict[str, Token | Fault] = field(default_factory=dict)


@contextmanager
def opened(bearer: tuple[str, str] | None = None) -> Iterator[Scene]:
    """The scene of this machine; a lab that runs on the data folder is looked at with its own addresses."""
    found, faults, is_lab = _settings()
    database = _database(found)
    trusted = context(_entries(database))
    try:
        ours = _with_our_own(found, database)
        http, public = HttpClient(found.proxy, lambda: trusted), HttpClient("", lambda: ours)
        yield Scene(found, tuple(faults), database, trusted, http, ours, public, is_lab, bearer)
    finally:
        if database:
            database.close()


def _settings() -> tuple[Settings, list[str], bool]:
    found, faults = settings.read()
    running = lab_note.running(found.data_dir)
    if running and is_lab_folder(found.data_dir):
        return (*lab_settings(*running, found.data_dir), True)
    faults += data_folder.faults(found)
    try:
        found = completed(found)
    except SettingsError as error:
        faults += error.faults
    return found, faults, False


def _database(found: Settings) -> Database | None:
    """Opened without making one: a check leaves nothing behind."""
    if not found.database_url and not (found.data_dir / "pulse.db").exists():
        return None
    try:
        return Database(found.database)
    except (OSError, ValueError, SQLAlchemyError):
        return None


def _entries(database: Database | None) -> list[Trusted]:
    """What is trusted beside the system's authorities; nothing where the database does not say."""
    try:
        return Trust(database).all() if database else []
    except SQLAlchemyError:
        return []


def _with_our_own(found: Settings, database: Database | None) -> TrustContext:
    """A certificate that we serve ourselves needs no trust of ours; it needs Finesse's, which only Finesse knows."""
    try:
        ours = from_pem(found.tls_cert.read_bytes()) if found.tls_cert else ()
    except (NoCertificate, OSError):
        ours = ()
    now = datetime.now(UTC)
    own = [Trusted("", "certificate" if one == ours[0] else "issuer", one, now) for one in ours]
    return context(_entries(database) + own)
