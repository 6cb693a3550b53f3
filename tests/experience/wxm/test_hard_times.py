"""A WxM that refuses, asks for a pause, hangs, lies or breaks off costs its own answers only: soon, and in words."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from experience.model.customer import Customer
from experience.model.period import Period
from experience.model.scope import Scope
from experience.wxm import calls, figures, journeys
from experience.wxm.calls import WxmUnavailable
from experience.wxm.platform import Wxm
from foundation.http.client import HttpClient
from tests.support.answering import answer
from tests.support.scripted_wxm import Reply, ScriptedWxm, Seen, scripted_wxm
from tests.support.wxm_login import Login, Token

TODAY = Period(date(2026, 11, 20), date(2026, 11, 20))
C_1 = Customer("customerId", "C-1")
ANN = Scope(None, "6001")
SECRETS = ("very secret token", "C-1", "6001", "+886912344455")


@pytest.fixture
def remote() -> Iterator[ScriptedWxm]:
    """Two answers of Ann's, of one customer."""
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    with scripted_wxm() as wxm:
        wxm.answers = [answer(at=noon, nps=nps, agent="6001", team="5001", customer="C-1") for nps in (9, 3)]
        yield wxm


def source(remote: ScriptedWxm, login: Login | None = None) -> Wxm:
    login = login or Login()
    return Wxm(HttpClient(), remote.base, login, time_zone="UTC")


def responses(wxm: Wxm, scope: Scope = ANN) -> int:
    return wxm.figures(scope, TODAY, None, trend=True).total.responses


def test_a_refused_token_is_told_and_the_call_made_once_more(remote: ScriptedWxm) -> None:
    login = Login([Token("old"), Token("good")])
    assert responses(source(remote, login)) == 2
    assert login.turned_down == [Token("old")]
    assert [seen.token for seen in remote.seen][:2] == ["old", "good"]
    assert remote.requests_to()[0].path == remote.requests_to()[1].path


def test_two_refused_tokens_are_enough(remote: ScriptedWxm) -> None:
    login = Login([Token("old"), Token("older"), Token("good")])
    with pytest.raises(WxmUnavailable) as raised:
        source(remote, login).journey(C_1, 20, None)
    assert raised.value.status == 502
    assert len(remote.seen) == 2


def test_a_pause_that_wxm_asks_for_is_kept(remote: ScriptedWxm) -> None:
    busy = [Reply(429, {"error": "x"}, (("Retry-After", "1"),))]
    remote.script = lambda _: busy.pop() if busy else None
    began = time.monotonic()
    assert responses(source(remote)) == 2
    assert 0.9 < time.monotonic() - began < 5


def test_a_pause_longer_than_anyone_waits_is_told_at_once_and_nobody_asks_meanwhile(remote: ScriptedWxm) -> None:
    remote.script = lambda _: Reply(429, {"error": "x"}, (("Retry-After", "60"),))
    wxm = source(remote)
    for scope in (ANN, Scope(None, "6002"), Scope(frozenset({"5001"}), None)):
        with pytest.raises(WxmUnavailable) as raised:
            responses(wxm, scope)
        assert (raised.value.status, raised.value.code) == (503, "wxm_unavailable")
        assert 50 < (raised.value.retry_after or 0) <= 60
    assert len(remote.seen) == 1


def test_without_a_word_about_the_pause_the_second_one_is_longer_than_the_first(remote: ScriptedWxm) -> None:
    remote.script = lambda _: Reply(429)
    with pytest.raises(WxmUnavailable) as raised:
        responses(source(remote))
    assert len(remote.seen) == 2
    assert 10 < (raised.value.retry_after or 0) <= 15


JUNK: dict[str, tuple[Reply, int]] = {
    "no JSON": (Reply(200, b"<html>"), 502),
    "another shape": (Reply(200, "text"), 502),
    "deeply nested": (Reply(200, b"[" * 100_000), 502),
    "a number": (Reply(200, b"1e400"), 502),
    "server error": (Reply(500, {"error": "x"}), 502),
    "redirect": (Reply(302, b"", (("Location", "http://127.0.0.1:1/"),)), 502),
    "forbidden": (Reply(403, {}), 502),
    "half a body": (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"), 504),
    "nothing": (Reply(raw=b""), 504),
    "not HTTP": (Reply(raw=b"\x00\xff\r\n\r\n"), 504),
    "too large": (Reply(200, b" " * (5 << 20)), 502),
}


@pytest.mark.parametrize("what", ["Questions", "Answers"])
@pytest.mark.parametrize("kind", JUNK)
def test_what_makes_no_sense_is_an_error_of_wxm(
    remote: ScriptedWxm, kind: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "FAILURE_PAUSE", 0.05)
    reply, status = JUNK[kind]
    remote.script = lambda seen: reply if what in seen.path else None
    wxm = source(remote)
    reads: list[Callable[[], object]] = [
        lambda: responses(wxm),
        lambda: wxm.journey(C_1, 20, None),
    ]
    for ask in reads:
        with pytest.raises(WxmUnavailable) as raised:
            ask()
        assert raised.value.status == status
        assert raised.value.code == "wxm_unavailable"
    remote.script = lambda _: None
    time.sleep(0.1)
    assert responses(wxm) == 2


PAGES: dict[str, Any] = {
    "no list": {"totalCount": 1, "responses": {}},
    "no total": {"responses": []},
    "a total that is no number": {"totalCount": "2", "responses": []},
    "a total below zero": {"totalCount": -1, "responses": []},
    "a total beyond all reason": {"totalCount": 10**12, "responses": []},
    "fewer answers than it says": {"totalCount": 3, "responses": []},
    "answers that are none": {"totalCount": 1, "responses": [None]},
    "answers without an id": {"totalCount": 1, "responses": [{"responses": []}]},
}


@pytest.mark.parametrize("kind", PAGES)
def test_pages_that_do_not_add_up_are_no_figures(remote: ScriptedWxm, kind: str) -> None:
    remote.script = lambda seen: Reply(200, PAGES[kind]) if "page" in seen.path else None
    for ask in (
        lambda: responses(source(remote)),
        lambda: source(remote).journey(C_1, 20, None),
    ):
        with pytest.raises(WxmUnavailable):
            ask()
    assert len(remote.requests_to("page")) < 10


@pytest.mark.parametrize(
    "fields",
    [
        {"responses": [{"questionId": 5}]},
        {"responseDateTime": "yesterday"},
        {"locationId": None},
        {"responses": [{"questionId": "64b000000000000000000004", "textInput": "x" * 70_000}]},
        {"notes": [[[[[[[[[[{}]]]]]]]]]] * 10_000},
        {"responses": [{"questionId": "64b000000000000000000001", "numberInput": 77}]},
    ],
)
def test_an_answer_that_cannot_be_read_is_left_out_alone(remote: ScriptedWxm, fields: dict[str, Any]) -> None:
    remote.answers.append({**remote.answers[0], "id": "odd", **fields})
    everything = {"totalCount": 3, "responses": remote.answers}
    remote.script = lambda seen: Reply(200, everything) if "page" in seen.path else None
    wxm = source(remote)
    assert responses(wxm) == 2
    assert wxm.journey(C_1, 20, None).total == 2


def test_answers_of_others_never_cross_a_scope_whatever_wxm_filters(remote: ScriptedWxm) -> None:
    others = [answer(agent="6002", team="5002", customer="C-2", nps=1) for _ in range(5)]
    everything = {"totalCount": 7, "responses": remote.answers + others}
    remote.script = lambda seen: Reply(200, everything) if "page" in seen.path else None
    wxm = source(remote)
    assert responses(wxm) == 2
    assert responses(wxm, Scope(frozenset({"5001"}), None)) == 2
    assert responses(wxm, Scope(frozenset({"5001"}), "6002")) == 0
    assert wxm.journey(C_1, 20, None).total == 2
    assert wxm.journey(Customer("customerId", "C-9"), 20, None).total == 0


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(remote: ScriptedWxm) -> None:
    def script(seen: Seen) -> Reply | None:
        rows = int(seen.path.rpartition("/")[2]) if "page" in seen.path else 0
        return Reply(200, b" " * (5 << 20)) if rows > 50 else None

    remote.script = script
    assert responses(source(remote)) == 2


def test_silence_is_told_in_time_to_all_who_wait(remote: ScriptedWxm, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((calls, "CALL_SECONDS"), (figures, "SECONDS"), (journeys, "SECONDS")):
        monkeypatch.setattr(module, name, 0.5)
    remote.script = lambda _: time.sleep(6)
    wxm = source(remote)
    began = time.monotonic()
    with ThreadPoolExecutor(40) as pool:
        failures = list(pool.map(lambda _: failure(wxm), range(40)))
    assert time.monotonic() - began < 5
    assert {(error.status, error.code) for error in failures} == {(504, "wxm_unavailable")}
    assert len(remote.seen) == 1


def test_behind_a_try_of_what_failed_before_nobody_waits(remote: ScriptedWxm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FAILURE_PAUSE", 0.0)
    remote.script = lambda _: Reply(500)
    wxm = source(remote)
    failure(wxm)
    remote.script = lambda _: time.sleep(2.5)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(responses, wxm)
        time.sleep(0.5)
        began = time.monotonic()
        assert {error.status for error in pool.map(lambda _: failure(wxm), range(8))} == {502}
        assert time.monotonic() - began < 1.8
        assert first.result() == 2
    assert responses(wxm) == 2


def failure(wxm: Wxm) -> WxmUnavailable:
    with pytest.raises(WxmUnavailable) as raised:
        responses(wxm)
    return raised.value


def test_a_port_that_nobody_listens_on_is_told_at_once() -> None:
    wxm = Wxm(HttpClient(), "http://127.0.0.1:1", Login(), time_zone="UTC")
    began = time.monotonic()
    assert failure(wxm).status == 502
    assert time.monotonic() - began < 3


def on_pages(reply: Reply, seen: Seen) -> Reply | None:
    return reply if "page" in seen.path else None


def test_nothing_of_a_person_a_token_or_a_body_is_in_an_error(remote: ScriptedWxm) -> None:
    wxm = source(remote, Login([Token(SECRETS[0])]))
    remote.tokens.add(SECRETS[0])
    for reply, _ in JUNK.values():
        remote.script = partial(on_pages, reply)
        for customer in (C_1, Customer("mobile", "+886912344455")):
            with pytest.raises(WxmUnavailable) as raised:
                wxm.journey(customer, 20, None)
            assert not any(secret in raised.value.detail for secret in SECRETS)
        assert not any(secret in seen.path for seen in remote.seen for secret in SECRETS)
