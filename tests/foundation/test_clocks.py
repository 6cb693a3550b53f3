"""The clocks of two nodes may differ by a minute: what one signs, the other takes; what is over, is over on both."""

import time
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from experience.accounts.api_tokens import BOUND_LIFETIME, LIFETIME, ApiTokens
from experience.accounts.users import User
from experience.model.scope import Scope
from foundation.keys import Seal
from gadgets.journey.caller import Caller
from gadgets.journey.routes import REFERENCE_SECONDS, References, UnknownCustomer
from gadgets.signin.guard import SESSION_SECONDS, Sessions
from tests.support.services import Service
from tests.support.signed_in import make_person

KEYS = (b"a key that both of the nodes hold",)
PULSE = "/gadgets/pulse?filterTags=cc_AgentId"
USER, PERSON = User("desktop", "desktop"), make_person()
SKEW = 60


def reference_is_known(text: str) -> bool:
    try:
        References(Seal(KEYS, "customer")).read(PERSON, text)
    except UnknownCustomer:
        return False
    return True


def token_is_known(text: str) -> bool:
    return ApiTokens(KEYS).read(text) is not None


def session_is_known(text: str) -> bool:
    return Sessions(KEYS).person(text) is not None


# What one node signs, whether another takes it, and how long it is good for.
SIGNED: dict[str, tuple[Callable[[], str], Callable[[str], bool], int]] = {
    "session": (lambda: Sessions(KEYS).issue(PERSON), session_is_known, SESSION_SECONDS),
    "token": (lambda: ApiTokens(KEYS).issue(USER)[0], token_is_known, LIFETIME),
    "bound token": (lambda: ApiTokens(KEYS).issue(USER, scope=Scope(None, "1"))[0], token_is_known, BOUND_LIFETIME),
    "reference": (
        lambda: References(Seal(KEYS, "customer")).give(PERSON, Caller(customer_id="C-1")),
        reference_is_known,
        REFERENCE_SECONDS,
    ),
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock ahead by so many seconds, or behind."""
    real = time.time
    return lambda ahead: monkeypatch.setattr(time, "time", lambda: real() + ahead)


@pytest.mark.parametrize("what", SIGNED)
@pytest.mark.parametrize("ahead", [1, SKEW - 2])
def test_a_node_takes_what_one_ahead_of_it_or_behind_has_signed(
    what: str, ahead: int, clock: Callable[[float], None]
) -> None:
    sign, is_known, seconds = SIGNED[what]
    clock(ahead)
    young = sign()
    clock(-seconds - ahead)
    nearly_over = sign()
    clock(0)
    assert is_known(young)
    assert is_known(nearly_over)


@pytest.mark.parametrize("what", SIGNED)
def test_beyond_a_minute_it_is_over(what: str, clock: Callable[[float], None]) -> None:
    sign, is_known, seconds = SIGNED[what]
    clock(-seconds - SKEW - 2)
    signed = sign()
    clock(0)
    assert not is_known(signed)


@pytest.mark.parametrize("what", ["session", "token", "bound token"])
def test_what_is_signed_more_than_a_minute_ahead_is_not_taken(what: str, clock: Callable[[float], None]) -> None:
    sign, is_known, _ = SIGNED[what]
    clock(SKEW + 2)
    signed = sign()
    clock(0)
    assert not is_known(signed)


def test_a_gadget_goes_on_at_a_node_whose_clock_is_behind_or_ahead(
    service: Service, clock: Callable[[float], None]
) -> None:
    token = service.token(PERSON)

    def journey_with_skew(ahead: float) -> TestResponse:
        clock(ahead)
        return service.get(PULSE, token)

    # Twice each: what was verified once is known again.
    for ahead in (-SKEW + 2, 0, SESSION_SECONDS + SKEW - 5):
        assert [journey_with_skew(ahead).status_code for _ in range(2)] == [200, 200]
    for _ in range(2):
        assert journey_with_skew(SESSION_SECONDS + SKEW + 2).get_json()["code"] == "session_required"
