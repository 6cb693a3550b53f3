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
from commands.lab_database import is_lab_folder
from commands.lab_settings import lab_settings
from foundation import data_folder
from foundation.db.database import Database
from foundation.http.client import HttpClient
from foundation.settings import Settings, SettingsError, read
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
    settings, faults, is_lab = _settings()
    database = _database(settings)
    trusted = context(_entries(database))
    try:
        ours = with_our_own(settings, database)
        http, public = HttpClient(settings.proxy, lambda: trusted), HttpClient("", lambda: ours)
        yield Scene(settings, tuple(faults), database, trusted, http, ours, public, is_lab, bearer)
    finally:
        if database:
            database.close()


def _settings() -> tuple[Settings, list[str], bool]:
    settings, faults = read()
    running = lab_note.running(settings.data_dir)
    if running and is_lab_folder(settings.data_dir):
        return (*lab_settings(running, settings.data_dir), True)
    faults += data_folder.faults(settings)
    try:
        settings = completed(settings)
    except SettingsError as error:
        faults += error.faults
    return settings, faults, False


def _database(settings: Settings) -> Database | None:
    """Opened without making one: a check leaves nothing behind."""
    if not settings.database_url and not (settings.data_dir / "pulse.db").exists():
        return None
    try:
        return Database(settings.database)
    except (OSError, ValueError, SQLAlchemyError):
        return None


def _entries(database: Database | None) -> list[Trusted]:
    """What is trusted beside the system's authorities; nothing where the database does not say."""
    try:
        return Trust(database).all() if database else []
    except SQLAlchemyError:
        return []


def with_our_own(settings: Settings, database: Database | None) -> TrustContext:
    """A certificate that we serve ourselves needs no trust of ours; it needs Finesse's, which only Finesse knows."""
    try:
        ours = from_pem(settings.tls_cert.read_bytes()) if settings.tls_cert else ()
    except (NoCertificate, OSError):
        ours = ()
    now = datetime.now(UTC)
    own = [Trusted("", "certificate" if certificate == ours[0] else "issuer", certificate, now) for certificate in ours]
    return context(_entries(database) + own)
