"""One call at a time for one key; who comes meanwhile shares the next."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from foundation.single_flight import SingleFlight


def waiting(flights: SingleFlight) -> int:
    """How many calls wait for one that is under way."""
    return len(flights._next)


def test_who_comes_while_a_call_is_under_way_shares_the_next_one() -> None:
    flights, began, go = SingleFlight(), threading.Event(), threading.Event()
    calls: list[int] = []

    def call() -> int:
        calls.append(len(calls))
        began.set()
        assert go.wait(30)
        return calls[-1]

    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(flights.run, "key", call)
        assert began.wait(30)
        others = [pool.submit(flights.run, "key", call) for _ in range(8)]
        while not waiting(flights):
            threading.Event().wait(0.001)
        go.set()
        found = [other.result(30) for other in others]
    assert first.result() == 0
    assert min(found) >= 1


def test_a_failure_is_told_to_all_who_share_it_and_the_next_one_calls_again() -> None:
    flights = SingleFlight()

    began, go = threading.Event(), threading.Event()

    def wait() -> int:
        began.set()
        return int(go.wait(30))

    def fail() -> int:
        raise LookupError("gone")

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(flights.run, "key", wait)
        assert began.wait(30)
        others = [pool.submit(flights.run, "key", fail) for _ in range(3)]
        while not waiting(flights):
            threading.Event().wait(0.001)
        go.set()
        assert first.result(30) == 1
        for other in others:
            with pytest.raises(LookupError):
                other.result(30)
    assert flights.run("key", lambda: 7) == 7


def test_other_keys_do_not_wait() -> None:
    flights, began, go = SingleFlight(), threading.Event(), threading.Event()

    def call() -> bool:
        began.set()
        return go.wait(30)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(flights.run, "slow", call)
        assert began.wait(30)
        assert flights.run("other", lambda: 1) == 1
        go.set()
        assert slow.result()


def test_nothing_is_left_behind() -> None:
    flights = SingleFlight()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda number: flights.run(number % 3, lambda: 5), range(200))) == [5] * 200
    assert not flights._running
    assert not flights._next
