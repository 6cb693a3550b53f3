"""Attempts at the same moment: places are held while they are under way, and documents stay small."""

import orjson
import pytest

from gadgets.finesse.refusals import (
    LEASE_SECONDS,
    PASSWORDS_AN_ACCOUNT,
    REFUSED_AN_ACCOUNT,
    SOURCES_A_PASSWORD,
    WAIT_SECONDS,
    Refusals,
    Verdict,
)


@pytest.fixture
def account() -> Refusals:
    return Refusals()


def attempt(account: Refusals, password: str, source: str) -> Verdict:
    """Judged, and under way where it may be asked."""
    verdict = account.judge(password, source).verdict
    if verdict in {Verdict.ASK, Verdict.EXEMPT}:
        account.hold(password + source, password, source, verdict is Verdict.EXEMPT)
    return verdict


def later(account: Refusals, seconds: float) -> Refusals:
    """The same, some seconds later and from its document."""
    return Refusals.load(orjson.loads(orjson.dumps(account.dump())), seconds)


def test_two_of_a_source_are_under_way_and_no_third(account: Refusals) -> None:
    verdicts = [attempt(account, f"word {number}", "here") for number in range(3)]
    assert verdicts == [Verdict.ASK, Verdict.ASK, Verdict.LATER]


def test_three_of_all_sources_are_under_way_and_no_fourth(account: Refusals) -> None:
    verdicts = [attempt(account, f"word {number}", f"source {number}") for number in range(4)]
    assert verdicts == [Verdict.ASK, Verdict.ASK, Verdict.ASK, Verdict.LATER]


def test_one_place_that_is_free_again_is_one(account: Refusals) -> None:
    for number in range(3):
        attempt(account, f"word {number}", f"source {number}")
    account.release("word 0source 0")
    assert attempt(account, "another", "another") is Verdict.ASK
    assert attempt(account, "a third", "a third") is Verdict.LATER


def test_a_turn_is_for_one_at_a_time(account: Refusals) -> None:
    for number in range(3):
        account.refuse("", f"word {number}", f"source {number}")
    account = later(account, WAIT_SECONDS)
    assert [attempt(account, "a", "source a"), attempt(account, "b", "source b")] == [Verdict.ASK, Verdict.LATER]


@pytest.mark.parametrize("accepted", [False, True])
def test_a_password_is_on_its_way_once(account: Refusals, accepted: bool) -> None:
    if accepted:
        account.accept("", "word", "here")
    assert attempt(account, "word", "here") is (Verdict.EXEMPT if accepted else Verdict.ASK)
    assert attempt(account, "word", "here") is Verdict.WAIT
    account.refuse("wordhere", "word", "here")
    assert attempt(account, "word", "here") is Verdict.REFUSED


def test_who_finds_no_place_is_not_told_which_password_is_on_its_way(account: Refusals) -> None:
    account.accept("", "word", "here")
    attempt(account, "word", "here")
    for number in range(3):
        account.refuse("", f"wrong {number}", f"stranger {number}")
    assert {attempt(account, word, "stranger 9") for word in ("word", "another")} == {Verdict.LATER}


def test_an_exempt_attempt_holds_no_place(account: Refusals) -> None:
    account.accept("", "word", "here")
    attempt(account, "word", "here")
    assert [attempt(account, f"w{number}", "here") for number in range(3)] == [Verdict.ASK, Verdict.ASK, Verdict.LATER]


def test_what_is_not_counted_needs_no_place_and_uses_none_up(account: Refusals) -> None:
    for number in range(10):
        verdict = account.judge(f"token {number}", "here", is_counted=False).verdict
        assert verdict is Verdict.ASK
        account.hold(f"{number}", f"token {number}", "here", is_exempt=False)
    for number in range(10):
        account.refuse(f"{number}", f"token {number}", "here", wait=None)
    assert account.judge("word", "here").verdict is Verdict.ASK
    assert account.judge("token 1", "here", is_counted=False).verdict is Verdict.REFUSED


def test_the_place_of_a_process_that_ended_is_free_after_a_time(account: Refusals) -> None:
    for number in range(2):
        attempt(account, f"word {number}", "here")
    assert attempt(later(account, LEASE_SECONDS - 1), "another", "here") is Verdict.LATER
    assert attempt(later(account, LEASE_SECONDS), "another", "here") is Verdict.ASK


def test_a_document_stays_small_whoever_asks(account: Refusals) -> None:
    for number in range(500):
        account.accept("", f"word {number % 40}", f"source {number}")
        account.refuse("", f"wrong {number}", f"source {number}")
    assert len(account.accepted) <= PASSWORDS_AN_ACCOUNT
    assert max(map(len, account.accepted.values())) <= SOURCES_A_PASSWORD
    assert len(account.refused) <= REFUSED_AN_ACCOUNT
    for number in range(100):
        account.accept("", "word", f"source {number}")
    assert len(account.accepted["word"]) <= SOURCES_A_PASSWORD


def test_a_document_of_whatever_came_is_some_kilobytes(account: Refusals) -> None:
    for number in range(500):
        account.accept("", f"{number:024}", f"{number:024}")
        account.accept("", f"{number // 20:024}", f"{number:024}")
        account.refuse("", f"wrong {number:018}", "here")
    assert len(orjson.dumps(account.dump())) < 8000


def test_a_source_that_was_forgiven_and_need_not_wait_is_forgotten(account: Refusals) -> None:
    for number in range(20):
        account.refuse("", f"word {number}", f"source {number}")
    account.accept("", "right", "here")
    assert later(later(account, 2 * WAIT_SECONDS), 0).sources == {}


def test_a_source_that_has_to_wait_has_to_though_its_places_were_given_back(account: Refusals) -> None:
    for number in range(2):
        account.refuse("", f"word {number}", "here")
    account.accept("", "right", "elsewhere")
    judgement = later(account, WAIT_SECONDS - 60).judge("another", "here")
    assert (judgement.verdict, judgement.seconds) == (Verdict.LATER, 60)
    assert later(account, WAIT_SECONDS).judge("another", "here").verdict is Verdict.ASK


def test_who_waits_for_attempts_under_way_alone_is_told_to_come_soon(account: Refusals) -> None:
    account.refuse("", "wrong", "here")
    attempt(account, "another", "here")
    judgement = account.judge("a third", "here")
    assert (judgement.verdict, judgement.seconds) == (Verdict.LATER, 0.0)


def test_an_attempt_beside_one_under_way_from_the_same_source_is_its_second(account: Refusals) -> None:
    attempt(account, "word", "here")
    beside, elsewhere = account.judge("another", "here"), account.judge("another", "elsewhere")
    assert (beside.is_extra, beside.is_second) == (True, True)
    assert (elsewhere.is_extra, elsewhere.is_second) == (True, False)


def test_the_newest_sources_of_a_password_are_exempt(account: Refusals) -> None:
    for number in range(SOURCES_A_PASSWORD):
        account.accept("", "word", f"source {number}")
    account.accept("", "word", f"source {SOURCES_A_PASSWORD - 1}")
    assert account.judge("word", "source 0").verdict is Verdict.EXEMPT
    account.accept("", "word", "source 0")
    account.accept("", "word", "a new one")
    assert account.judge("word", "source 0").verdict is Verdict.EXEMPT
    assert account.judge("word", "source 1").verdict is Verdict.ASK
