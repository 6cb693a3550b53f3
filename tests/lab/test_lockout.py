"""Five wrong passwords in a row shut an account for five minutes, and every further try starts them anew."""

import pytest

from lab.finesse.accounts import Accounts
from tests.lab.conftest import basic


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(clock: Clock) -> Accounts:
    return Accounts(clock)


def attempt(accounts: Accounts, password: str, user: str = "1001") -> bool:
    return accounts.check(basic(user, password)["Authorization"]).account is not None


def shut(accounts: Accounts) -> None:
    for _ in range(5):
        attempt(accounts, "wrong")


def test_four_wrong_and_a_right_one_begin_anew(accounts: Accounts) -> None:
    for _ in range(3):
        for _ in range(4):
            assert not attempt(accounts, "wrong")
        assert attempt(accounts, "lab")


def test_the_fifth_wrong_one_locks_even_the_right_one(accounts: Accounts) -> None:
    shut(accounts)
    assert not attempt(accounts, "lab")
    assert accounts.check(basic("1001")["Authorization"]).locked


def test_the_lock_ends_after_five_minutes(accounts: Accounts, clock: Clock) -> None:
    shut(accounts)
    clock.now += 300
    assert attempt(accounts, "lab")


def test_a_try_meanwhile_restarts_the_five_minutes(accounts: Accounts, clock: Clock) -> None:
    shut(accounts)
    clock.now += 299
    assert not attempt(accounts, "lab")
    clock.now += 299
    assert not attempt(accounts, "lab")
    clock.now += 300
    assert attempt(accounts, "lab")


def test_id_and_login_name_are_one_account(accounts: Accounts) -> None:
    for user in ("1001", "ann", "1001", "ann", "ann"):
        attempt(accounts, "wrong", user)
    assert not attempt(accounts, "lab")


def test_one_lock_leaves_the_others_open(accounts: Accounts) -> None:
    shut(accounts)
    assert attempt(accounts, "lab", "1002")


def test_after_a_lock_five_more_are_needed(accounts: Accounts, clock: Clock) -> None:
    shut(accounts)
    clock.now += 300
    for _ in range(4):
        assert not attempt(accounts, "wrong")
    assert attempt(accounts, "lab")
