"""Guesses at the passwords of WxM users are braked, and hold up nobody who was let in."""

import secrets
from collections.abc import Callable
from itertools import cycle

import pytest
from werkzeug.test import TestResponse

from experience.accounts.hashes import Passwords
from experience.accounts.users import Users
from experience.api.support.sign_in import PER_SOURCE, PER_USER_AND_SOURCE, SignIn
from foundation.brakes.store import InProcess
from foundation.brakes.throttle import Limit, TooManyRefusals
from tests.foundation.brakes.test_store import Clock
from tests.support.scripted_finesse import basic
from tests.support.services import Service

OWN, ATTACKER = "203.0.113.9", "198.51.100.7"
# How much a guess costs is no matter here.
QUICK = Passwords(n=16, r=8, p=1)


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    started = start(trusted_proxies=("127.0.0.1",))
    users = users_of(started)
    users.add("system", "system")
    users.set_key("system", "right")
    return started


def users_of(service: Service) -> Users:
    return Users(service.app.extensions["pulse"]["database"], passwords=QUICK)


def log_in(service: Service, source: str, secret: str, name: str = "system") -> TestResponse:
    form = {"grant_type": "password", "username": name, "password": secret}
    headers = {"X-Forwarded-For": source}
    return service.app.test_client().post("/api/LoginToken", data=form, headers=headers)


def by_basic(service: Service, source: str, secret: str) -> TestResponse:
    headers = {"Authorization": basic("system", secret), "X_Forwarded_For": source}
    return service.get("/api/Profile", origin=None, **headers)


def test_of_many_wrong_passwords_few_are_judged_and_the_user_gets_in_elsewhere(service: Service) -> None:
    judged = PER_USER_AND_SOURCE.places
    statuses = [log_in(service, ATTACKER, f"wrong {number}").status_code for number in range(judged + 5)]
    assert statuses[:judged] == [401] * judged
    assert statuses[-1] == 429
    assert log_in(service, ATTACKER, "right").status_code == 429
    assert log_in(service, OWN, "right").status_code == 200


def test_login_and_basic_are_braked_together(service: Service) -> None:
    places = PER_USER_AND_SOURCE.places
    for number in range(places // 2):
        log_in(service, ATTACKER, f"wrong {number}")
        by_basic(service, ATTACKER, f"wrong too {number}")
    refused = by_basic(service, ATTACKER, "right")
    assert (refused.status_code, refused.get_json()["error"]) == (429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) > 0


def test_who_was_let_in_from_an_address_goes_on_there(service: Service) -> None:
    assert log_in(service, ATTACKER, "right").status_code == 200
    for number in range(PER_USER_AND_SOURCE.places + 2):
        log_in(service, ATTACKER, f"wrong {number}")
    assert log_in(service, ATTACKER, "right").status_code == 200
    assert by_basic(service, ATTACKER, "right").status_code == 200


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sign_in(service: Service, clock: Clock) -> SignIn:
    return SignIn(users_of(service), InProcess(clock), secrets.token_bytes(16))


def test_made_up_users_from_one_address_are_braked_together(sign_in: SignIn) -> None:
    for number in range(PER_SOURCE.places):
        assert sign_in.check(f"made up {number}", "wrong", ATTACKER) is None
    assert refused(sign_in, ATTACKER, "wrong", "one more")
    assert not refused(sign_in, OWN, "right")


@pytest.mark.parametrize(("limit", "names"), [("PER_USER", ["system", "SYSTEM"]), ("ALL", ["a", "b", "c", "d"])])
def test_guesses_from_many_addresses_are_braked_together(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch, limit: str, names: list[str]
) -> None:
    monkeypatch.setattr(f"experience.api.support.sign_in.{limit}", Limit(4, 10))
    sign_in = SignIn(users_of(service), InProcess(clock), b"a key")
    refusals = [refused(sign_in, f"198.51.100.{number}", "wrong", name) for number, name in zip(range(6), cycle(names))]
    assert refusals == [False] * 4 + [True] * 2
    clock.now += 10
    assert not refused(sign_in, OWN, "right")


def test_each_acceptance_begins_the_half_hour_anew_and_a_changed_key_ends_it(
    service: Service, sign_in: SignIn, clock: Clock
) -> None:
    def guess() -> None:
        while not refused(sign_in, OWN, secrets.token_hex(4)):
            pass

    assert sign_in.check("system", "right", OWN)
    for _ in range(3):
        clock.now += 1799
        guess()
        assert sign_in.check("system", "right", OWN)
    users = users_of(service)
    users.set_key("system", "new")
    guess()
    assert refused(sign_in, OWN, "right")
    users.set_key("system", "right")
    assert refused(sign_in, OWN, "right")
    clock.now += 30
    assert sign_in.check("system", "right", OWN)


def test_a_guesser_does_not_learn_the_right_key_from_a_brake_that_is_on(sign_in: SignIn) -> None:
    assert sign_in.check("system", "right", OWN)
    while not refused(sign_in, ATTACKER, secrets.token_hex(4)):
        pass
    assert refused(sign_in, ATTACKER, "right")


def refused(sign_in: SignIn, source: str, secret: str, name: str = "system") -> bool:
    """Whether it was not even judged."""
    try:
        sign_in.check(name, secret, source)
    except TooManyRefusals:
        return True
    return False
