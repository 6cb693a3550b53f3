"""So many refusals at once, then one in some seconds; what is accepted costs nothing."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from foundation.brakes.store import InProcess
from foundation.brakes.throttle import Lately, Limit, Throttle, TooManyRefusals
from foundation.web import proxies
from tests.foundation.brakes.test_store import Clock

LIMIT = Limit(places=5, seconds=10)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(InProcess(clock), "guesses", b"key", LIMIT)


def refuse(throttle: Throttle, subject: str = "192.0.2.1") -> bool:
    """Whether a wrong guess was judged."""
    try:
        with throttle.place(subject) as place:
            place.refused()
    except TooManyRefusals:
        return False
    return True


def test_so_many_at_once_then_one_in_some_seconds(throttle: Throttle, clock: Clock) -> None:
    assert [refuse(throttle) for _ in range(300)].count(True) == 5
    judged = 0
    for _ in range(300):
        clock.now += 1
        judged += refuse(throttle)
    assert judged == 30


def test_who_must_wait_is_told_how_long(throttle: Throttle, clock: Clock) -> None:
    for _ in range(5):
        refuse(throttle)
    with pytest.raises(TooManyRefusals) as raised, throttle.place("192.0.2.1"):
        pass
    assert raised.value.retry_after == 10
    clock.now += 10
    assert refuse(throttle)


def test_another_source_is_not_held_up(throttle: Throttle) -> None:
    while refuse(throttle):
        pass
    assert refuse(throttle, "192.0.2.2")


def test_a_place_is_given_back_where_nothing_was_refused(throttle: Throttle) -> None:
    for _ in range(50):
        with throttle.place("192.0.2.1"):
            pass
    assert [refuse(throttle) for _ in range(6)] == [True] * 5 + [False]


def test_a_place_is_given_back_where_the_guess_failed_otherwise(throttle: Throttle) -> None:
    for _ in range(10):
        with pytest.raises(LookupError), throttle.place("192.0.2.1"):
            raise LookupError
    assert refuse(throttle)


def test_who_is_accepted_forgives_a_refusal_from_there(throttle: Throttle) -> None:
    for _ in range(4):
        refuse(throttle)
    with throttle.place("192.0.2.1") as place:
        place.accepted()
    assert [refuse(throttle) for _ in range(3)] == [True, True, False]


def hold(throttle: Throttle, places: ExitStack) -> None:
    """All places are under way."""
    for _ in range(LIMIT.places):
        places.enter_context(throttle.place("192.0.2.1"))


def test_places_under_way_are_taken(throttle: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foundation.brakes.throttle.PATIENCE_SECONDS", 0.0)
    with ExitStack() as places:
        hold(throttle, places)
        assert not refuse(throttle)
    assert refuse(throttle)


def test_a_place_under_way_is_waited_for(throttle: Throttle) -> None:
    with ThreadPoolExecutor(1) as pool:
        with ExitStack() as places:
            hold(throttle, places)
            waiting = pool.submit(refuse, throttle)
            time.sleep(0.05)
        assert waiting.result(30)


def test_guesses_at_one_moment_get_no_further(throttle: Throttle) -> None:
    go = threading.Barrier(30)

    def guess(_: int) -> bool:
        go.wait()
        return refuse(throttle)

    with ThreadPoolExecutor(30) as pool:
        assert list(pool.map(guess, range(30))).count(True) == 5


def test_many_who_are_right_at_one_moment_wait_for_each_other_and_all_get_in(throttle: Throttle) -> None:
    def accept(_: int) -> bool:
        with throttle.place("192.0.2.1") as place:
            place.accepted()
        return True

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(accept, range(60)))


def test_the_place_of_a_process_that_ended_is_free_in_time(throttle: Throttle, clock: Clock) -> None:
    ended = [throttle.place("192.0.2.1") for _ in range(5)]
    for place in ended:
        place.__enter__()
    clock.now += 20
    assert refuse(throttle)


def test_a_place_under_way_is_taken_though_refusals_are_forgotten_sooner(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foundation.brakes.throttle.PATIENCE_SECONDS", 0.0)
    throttle = Throttle(InProcess(clock), "guesses", b"key", Limit(places=2, seconds=1))
    with ExitStack() as places:
        for _ in range(2):
            places.enter_context(throttle.place("192.0.2.1"))
        clock.now += 15
        assert not refuse(throttle)


def test_to_be_asked_for_makes_no_credential_known(clock: Clock) -> None:
    lately = Lately(InProcess(clock), "accepted", b"key", 1800)
    assert [lately.renew("word") for _ in range(3)] == [False] * 3


def test_a_credential_is_known_for_a_time_from_its_last_acceptance(clock: Clock) -> None:
    lately = Lately(InProcess(clock), "accepted", b"key", 1800)
    assert not lately.renew("word", "192.0.2.1")
    lately.remember("word", "192.0.2.1")
    for _ in range(5):
        clock.now += 1700
        assert lately.renew("word", "192.0.2.1")
    assert not lately.renew("word", "192.0.2.2")
    clock.now += 1800
    assert not lately.renew("word", "192.0.2.1")


def test_a_credential_that_was_refused_is_known_no_more(clock: Clock) -> None:
    lately = Lately(InProcess(clock), "accepted", b"key", 1800)
    lately.remember("word")
    lately.forget("word")
    assert not lately.renew("word")


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::9", "2001:db8:1:3::"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_one_subscriber_is_one_source(address: str, source: str) -> None:
    assert proxies.source_of(address) == source


def test_a_throttle_says_it_in_the_words_of_who_uses_it(clock: Clock) -> None:
    def words(seconds: int) -> TooManyRefusals:
        return TooManyRefusals("in our words", retry_after=seconds)

    throttle = Throttle(InProcess(clock), "guesses", b"key", Limit(1, 10), words)
    refuse(throttle)
    with pytest.raises(TooManyRefusals, match="in our words"), throttle.place("192.0.2.1"):
        pass
