"""WxM users: who gets in, and what the database knows of their secrets."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from experience.accounts.hashes import Passwords
from experience.accounts.users import UserFault, Users, users
from foundation.db.database import Database

KEYS = (b"a signing key of the service",)
QUICK = Passwords(n=16, r=8, p=5)


@pytest.fixture
def known(database: Database) -> Users:
    users = Users(database, KEYS, QUICK)
    users.add("desktop", "desktop")
    return users


def test_a_user_without_a_secret_does_not_get_in(known: Users) -> None:
    for secret in ("", "desktop", "None"):
        assert known.check("desktop", secret) is None


def test_password_and_key_both_let_in_and_nothing_else_does(known: Users) -> None:
    known.set_password("desktop", "a password")
    known.set_key("desktop", "a key")
    for secret in ("a password", "a key", "a key"):
        user = known.check("desktop", secret)
        assert user and (user.name, user.role, user.may_write) == ("desktop", "desktop", False)
    for name, secret in (("desktop", "a Key"), ("Desktop", "a key"), ("nobody", "a key"), ("desktop\0", "a key")):
        assert known.check(name, secret) is None
    assert known.check("desktop", "x" * 100_000) is None


def test_a_new_secret_ends_the_earlier_at_once(known: Users) -> None:
    first = known.new_key("desktop")
    assert known.check("desktop", first)
    second = known.new_key("desktop")
    assert first != second
    assert known.check("desktop", first) is None
    assert known.check("desktop", second)


def test_a_generated_key_is_told_again_by_whoever_holds_the_services_key(known: Users, database: Database) -> None:
    key = known.new_key("desktop")
    assert known.key("desktop") == key
    assert Users(database, (b"a newer key", *KEYS)).key("desktop") == key
    assert Users(database, (b"another key",)).key("desktop") is None
    assert Users(database).key("desktop") is None
    known.set_key("desktop", "chosen")
    assert known.key("desktop") is None


def test_no_secret_stands_in_the_database(known: Users, database: Database) -> None:
    known.set_password("desktop", "a password")
    key = known.new_key("desktop")
    with database.read() as connection:
        (row,) = connection.execute(select(users))
    stored = " ".join(map(str, row))
    assert "a password" not in stored
    assert key not in stored
    assert row.password_hash.startswith("scrypt$")


def test_a_disabled_user_does_not_get_in(known: Users) -> None:
    known.set_key("desktop", "a key")
    assert known.check("desktop", "a key")
    known.disable("desktop")
    assert known.check("desktop", "a key") is None
    assert [user.disabled for user in known.list()] == [True]


def test_names_are_taken_once_and_readable(known: Users) -> None:
    for name in ("desktop", "", "with:colon", "new\nline", "x" * 101):
        with pytest.raises(UserFault):
            known.add(name, "desktop")
    for change in (known.disable, known.new_key):
        with pytest.raises(UserFault):
            change("nobody")
