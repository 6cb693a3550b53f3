"""WxM users: names and roles, with passwords and API keys that are kept as hashes alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Boolean, Column, Row, String, Table, select, update

from foundation.database import Database, metadata
from foundation.errors import BadRequest, PulseError
from foundation.keys import derived

Role = Literal["desktop", "system"]
# The account's admin user: questions, tokens and answers are his (contract/wxm-api.md §5.1, `user`).
ACCOUNT = "admin"
ROLES: tuple[Role, ...] = ("desktop", "system")

VERIFIED_SECONDS = 300.0
VERIFIED_KEPT = 1000
# So many guesses are worked on at once, in one process: each costs 16 MiB and some tens of milliseconds.
AT_ONCE = 4
PATIENCE_SECONDS = 3.0
PAUSE_SECONDS = 5
LONGEST_SECRET = 200
_COST = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}
_NOBODY = "scrypt$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43

users = Table(
    "wxm_users",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password_hash", String),
    Column("key_hash", String),
    Column("key_salt", String),
    Column("disabled", Boolean, nullable=False),
)


class UserFault(BadRequest):
    """A user cannot be made or changed; the detail says why."""

    code = "bad_user"
    title = "This user cannot be"


class TooManyGuesses(PulseError):
    """So many names and secrets are being checked that this one would have to wait too long."""

    status = 429
    code = "too_many_requests"
    title = "Too many are logging in at once"
    permanent = False


@dataclass(frozen=True, slots=True)
class User:
    """Whoever calls the WxM API: the desktop user reads, the system user reads and writes."""

    name: str
    role: Role
    disabled: bool = False

    @property
    def may_write(self) -> bool:
        return self.role == "system"


class Users:
    """All users of one database; safe to share between threads. `keys`, where given, can tell a generated key again."""

    def __init__(self, database: Database, keys: Iterable[bytes] = ()) -> None:
        self._database = database
        self._peppers = [derived(key, "api-key") for key in keys]
        self._verified: dict[bytes, float] = {}
        self._mine = os.urandom(32)
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def add(self, name: str, role: Role) -> User:
        """Make a user without any secret, who cannot yet come in. Raises UserFault where the name is taken."""
        if not name or len(name) > 100 or not name.isprintable() or ":" in name:
            raise UserFault("A name is at most 100 letters, and without a colon")
        if role not in ROLES:
            raise UserFault(f"{role}: a role is one of {', '.join(ROLES)}")
        adding = self._database.dialect_insert(users).values(name=name, role=role, disabled=False)
        with self._database.write() as connection:
            if connection.execute(adding.on_conflict_do_nothing().returning(users.c.name)).scalar() is None:
                raise UserFault(f"{name}: there is such a user")
        return User(name, role)

    def set_password(self, name: str, password: str) -> None:
        """Let the user in by this password. Raises UserFault."""
        self._change(name, password_hash=_hash(password))

    def set_key(self, name: str, key: str) -> None:
        """Let the user in by this API key, and by no earlier one. Raises UserFault."""
        self._change(name, key_hash=_hash(key), key_salt=None)

    def new_key(self, name: str) -> str:
        """A new API key; the earlier one is of no use any more. Raises UserFault."""
        salt = secrets.token_urlsafe(24)
        key = _key(self._peppers[0], salt) if self._peppers else secrets.token_urlsafe(32)
        self._change(name, key_hash=_hash(key), key_salt=salt if self._peppers else None)
        return key

    def key(self, name: str) -> str | None:
        """The user's API key where we generated it; None where it was chosen, or made under a key we do not hold."""
        row = self._row(name)
        if row is None or row.key_salt is None or row.key_hash is None:
            return None
        made = (_key(pepper, row.key_salt) for pepper in self._peppers)
        return next((key for key in made if _matches(key, row.key_hash)), None)

    def check(self, name: str, secret: str) -> User | None:
        """Whose name and password (or API key) these are; it takes as long where there is no such user.

        Raises TooManyGuesses.
        """
        row = self._row(name) if len(secret) <= LONGEST_SECRET else None
        hashes = [each for each in (row.key_hash, row.password_hash) if each] if row and not row.disabled else []
        known = any(self._is(name, secret, kept) for kept in hashes or [_NOBODY])
        return _user(row) if row and known else None

    def get(self, name: str) -> User | None:
        """The user of a name; None where there is none, or he is disabled."""
        row = self._row(name)
        return _user(row) if row and not row.disabled else None

    def disable(self, name: str) -> None:
        """Let the user in no more; tokens he holds end with it. Raises UserFault."""
        self._change(name, disabled=True)

    def enable(self, name: str) -> None:
        """Let the user in again, by the secrets and tokens he had. Raises UserFault."""
        self._change(name, disabled=False)

    def list(self) -> list[User]:
        """All users, by name."""
        with self._database.read() as connection:
            return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]

    def _row(self, name: str) -> Row[Any] | None:
        if "\0" in name:
            return None
        with self._database.read() as connection:
            return connection.execute(select(users).where(users.c.name == name)).one_or_none()

    def _change(self, name: str, **values: object) -> None:
        with self._database.write() as connection:
            if connection.execute(update(users).where(users.c.name == name).values(**values)).rowcount != 1:
                raise UserFault(f"{name}: there is no such user")

    def _is(self, name: str, secret: str, kept: str) -> bool:
        """Whether the secret fits; what did fit is known again for some minutes, by a keyed hash of this process."""
        mark = hmac.digest(self._mine, "\0".join((name, secret, kept)).encode("utf-8", "replace"), hashlib.sha256)
        if self._verified.get(mark, 0) > time.monotonic():
            return True
        if not self._turns.acquire(timeout=PATIENCE_SECONDS):
            raise TooManyGuesses(retry_after=PAUSE_SECONDS)
        try:
            fits = _matches(secret, kept)
        finally:
            self._turns.release()
        if fits:
            if len(self._verified) >= VERIFIED_KEPT:
                self._verified.clear()
            self._verified[mark] = time.monotonic() + VERIFIED_SECONDS
        return fits


def _user(row: Row[Any]) -> User:
    return User(row.name, row.role, row.disabled)


def _key(pepper: bytes, salt: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(pepper, salt.encode(), hashlib.sha256)).rstrip(b"=").decode()


def _hash(secret: str) -> str:
    if not secret or len(secret) > LONGEST_SECRET:
        raise UserFault(f"A password or key has 1 to {LONGEST_SECRET} letters")
    salt = os.urandom(16)
    return f"scrypt${_text(salt)}${_text(_scrypt(secret, salt))}"


def _matches(secret: str, kept: str) -> bool:
    _, salt, digest = kept.split("$")
    return hmac.compare_digest(_text(_scrypt(secret, _bytes(salt))), digest)


def _scrypt(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode("utf-8", "replace"), salt=salt, dklen=32, **_COST)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
