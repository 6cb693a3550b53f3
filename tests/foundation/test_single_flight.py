"""One call at a time for one key; who comes meanwhile shares it, shares the next one, or waits for a turn."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from foundation.single_flight import SingleFlight


class Unavailable(Exception):
    """A failure that is remembered."""


class Gate:
    """A call that waits until it is let through, and returns how many were made before."""

    def __init__(self, error: Exception | None = None) -> None:
        self.began, self.opened = threading.Event(), threading.Event()
        self.calls = 0
        self.most_at_once = 0
        self._at_once = 0
        self._error = error

    def __call__(self) -> int:
        self.calls += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        number = self.calls - 1
        self.began.set()
        assert self.opened.wait(30)
        self._at_once -= 1
        if self._error is not None:
            raise self._error
        return number


@contextmanager
def eight_behind(
    flights: SingleFlight, first: Callable[[], int], run: Callable[[], int]
) -> Iterator[tuple[Future[int], list[Future[int]]]]:
    """A call under way, and eight threads that wait for it."""
    with ThreadPoolExecutor(9) as pool:
        leader = pool.submit(flights.run, "key", first)
        while "key" not in flights._flights:
            time.sleep(0.001)
        others = [pool.submit(run) for _ in range(8)]
        while len(flights._flights["key"]._waiters) < 8:
            time.sleep(0.001)
        yield leader, others


def test_who_comes_while_a_call_is_under_way_shares_it() -> None:
    flights, call = SingleFlight(), Gate()
    with eight_behind(flights, call, lambda: flights.run("key", call)) as (leader, others):
        call.opened.set()
        assert [future.result(30) for future in (leader, *others)] == [0] * 9
    assert call.calls == 1


def test_a_failure_is_told_to_all_who_share_it_and_the_next_one_calls_again() -> None:
    flights, call = SingleFlight(), Gate(LookupError("gone"))
    with eight_behind(flights, call, lambda: flights.run("key", call)) as (leader, others):
        call.opened.set()
        for future in (leader, *others):
            with pytest.raises(LookupError, match="gone"):
                future.result(30)
    assert call.calls == 1
    assert flights.run("key", lambda: 7) == 7


def test_who_wants_news_shares_a_call_that_began_after_he_came() -> None:
    flights, call = SingleFlight(), Gate()
    with eight_behind(flights, call, lambda: flights.run_next("key", call)) as (leader, others):
        call.opened.set()
        assert leader.result(30) == 0
        assert min(future.result(30) for future in others) >= 1
    assert call.most_at_once == 1


def test_who_wants_news_is_not_told_of_a_failure_before_his_time() -> None:
    flights, call = SingleFlight(), Gate(LookupError("gone"))
    with eight_behind(flights, call, lambda: flights.run_next("key", lambda: 7)) as (leader, others):
        call.opened.set()
        assert [future.result(30) for future in others] == [7] * 8
        with pytest.raises(LookupError):
            leader.result(30)


def test_whoever_goes_alone_makes_the_own_call_in_turn() -> None:
    flights, call = SingleFlight(), Gate()
    with eight_behind(flights, call, lambda: flights.run_alone("key", call)) as (leader, others):
        call.opened.set()
        assert sorted(future.result(30) for future in (leader, *others)) == list(range(9))
    assert call.most_at_once == 1


@pytest.mark.parametrize("way", ["run", "run_next", "run_alone"])
def test_nobody_waits_longer_than_he_may(way: str) -> None:
    flights, call = SingleFlight(timed_out=Unavailable), Gate()
    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(flights.run, "key", call)
        assert call.began.wait(30)
        with pytest.raises(Unavailable):
            getattr(flights, way)("key", call, time.monotonic() + 0.05)
        call.opened.set()
        assert leader.result(30) == 0


def test_after_a_failure_that_is_remembered_nobody_calls_for_a_pause() -> None:
    flights, calls = SingleFlight(remembered=Unavailable, pause=0.3), []

    def fail() -> int:
        calls.append(1)
        raise Unavailable("down")

    for _ in range(5):
        with pytest.raises(Unavailable, match="down"):
            flights.run("key", fail)
    assert len(calls) == 1
    assert flights.run("other", lambda: 7) == 7
    time.sleep(0.35)
    assert flights.run("key", lambda: 7) == 7
    assert flights.run("key", lambda: 8) == 8


def test_behind_a_try_of_what_failed_before_nobody_waits() -> None:
    flights, call = SingleFlight(remembered=Unavailable), Gate()
    with pytest.raises(Unavailable):
        flights.run("key", opened(Gate(Unavailable("down"))))
    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(flights.run, "key", call)
        assert call.began.wait(30)
        for way in (flights.run, flights.run_alone):
            with pytest.raises(Unavailable, match="down"):
                way("key", call)
        call.opened.set()
        assert leader.result(30) == 0


def test_other_failures_are_not_remembered() -> None:
    flights = SingleFlight(remembered=Unavailable, pause=60)
    with pytest.raises(LookupError):
        flights.run("key", opened(Gate(LookupError())))
    assert flights.run("key", lambda: 7) == 7


def test_other_keys_do_not_wait() -> None:
    flights, call = SingleFlight(), Gate()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(flights.run, "slow", call)
        assert call.began.wait(30)
        assert flights.run("other", lambda: 1) == 1
        call.opened.set()
        assert slow.result(30) == 0


def test_nothing_is_left_behind() -> None:
    flights = SingleFlight()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda number: flights.run_next(number % 3, lambda: 5), range(200))) == [5] * 200
    assert not flights._flights


def opened(call: Gate) -> Gate:
    call.opened.set()
    return call
