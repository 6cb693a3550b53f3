"""WxM users: names and roles, with passwords and API keys that are kept as hashes alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cachetools import TTLCache
from sqlalchemy import Boolean, Column, Row, String, Table, select, update
from sqlalchemy.exc import SQLAlchemyError

from experience.accounts import hashes
from experience.accounts.hashes import STRONG, Passwords
from foundation.db.database import Database, metadata
from foundation.errors import BadRequest, PulseError
from foundation.keys import derived

Role = Literal["desktop", "system"]
# The account's admin user: questions, tokens and answers are his (docs/cisco/wxm-api.md §5.1, `user`).
ACCOUNT = "admin"
ROLES: tuple[Role, ...] = ("desktop", "system")

VERIFIED_SECONDS = 300.0
VERIFIED_KEPT = 1000
# So many guesses are worked on at once, in one process: each costs 16 MiB and some tenths of a second.
AT_ONCE = 4
PATIENCE_SECONDS = 3.0
PAUSE_SECONDS = 5
LONGEST_SECRET = 200

users = Table(
    "wxm_users",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password_hash", String),
    Column("key_hash", String),
    Column("key_salt", String),
    Column("disabled", Boolean, nullable=False),
    # Another one with each change of a secret: a token is good in the generation in which it was given out.
    Column("generation", String, nullable=False, server_default=""),
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
    generation: str = ""

    @property
    def may_write(self) -> bool:
        return self.role == "system"


class Users:
    """All users of one database; safe to share between threads. `keys`, where given, can tell a generated key again."""

    def __init__(self, database: Database, keys: Iterable[bytes] = (), passwords: Passwords = STRONG) -> None:
        self._database = database
        self._passwords = passwords
        self._peppers = [derived(key, "api-key") for key in keys]
        self._verified: TTLCache[bytes, bool] = TTLCache(VERIFIED_KEPT, VERIFIED_SECONDS)
        self._verified_lock = threading.Lock()
        self._mine = os.urandom(32)
        self._hashing_slots = threading.BoundedSemaphore(AT_ONCE)

    def add(self, name: str, role: Role) -> User:
        """Make a user without any secret, who cannot yet come in. Raises UserFault where the name is taken."""
        if not name or len(name) > 100 or not name.isprintable() or ":" in name:
            raise UserFault("A name is at most 100 letters, and without a colon")
        if role not in ROLES:
            raise UserFault(f"{role}: a role is one of {', '.join(ROLES)}")
        user = User(name, role, generation=_generation())
        adding = self._database.dialect_insert(users).values(asdict(user))
        with self._database.write() as connection:
            if connection.execute(adding.on_conflict_do_nothing().returning(users.c.name)).scalar() is None:
                raise UserFault(f"{name}: there is such a user")
        return user

    def set_password(self, name: str, password: str) -> None:
        """Let the user in by this password, and by no earlier one; tokens he holds end. Raises UserFault."""
        beside = self._row(name)
        self._end_tokens(name, password_hash=self._hash(password, beside.key_hash if beside else None))

    def set_key(self, name: str, key: str) -> None:
        """Let the user in by this API key, which somebody chose, and by no earlier one; tokens he holds end.

        The key that he has changes nothing. Raises UserFault.
        """
        row = self._row(name)
        if row is None or row.key_hash is None or not self._fits(key, row.key_hash):
            stored = self._hash(key, row.password_hash if row else None)
            self._end_tokens(name, key_hash=stored, key_salt=None)

    def new_key(self, name: str) -> str:
        """A new API key; the earlier one, and tokens that the user holds, are of no use any more. Raises UserFault."""
        salt = secrets.token_urlsafe(24)
        key = _key(self._peppers[0], salt) if self._peppers else secrets.token_urlsafe(32)
        self._end_tokens(name, key_hash=hashes.hash_key(key), key_salt=salt if self._peppers else None)
        return key

    def key(self, name: str) -> str | None:
        """The user's API key where we generated it; None where it was chosen, or made under a key we do not hold."""
        row = self._row(name)
        if row is None or row.key_salt is None or row.key_hash is None:
            return None
        made = (_key(pepper, row.key_salt) for pepper in self._peppers)
        return next((key for key in made if self._fits(key, row.key_hash)), None)

    def check(self, name: str, secret: str) -> User | None:
        """Whose name and password (or API key) these are; it takes as long where there is no such user.

        A hash that an earlier version made is renewed. Raises TooManyGuesses.
        """
        row = self._row(name) if len(secret) <= LONGEST_SECRET else None
        stored = [hashed for hashed in (row.key_hash, row.password_hash) if hashed] if row and not row.disabled else []
        match = self._match(name, secret, stored)
        if row is None or match is None:
            return None
        self._renew(row, match, secret)
        return _user(row)

    def get(self, name: str) -> User | None:
        """The user of a name; None where there is none, or he is disabled."""
        row = self._row(name)
        return _user(row) if row and not row.disabled else None

    def disable(self, name: str) -> None:
        """Let the user in no more; tokens he holds end with it, for good. Raises UserFault."""
        self._end_tokens(name, disabled=True)

    def enable(self, name: str) -> None:
        """Let the user in again, by the secrets he had. Raises UserFault."""
        self._change(name, disabled=False)

    def list(self) -> list[User]:
        """All users, by name."""
        with self._database.read() as connection:
            return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]

    def find_holders(self, secrets: Sequence[str]) -> tuple[str, ...]:
        """Names of enabled users whom one of these lets in, as a password or a chosen key; a generated key is none."""
        columns = users.c
        chosen = select(columns.name, columns.password_hash, columns.key_hash, columns.key_salt)
        with self._database.read() as connection:
            rows = connection.execute(chosen.where(~columns.disabled).order_by(columns.name)).all()
        return tuple(
            name
            for name, *kept in rows
            if any(self._fits(secret, hashed) for hashed in _chosen(*kept) for secret in secrets)
        )

    def _row(self, name: str) -> Row[Any] | None:
        if "\0" in name:
            return None
        with self._database.read() as connection:
            return connection.execute(select(users).where(users.c.name == name)).one_or_none()

    def _end_tokens(self, name: str, **values: object) -> None:
        """Change a user, and let no token go on that was given out before."""
        self._change(name, generation=_generation(), **values)

    def _change(self, name: str, **values: object) -> None:
        with self._database.write() as connection:
            if connection.execute(update(users).where(users.c.name == name).values(**values)).rowcount != 1:
                raise UserFault(f"{name}: there is no such user")

    def _match(self, name: str, secret: str, stored: Sequence[str]) -> str | None:
        """The hash that the secret fits; a password that did fit is known again for some minutes, by a keyed mark."""
        quick, slow = ([hashed for hashed in stored if hashes.is_of_key(hashed) is want] for want in (True, False))
        if match := next((hashed for hashed in quick if hashes.fits_key(secret, hashed)), None):
            return match
        if match := self._verified_lately(name, secret, slow):
            return match
        with self._hashing_slot():
            # Another call with the same secret may have had its turn meanwhile.
            match = self._verified_lately(name, secret, slow) or self._passwords.match(secret, slow)
        if match:
            self._remember(name, secret, match)
        return match

    def _verified_lately(self, name: str, secret: str, stored: Sequence[str]) -> str | None:
        return next((hashed for hashed in stored if self._mark(name, secret, hashed) in self._verified), None)

    def _remember(self, name: str, secret: str, stored: str) -> None:
        with self._verified_lock:
            self._verified[self._mark(name, secret, stored)] = True

    def _mark(self, name: str, secret: str, stored: str) -> bytes:
        return hmac.digest(self._mine, "\0".join((name, secret, stored)).encode("utf-8", "replace"), hashlib.sha256)

    @contextmanager
    def _hashing_slot(self) -> Iterator[None]:
        """One of the few places in which passwords are tested. Raises TooManyGuesses."""
        if not self._hashing_slots.acquire(timeout=PATIENCE_SECONDS):
            raise TooManyGuesses(retry_after=PAUSE_SECONDS)
        try:
            yield
        finally:
            self._hashing_slots.release()

    def _renew(self, row: Row[Any], match: str, secret: str) -> None:
        """Write the hash of an earlier version anew; whoever signs in is let in, whether it can be written or not."""
        is_key = match == row.key_hash
        is_generated = is_key and row.key_salt is not None
        if hashes.is_of_key(match) or (self._passwords.is_current(match) and not is_generated):
            return
        if is_generated:
            renewed = hashes.hash_key(secret)
        else:
            with self._hashing_slot():
                renewed = self._hash(secret, row.password_hash if is_key else row.key_hash)
        column = users.c.key_hash if is_key else users.c.password_hash
        changing = update(users).where(users.c.name == row.name, column == match).values({column: renewed})
        with suppress(SQLAlchemyError), self._database.write() as connection:
            connection.execute(changing)
            self._remember(row.name, secret, renewed)

    def _fits(self, key: str, stored: str) -> bool:
        return hashes.fits_key(key, stored) if hashes.is_of_key(stored) else bool(self._passwords.match(key, [stored]))

    def _hash(self, secret: str, beside: str | None) -> str:
        if not secret or len(secret) > LONGEST_SECRET:
            raise UserFault(f"A password or key has 1 to {LONGEST_SECRET} letters")
        return self._passwords.hash(secret, None if beside and hashes.is_of_key(beside) else beside)


def _user(row: Row[Any]) -> User:
    return User(row.name, row.role, row.disabled, row.generation)


def _generation() -> str:
    return secrets.token_urlsafe(9)


def _chosen(password_hash: str | None, key_hash: str | None, key_salt: str | None) -> list[str]:
    """The hashes of what a person chose, not of a key that was generated here."""
    return [kept for kept in (password_hash, None if key_salt else key_hash) if kept]


def _key(pepper: bytes, salt: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(pepper, salt.encode(), hashlib.sha256)).rstrip(b"=").decode()
