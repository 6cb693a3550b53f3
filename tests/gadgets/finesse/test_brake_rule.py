"""The rule of the brake over hours, on a clock that is set: what reaches Finesse, and that nobody is kept out by it."""

import itertools
from collections.abc import Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.brakes.store import BrakeStore, InProcess, InRedis
from foundation.brakes.throttle import TooManyRefusals
from foundation.cache.redis_client import RedisClient
from gadgets.finesse.accounts import Accounts, account_of
from gadgets.finesse.brake import Brake, TryLater
from gadgets.finesse.credentials import Credential, InvalidCredentials
from tests.foundation.brakes.test_store import Clock
from tests.support.scripted_finesse import basic

HALF_HOUR = 1800.0
CLUSTER = "https://finesse1"
ANN = ("1001", "ann")
SPELLINGS = ("1001", "ann", "ANN", "CORP\\ann", "ann@corp.com", "corp\\1001")
OWN = "203.0.113.9"
ATTACKERS = tuple(f"198.51.100.{number}" for number in range(10))


@dataclass
class House:
    """One or two nodes before one Finesse, which counts what it refuses of an account."""

    stores: list[BrakeStore]
    clock: Clock
    people: list[tuple[str, str]] = field(default_factory=lambda: [ANN])
    right: str = "right"
    sent_at: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    in_a_row: int = 0
    tried: int = 0

    def __post_init__(self) -> None:
        accounts = Accounts(lambda _: self.people)
        self.find = accounts.find
        self.nodes = itertools.cycle([Brake(store, b"a key") for store in self.stores])

    def sign_in(self, source: str, password: str | None = None, name: str = "ann") -> str:
        """`in`, `refused` (by Finesse, now or before) or `later`; without a password, one never tried before."""
        self.tried += 1
        credential = Credential.parse(basic(name, password or f"wrong {self.tried}"))
        try:
            with next(self.nodes).attempt(self.find(CLUSTER, name), credential, source) as attempt:
                self.sent_at.append(self.clock.now)
                if credential.secret == self.right:
                    self.in_a_row = 0
                    attempt.accepted()
                    return "in"
                self.in_a_row += 1
                self.refused.append(self.clock.now)
                attempt.refused()
                raise InvalidCredentials()
        except InvalidCredentials:
            return "refused"
        except (TryLater, TooManyRefusals) as error:
            assert error.retry_after is not None
            assert error.retry_after > 0
            return "later"


def house(people: Iterable[tuple[str, str]] = (ANN,)) -> House:
    clock = Clock()
    return House([InProcess(clock)], clock, list(people))


@pytest.fixture
def shared(redis_url: str) -> House:
    """Two nodes on one Redis."""
    clock = Clock()
    return House([InRedis(RedisClient(redis_url), clock) for _ in range(2)], clock)


def most_in_half_an_hour(moments: list[float]) -> int:
    return max((sum(first <= other < first + HALF_HOUR for other in moments) for first in moments), default=0)


def assert_few(moments: list[float], at_once: int = 3) -> None:
    """So many at once, and never more than one more for each half hour."""
    assert most_in_half_an_hour(moments) <= at_once
    for number, moment in enumerate(moments):
        assert number + 1 <= at_once + (moment - moments[0]) / HALF_HOUR


def test_one_source_is_refused_twice_then_once_in_half_an_hour() -> None:
    here = house()
    for _ in range(6 * 60):
        here.sign_in(OWN)
        here.clock.now += 60
    assert [moment - here.refused[0] for moment in here.refused][:4] == [0, 60, 60 + HALF_HOUR, 60 + 2 * HALF_HOUR]
    assert len(here.refused) == 2 + 11


@pytest.mark.parametrize("nodes", ["one", "two"])
def test_ten_sources_are_refused_three_times_then_once_in_half_an_hour(nodes: str, shared: House) -> None:
    here = shared if nodes == "two" else house()
    for _ in range(2 * 12):
        for attacker, spelling in zip(ATTACKERS, itertools.cycle(SPELLINGS)):
            here.sign_in(attacker, name=spelling)
        here.clock.now += HALF_HOUR / 6
    assert [moment - here.refused[0] for moment in here.refused] == [0, 0, 0, HALF_HOUR, 2 * HALF_HOUR, 3 * HALF_HOUR]


@pytest.mark.parametrize("in_turn", [True, False])
def test_ten_sources_are_refused_four_times_under_two_names_of_somebody_new_then_twice_an_hour(in_turn: bool) -> None:
    """By both names in turn, and by all of one name before the other."""
    here = house([])
    pairs = list(itertools.product(ATTACKERS, ANN))
    for _ in range(4 * 6):
        for attacker, name in pairs if in_turn else sorted(pairs, key=lambda pair: pair[1]):
            here.sign_in(attacker, name=name)
        here.clock.now += HALF_HOUR / 3
    hours = [(moment - here.refused[0]) / HALF_HOUR / 2 for moment in here.refused]
    assert hours == [0, 0, 0, 0, 1, 1, 2, 2, 3, 3]


def test_somebody_new_whose_attempts_come_to_nothing_or_to_good_takes_no_place_from_others() -> None:
    here = house([])
    assert [here.sign_in(OWN, name="ann"), here.sign_in(OWN, "right", "ann")] == ["refused", "in"]
    assert here.sign_in(OWN, name="bob") == "refused"
    with pytest.raises(LookupError), failing(here, "bob"):
        raise LookupError
    assert [here.sign_in(OWN, name="1001"), here.sign_in(OWN, "right", "1001")] == ["refused", "in"]


def test_somebody_new_who_got_in_leaves_the_extra_places_to_others() -> None:
    here = house([])
    assert [here.sign_in(source, name="ann") for source in ATTACKERS[:2]] == ["refused"] * 2
    assert here.sign_in(OWN, "right", "ann") == "in"
    assert [here.sign_in(source, name="bob") for source in ATTACKERS[:4]] == ["refused"] * 3 + ["later"]


def test_made_up_names_of_one_document_do_not_share_their_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Finesse refused under one name is asked under another, though both are braked together."""
    monkeypatch.setattr("foundation.brakes.store.BUCKET_DIGITS", 0)
    here = house([])
    assert [here.sign_in(OWN, "the same", name) for name in ("ann", "bob")] == ["refused"] * 2
    assert len(here.refused) == 2


def test_a_bearer_that_one_cluster_refused_is_asked_of_another() -> None:
    brake, token = Brake(InProcess(), b"a key"), Credential.parse("Bearer of-the-other-cluster")
    with brake.attempt(account_of(CLUSTER, "1001"), token, OWN) as attempt:
        attempt.refused()
    with pytest.raises(InvalidCredentials), brake.attempt(account_of(CLUSTER, "1001"), token, OWN):
        pass
    with brake.attempt(account_of("https://finesse2", "1001"), token, OWN) as attempt:
        attempt.accepted()


def test_however_many_names_are_made_up_they_have_few_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foundation.brakes.store.BUCKET_DIGITS", 1)
    clock = Clock()
    store = InProcess(clock)
    here = House([store], clock, [])
    for number in range(200):
        here.sign_in(f"198.51.100.{number}", name=f"made-up-{number}")
    assert len([key for key in store._documents if key.startswith("name:")]) <= 16


def test_who_must_wait_is_told_until_when() -> None:
    brake = Brake(InProcess(clock := Clock()), b"a key")
    account = account_of(CLUSTER, "1001")
    for word in ("wrong", "also wrong"):
        with brake.attempt(account, Credential.parse(basic("1001", word)), OWN) as attempt:
            attempt.refused()
    clock.now += 600
    with pytest.raises(TryLater) as raised, brake.attempt(account, Credential.parse(basic("1001", "x")), OWN):
        pass
    assert raised.value.retry_after == HALF_HOUR - 600


steps = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 1, 299, 301, 1799, 1800, 1801, 3600]),
        st.sampled_from([*ATTACKERS[:4], OWN]),
        st.sampled_from(SPELLINGS),
    ),
    max_size=60,
)


@given(steps)
def test_however_wrong_passwords_come_few_reach_finesse(attempts: list[tuple[int, str, str]]) -> None:
    here = house()
    for seconds, source, spelling in attempts:
        here.clock.now += seconds
        here.sign_in(source, name=spelling)
    assert_few(here.refused)


@given(st.lists(st.tuples(st.sampled_from([0, 0, 1, 1799, 1800, 3601]), st.sampled_from(ATTACKERS[:5]), st.booleans())))
def test_two_names_that_may_be_one_account_have_four_places_together(attempts: list[tuple[int, str, bool]]) -> None:
    here = house(people=[])
    for seconds, source, by_id in attempts:
        here.clock.now += seconds
        here.sign_in(source, name="1001" if by_id else "ann")
    assert_few(here.refused, at_once=4)


@given(steps, st.lists(st.sampled_from(["right", "wrong"]), max_size=60))
def test_between_two_acceptances_few_reach_finesse(attempts: list[tuple[int, str, str]], words: list[str]) -> None:
    here, since = house(), 0
    for (seconds, source, spelling), word in zip(attempts, words, strict=False):
        here.clock.now += seconds
        if here.sign_in(source, "right" if word == "right" else None, spelling) == "in":
            assert_few(here.refused[since:])
            since = len(here.refused)
    assert_few(here.refused[since:])


@pytest.mark.parametrize("people", [[ANN], []], ids=["known", "new"])
@given(
    st.lists(st.tuples(st.sampled_from([0, 0, 1, 1799, 1800, 3600]), st.sampled_from(["1001", "ann", "zoe", "bob"])))
)
def test_one_stranger_keeps_nobody_out(people: list[tuple[str, str]], attempts: list[tuple[int, str]]) -> None:
    """Whatever he tries, and whenever: the right password from another source is let in."""
    here = house(people)
    for seconds, name in attempts:
        here.clock.now += seconds
        here.sign_in(ATTACKERS[0], name=name)
    assert here.sign_in(OWN, "right", "ann") == "in"


@given(st.sets(st.integers(0, 60), max_size=61))
def test_one_stranger_and_a_typing_error_cost_an_hour_at_most(minutes: set[int]) -> None:
    """Whenever the stranger asks: he cannot take two turns one after the other."""
    here = house()
    for _ in range(2):
        here.sign_in(ATTACKERS[0])
    assert here.sign_in(OWN) == "refused"
    for minute in range(61):
        if minute in minutes:
            here.sign_in(ATTACKERS[0])
        if here.sign_in(OWN, "right") == "in":
            break
        here.clock.now += 60
    else:
        pytest.fail("he has been kept out for an hour")


def test_who_works_is_not_held_up_by_ten_strangers() -> None:
    here = house()
    assert here.sign_in(OWN, "right") == "in"
    for _ in range(48):
        for attacker in ATTACKERS:
            here.sign_in(attacker)
        here.clock.now += HALF_HOUR - 1
        assert here.sign_in(OWN, "right") == "in"


def test_half_an_hour_after_the_last_acceptance_a_password_needs_a_place_again() -> None:
    here = house()
    here.sign_in(OWN, "right")
    here.clock.now += HALF_HOUR
    for attacker in ATTACKERS:
        here.sign_in(attacker)
    assert here.sign_in(OWN, "right") == "later"


def test_a_guesser_does_not_learn_the_right_password_from_a_brake_that_is_on() -> None:
    here = house()
    assert here.sign_in(OWN, "right") == "in"
    for attacker in ATTACKERS:
        here.sign_in(attacker)
    assert {here.sign_in(attacker, "right") for attacker in ATTACKERS} == {"later"}


def test_a_changed_password_is_refused_once_and_the_new_one_is_let_in() -> None:
    here = house()
    here.sign_in(OWN, "right", "1001")
    here.right = "new"
    assert [here.sign_in(OWN, "right", name) for name in SPELLINGS] == ["refused"] * len(SPELLINGS)
    assert len(here.refused) == 1
    assert here.sign_in(OWN, "new") == "in"


def test_a_changed_password_that_was_accepted_from_two_places_is_refused_once() -> None:
    here = house()
    for source in (OWN, ATTACKERS[0]):
        here.sign_in(source, "right")
    here.right = "new"
    assert [here.sign_in(source, "right") for source in (OWN, ATTACKERS[0])] == ["refused"] * 2
    here.clock.now += 301
    for attacker in ATTACKERS[1:4]:
        here.sign_in(attacker)
    assert len(here.refused) == 3
    assert here.sign_in(ATTACKERS[0], "right") == "later"


def test_a_changed_password_counts_where_the_source_has_used_its_places_up() -> None:
    here = house()
    here.sign_in(OWN, "right")
    assert [here.sign_in(OWN), here.sign_in(OWN)] == ["refused"] * 2
    here.right = "new"
    assert here.sign_in(OWN, "right") == "refused"
    assert here.sign_in(ATTACKERS[0]) == "later"
    assert len(here.refused) == 3


def test_after_an_acceptance_all_begins_anew_for_who_was_accepted() -> None:
    here = house()
    for _ in range(4):
        assert [here.sign_in(OWN), here.sign_in(OWN, "right"), here.sign_in(OWN)] == ["refused", "in", "refused"]
        here.sign_in(OWN, "right")


def test_an_acceptance_elsewhere_gives_a_stranger_no_more_guesses() -> None:
    here = house()
    here.sign_in(OWN, "right")
    guesses = 0
    for _ in range(17):
        guesses += [here.sign_in(ATTACKERS[0]) for _ in range(5)].count("refused")
        here.clock.now += 100
        here.sign_in(OWN, "right")
    assert guesses == 2


def test_who_works_gives_a_guesser_behind_the_same_address_no_more_guesses() -> None:
    here = house()
    here.sign_in(OWN, "right")
    guesses = 0
    for _ in range(17):
        guesses += [here.sign_in(OWN) for _ in range(5)].count("refused")
        here.clock.now += 100
        assert here.sign_in(OWN, "right") == "in"
    assert guesses == 2


def test_a_refused_password_is_sent_again_after_five_minutes() -> None:
    here = house()
    here.sign_in(OWN, "mistaken")
    here.clock.now += 299
    assert (here.sign_in(OWN, "mistaken"), len(here.sent_at)) == ("refused", 1)
    here.clock.now += 2
    assert (here.sign_in(OWN, "mistaken"), len(here.sent_at)) == ("refused", 2)


def test_places_that_were_not_used_up_are_given_back() -> None:
    """Of the account, of the extra ones of a new name, and of the source: whichever of them says no."""
    here = house(people=[])
    for _ in range(50):
        with pytest.raises(LookupError), failing(here, "ann"):
            raise LookupError
    assert [here.sign_in(OWN, name="ann"), here.sign_in(OWN, "right", "ann")] == ["refused", "in"]


def test_an_account_keeps_its_places_where_the_source_has_none_left() -> None:
    here = house()
    for number in range(40):
        here.sign_in(ATTACKERS[0], name=f"made-up-{number}")
    assert len(here.refused) == 30
    for _ in range(20):
        assert here.sign_in(ATTACKERS[0], name="ann") == "later"
    assert [here.sign_in(ATTACKERS[number]) for number in (1, 1, 2)] == ["refused"] * 3


def test_three_hundred_names_from_one_address_take_three_quarters_of_an_hour() -> None:
    here = house()
    began, names = here.clock.now, [f"made-up-{number}" for number in range(300)]
    for name in names:
        while here.sign_in(ATTACKERS[0], name=name) == "later":
            here.clock.now += 1
    assert 2500 < here.clock.now - began < 2800


def test_a_contact_centre_behind_one_address_signs_in_while_somebody_there_sprays() -> None:
    here = house(people=[(f"{number}", f"agent{number}") for number in range(1000, 1200)])
    for name, _ in here.people:
        here.sign_in(OWN, "right", name)
    for number in range(100):
        here.sign_in(OWN, name=f"made-up-{number}")
    assert {here.sign_in(OWN, "right", name) for name, _ in here.people} == {"in"}


def test_an_address_is_forgiven_a_refusal_for_each_right_password_from_there() -> None:
    here = house()
    for number in range(29):
        here.sign_in(OWN, name=f"made-up-{number}")
    assert {here.sign_in(OWN, "right", f"agent{number}") for number in range(5)} == {"in"}
    assert [here.sign_in(OWN, name=f"another-{number}") for number in range(8)].count("refused") == 6


def test_two_hundred_new_people_behind_one_address_sign_in() -> None:
    here = house(people=[])
    assert {here.sign_in(OWN, "right", f"agent{number}") for number in range(200)} == {"in"}


def test_bearers_that_share_a_document_hold_each_other_up_in_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foundation.brakes.store.BUCKET_DIGITS", 0)
    brake = Brake(InProcess(), b"a key")
    with ExitStack() as under_way:
        for number in range(10):
            credential = Credential.parse(f"Bearer token-{number}")
            under_way.enter_context(brake.attempt(account_of(CLUSTER, "1001"), credential, OWN))


def failing(here: House, name: str) -> AbstractContextManager[object]:
    """An attempt to which Finesse gives no answer."""
    account = here.find(CLUSTER, name)
    return next(here.nodes).attempt(account, Credential.parse(basic(name, "unanswered")), OWN)


def test_the_account_of_a_session_is_that_of_its_sign_in() -> None:
    here = house()
    assert {here.find(CLUSTER, spelling) for spelling in SPELLINGS} == {account_of(CLUSTER, "1001")}
