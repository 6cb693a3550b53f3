"""How secrets are hashed: at today's cost, quick where a key is random, and as long for nobody as for somebody."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from experience.accounts.hashes import STRONG, Passwords, hash_key
from experience.accounts.users import Users, users
from foundation.db.database import Database

KEYS = (b"a signing key of the service",)
CHEAP = Passwords(n=16, r=8, p=5)


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often scrypt's memory was worked through since the last call."""
    seen: list[int] = []
    scrypt = hashlib.scrypt

    def counted(*args: Any, **kwargs: Any) -> bytes:
        seen.append(kwargs["p"])
        return scrypt(*args, **kwargs)

    def since() -> int:
        total = sum(seen)
        seen.clear()
        return total

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return since


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def known(database: Database) -> Users:
    users = Users(database, KEYS, CHEAP)
    users.add("desktop", "desktop")
    return users


def earlier(secret: str) -> str:
    """The hash that an earlier version would have kept."""
    salt = b"sixteen bytes of"
    digest = hashlib.scrypt(secret.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
    encode = base64.urlsafe_b64encode
    return f"scrypt${encode(salt).decode().rstrip('=')}${encode(digest).decode().rstrip('=')}"


def row(database: Database) -> Row[Any]:
    with database.read() as connection:
        return connection.execute(select(users)).one()


def put(database: Database, **values: str) -> None:
    with database.write() as connection:
        connection.execute(update(users).values(**values))


def test_a_password_costs_what_owasp_asks_and_its_hash_says_so() -> None:
    assert (STRONG.n, STRONG.r, STRONG.p) == (2**14, 8, 5)
    stored = STRONG.hash("a password")
    assert stored.startswith("scrypt$16384$8$5$")
    assert STRONG.match("a password", [stored]) == stored
    assert STRONG.match("a Password", [stored]) is None


def test_hashes_of_other_costs_and_of_earlier_versions_are_still_read() -> None:
    for stored in (earlier("a password"), Passwords(16, 8, 1).hash("a password")):
        assert CHEAP.match("a password", [stored]) == stored
        assert CHEAP.match("another", [stored]) is None
        assert not CHEAP.is_current(stored)


def test_a_generated_key_is_tested_without_scrypt(known: Users, database: Database, rounds: Callable[[], int]) -> None:
    key = known.new_key("desktop")
    assert known.check("desktop", key)
    assert rounds() == 0
    assert row(database).key_hash.startswith("hmac-sha256$")


def test_a_chosen_key_is_a_password(known: Users, database: Database) -> None:
    known.set_key("desktop", "system-key")
    assert CHEAP.is_current(row(database).key_hash)


def test_a_wrong_secret_costs_the_same_for_whoever_there_is(
    known: Users, database: Database, rounds: Callable[[], int]
) -> None:
    assert known.check("nobody", "wrong") is None
    as_for_nobody = rounds()
    assert as_for_nobody == CHEAP.p
    states: list[Callable[[], object]] = [
        lambda: None,
        lambda: known.new_key("desktop"),
        lambda: known.set_password("desktop", "a password"),
        lambda: known.set_key("desktop", "chosen"),
        lambda: put(database, key_hash=earlier("chosen"), password_hash=earlier("a password")),
        lambda: put(database, key_hash=hash_key("generated"), password_hash=earlier("a password")),
        lambda: known.disable("desktop"),
    ]
    for change in states:
        change()
        rounds()
        assert known.check("desktop", "wrong") is None
        assert rounds() == as_for_nobody


@pytest.mark.parametrize("column", ["password_hash", "key_hash"])
def test_an_earlier_hash_is_renewed_at_sign_in(known: Users, database: Database, column: str) -> None:
    put(database, **{column: earlier("a password")})
    assert known.check("desktop", "wrong") is None
    assert row(database)._mapping[column] == earlier("a password")
    assert known.check("desktop", "a password")
    assert CHEAP.is_current(row(database)._mapping[column])
    assert Users(database, KEYS, CHEAP).check("desktop", "a password")


def test_an_earlier_hash_of_a_generated_key_becomes_a_quick_one(known: Users, database: Database) -> None:
    key = known.new_key("desktop")
    put(database, key_hash=earlier(key))
    assert known.key("desktop") == key
    assert known.check("desktop", key)
    assert row(database).key_hash.startswith("hmac-sha256$")
    assert known.key("desktop") == key


class Meanwhile(Passwords):
    """Something happens between a password's test and its renewal."""

    happens: Callable[[], object]

    def match(self, secret: str, stored: Sequence[str]) -> str | None:
        matched = super().match(secret, stored)
        type(self).happens()
        return matched


def test_a_renewal_does_not_bring_back_a_secret_that_was_replaced_meanwhile(known: Users, database: Database) -> None:
    put(database, password_hash=earlier("first"))
    Meanwhile.happens = lambda: known.set_password("desktop", "second")
    Users(database, KEYS, Meanwhile(n=16, r=8, p=5)).check("desktop", "first")
    assert known.check("desktop", "first") is None
    assert known.check("desktop", "second")


def test_whoever_signs_in_while_nothing_can_be_written_is_let_in(known: Users, database: Database) -> None:
    put(database, password_hash=earlier("a password"))
    with database.write() as connection:
        closing = "CREATE TRIGGER closed BEFORE UPDATE ON wxm_users BEGIN SELECT RAISE(ABORT, 'closed'); END"
        connection.exec_driver_sql(closing)
    assert known.check("desktop", "a password")
    assert row(database).password_hash == earlier("a password")
