"""Tokens end with the secret that they came from, when their holder logs out, and at the time that they name."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import func, select, text

from experience.accounts.api_tokens import ApiTokens, Bearers, ended_tokens
from experience.accounts.hashes import Passwords
from experience.accounts.users import Users
from experience.model.scope import Scope
from foundation.db.database import Database
from foundation.db.schema_version import MIGRATIONS, upgrade
from foundation.signed import SignedClaims

KEYS = (b"a signing key of the service, of some length",)
QUICK = Passwords(n=16, r=8, p=1)
MINUTES_15, HOURS_12 = 900, 43_200
SKEW = 60
FROM_BEFORE = "INSERT INTO wxm_users (name, role, disabled) VALUES ('old', 'desktop', false)"


@pytest.fixture
def known(database: Database) -> Users:
    users = Users(database, KEYS, QUICK)
    for name in ("desktop", "system"):
        users.add(name, name)
        users.set_key(name, "first-key")
    return users


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock so many seconds ahead."""
    real = time.time
    return lambda seconds: monkeypatch.setattr(time, "time", lambda: real() + seconds)


def token_of(users: Users, name: str, scope: Scope | None = None) -> str:
    user = next(user for user in users.list() if user.name == name)
    return ApiTokens(KEYS).issue(user, scope=scope)[0]


def from_before(**more: object) -> str:
    """A token as earlier versions gave them out: it names no generation, and lives 12 hours whomever it is bound to."""
    claims = {"sub": "old", "role": "desktop", "jti": "an id", **more}
    return SignedClaims(KEYS, "api", "api").sign(claims, HOURS_12)[0]


def is_good(database: Database, token: str) -> bool:
    return Bearers(database, ApiTokens(KEYS)).find(token) is not None


def test_a_token_of_another_purpose_another_key_or_no_algorithm_is_none(known: Users, database: Database) -> None:
    head, body, signature = token_of(known, "system").split(".")
    unsigned = "eyJhbGciOiJub25lIn0"
    session, _ = SignedClaims(KEYS, "session", "api").sign({"sub": "system", "role": "system", "jti": "1"}, 60)
    elsewhere, _ = SignedClaims(KEYS, "api", "gadgets").sign({"sub": "system", "role": "system", "jti": "1"}, 60)
    other_key = SignedClaims((b"another key of the same length as ours",), "api", "api").sign({"sub": "system"}, 60)[0]
    assert is_good(database, f"{head}.{body}.{signature}")
    forged = (f"{unsigned}.{body}.", f"{unsigned}.{body}.{signature}", f"{head}.{body}.", f"{head}.{body}.AAAA")
    assert not any(is_good(database, token) for token in (*forged, session, elsewhere, other_key, "", "a.b.c"))


def test_another_secret_ends_the_tokens_of_its_user_and_of_nobody_else(known: Users, database: Database) -> None:
    changes: list[Callable[[], object]] = [
        lambda: known.new_key("desktop"),
        lambda: known.set_key("desktop", "another-key"),
        lambda: known.set_password("desktop", "another password"),
        lambda: known.disable("desktop"),
    ]
    stays = token_of(known, "system")
    for change in changes:
        held = [token_of(known, "desktop"), token_of(known, "desktop", Scope(None, "6001"))]
        assert all(is_good(database, token) for token in held)
        change()
        assert not any(is_good(database, token) for token in held)
    assert is_good(database, stays)


def test_a_user_who_is_let_in_again_has_none_of_the_tokens_he_had(known: Users, database: Database) -> None:
    token = token_of(known, "desktop")
    known.disable("desktop")
    assert not is_good(database, token_of(known, "desktop"))
    known.enable("desktop")
    assert not is_good(database, token)
    assert is_good(database, token_of(known, "desktop"))


def test_the_same_key_given_again_and_a_renewed_hash_end_no_token(known: Users, database: Database) -> None:
    token = token_of(known, "desktop")
    known.set_key("desktop", "first-key")
    assert Users(database, passwords=Passwords(n=32, r=8, p=1)).check("desktop", "first-key")
    assert is_good(database, token)


def test_a_user_made_anew_under_a_name_has_no_tokens_of_the_earlier(known: Users, database: Database) -> None:
    token = token_of(known, "desktop")
    with database.write() as connection:
        connection.execute(text("DELETE FROM wxm_users WHERE name = 'desktop'"))
    known.add("desktop", "desktop")
    assert not is_good(database, token)


def test_a_token_that_was_ended_stays_so_for_whoever_reads_the_database(known: Users, database: Database) -> None:
    ended, stays = token_of(known, "desktop"), token_of(known, "desktop")
    bearers = Bearers(database, ApiTokens(KEYS))
    for _ in range(2):
        caller = ApiTokens(KEYS).read(ended)
        assert caller
        bearers.end(caller)
    later = Database(database.url.render_as_string(hide_password=False))
    assert not is_good(later, ended)
    assert is_good(later, stays)
    later.close()


def test_what_was_ended_is_forgotten_once_no_node_takes_it(
    known: Users, database: Database, after: Callable[[float], None]
) -> None:
    bearers = Bearers(database, ApiTokens(KEYS))

    def end_another() -> int:
        caller = bearers.find(token_of(known, "desktop"))
        assert caller
        bearers.end(caller)
        with database.read() as connection:
            return connection.execute(select(func.count()).select_from(ended_tokens)).scalar_one()

    assert [end_another(), end_another()] == [1, 2]
    after(HOURS_12 + SKEW - 10)
    assert end_another() == 3
    after(HOURS_12 + SKEW + 10)
    assert end_another() == 2


def test_a_bound_token_lives_15_minutes(known: Users, database: Database, after: Callable[[float], None]) -> None:
    token = token_of(known, "desktop", Scope(None, "6001"))
    after(MINUTES_15 - 10)
    assert is_good(database, token)
    after(MINUTES_15 + SKEW + 10)
    assert not is_good(database, token)


def test_tokens_from_before_the_upgrade_end_12_hours_and_bound_ones_15_minutes_after_they_were_given_out(
    database: Database, after: Callable[[float], None]
) -> None:
    with database.write() as connection:
        connection.execute(text(FROM_BEFORE))
    free, bound = from_before(), from_before(reach={"teams": None, "agent": "6001"})
    for seconds, good in (
        (MINUTES_15 - 10, (True, True)),
        (MINUTES_15 + SKEW + 10, (True, False)),
        (HOURS_12 - 10, (True, False)),
        (HOURS_12 + SKEW + 10, (False, False)),
    ):
        after(seconds)
        assert (is_good(database, free), is_good(database, bound)) == good


def test_tokens_from_before_the_upgrade_end_with_their_secret_too(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text(FROM_BEFORE))
    token = from_before()
    assert is_good(database, token)
    Users(database, KEYS, QUICK).new_key("old")
    assert not is_good(database, token)


def test_the_upgrade_itself_ends_no_token(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pulse.db'}"
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")
        connection.execute(text(FROM_BEFORE))
    upgrade(url)
    assert is_good(database, from_before())
    database.close()
