"""A WxM is asked no more than is needed, and soon enough: what is kept how long, what is asked once for all."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from experience.model.customer import Customer
from experience.model.period import Period
from experience.model.scope import Scope
from experience.wxm import answer_cache, questions
from experience.wxm.calls import WxmUnavailable
from experience.wxm.platform import Wxm
from foundation.http.client import HttpClient
from tests.support.answering import answer
from tests.support.scripted_wxm import Reply, ScriptedWxm, Seen, scripted_wxm
from tests.support.wxm_login import Login

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MONTH = Period(DAY - timedelta(days=29), DAY)
C_1 = Customer("customerId", "C-1")
ANN, SALES = Scope(None, "6001"), Scope(frozenset({"5001"}), None)
# A little longer than what WxM said is believed without asking again.
UNSEEN = 0.6


@pytest.fixture
def remote() -> Iterator[ScriptedWxm]:
    with scripted_wxm() as wxm:
        wxm.answers = [answer_of(day) for day in range(90)]
        yield wxm


@pytest.fixture
def wxm(remote: ScriptedWxm) -> Wxm:
    return Wxm(HttpClient(), remote.base, Login(), time_zone="UTC")


def answer_of(day: int) -> dict[str, Any]:
    """Ann's answer of C-1, so many days ago."""
    at = NOON - timedelta(days=day)
    return answer(at=at, nps=day % 11, id=f"a{day:03}", agent="6001", team="5001", customer="C-1")


def pulse(wxm: Wxm, scope: Scope = ANN) -> int:
    """As the board asks: the period with its days, then the one before."""
    now = wxm.figures(scope, MONTH, None, trend=True)
    wxm.figures(scope, MONTH.previous, None, trend=False)
    return now.total.responses


def calls_since(remote: ScriptedWxm) -> int:
    """How many calls came since this was asked last."""
    count = len(remote.seen)
    remote.seen.clear()
    return count


def test_a_first_pulse_takes_three_calls_and_the_next_ones_one(remote: ScriptedWxm, wxm: Wxm) -> None:
    assert pulse(wxm) == 30
    assert calls_since(remote) == 3
    for _ in range(3):
        time.sleep(UNSEEN)
        assert pulse(wxm) == 30
        assert calls_since(remote) == 1


def test_a_journey_takes_one_call_once_questions_are_known(remote: ScriptedWxm, wxm: Wxm) -> None:
    assert wxm.journey(C_1, 20, None).total == 90
    assert calls_since(remote) == 2
    first = wxm.journey(C_1, 20, None)
    wxm.journey(C_1, 20, first.next)
    assert calls_since(remote) == 0
    time.sleep(1.1)
    wxm.journey(C_1, 20, None)
    assert calls_since(remote) == 1


def test_the_same_question_of_many_gadgets_goes_up_once(remote: ScriptedWxm, wxm: Wxm) -> None:
    def slow(_: Seen) -> None:
        time.sleep(0.1)

    remote.script = slow
    with ThreadPoolExecutor(60) as pool:
        assert set(pool.map(lambda _: pulse(wxm), range(60))) == {30}
        assert {page.total for page in pool.map(lambda _: wxm.journey(C_1, 5, None), range(60))} == {90}
    assert calls_since(remote) == 4


@pytest.mark.parametrize("newest_last", [True, False])
def test_a_new_answer_is_counted_within_a_second(remote: ScriptedWxm, wxm: Wxm, newest_last: bool) -> None:
    remote.newest_last = newest_last
    assert pulse(wxm) == 30
    for new in range(1, 4):
        calls_since(remote)
        remote.answers.append(answer(at=NOON + timedelta(minutes=new), nps=9, agent="6001", id=f"new{new}"))
        time.sleep(UNSEEN)
        assert pulse(wxm) == 30 + new
    assert calls_since(remote) == 1


def test_an_answer_that_came_late_for_an_earlier_day_is_counted_too(remote: ScriptedWxm, wxm: Wxm) -> None:
    pulse(wxm)
    late = [answer(at=NOON - timedelta(days=20), nps=9, agent="6001", id=f"late{number:02}") for number in range(40)]
    remote.answers[5:5] = late
    time.sleep(UNSEEN)
    assert pulse(wxm) == 70


def test_an_answer_that_was_taken_away_counts_no_more(remote: ScriptedWxm, wxm: Wxm) -> None:
    pulse(wxm)
    del remote.answers[3]
    time.sleep(UNSEEN)
    assert pulse(wxm) == 29


def test_an_answer_that_was_changed_is_read_anew_in_time(
    remote: ScriptedWxm, monkeypatch: pytest.MonkeyPatch, wxm: Wxm
) -> None:
    monkeypatch.setattr(answer_cache, "REREAD_SECONDS", 0.2)
    assert wxm.figures(ANN, MONTH, None, trend=False).total.nps[0] == 3
    remote.answers[0] = answer(at=NOON, nps=10, agent="6001", id=remote.answers[0]["id"])
    time.sleep(UNSEEN)
    assert wxm.figures(ANN, MONTH, None, trend=False).total.nps[0] == 2


def test_a_longer_period_reads_only_what_is_missing(remote: ScriptedWxm, wxm: Wxm) -> None:
    pulse(wxm)
    calls_since(remote)
    assert wxm.figures(ANN, Period(DAY - timedelta(days=89), DAY), None, trend=False).total.responses == 90
    read = [seen.body for seen in remote.requests_to("page") if seen.path.endswith("/500")]
    assert len(read) == 1
    assert read[0]["beforedate"] == "2026-09-22T00:00:01Z"


def test_much_is_read_in_parts_that_are_kept_where_wxm_is_too_slow_for_the_rest(
    remote: ScriptedWxm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experience.wxm.figures.SLICE", 20)
    monkeypatch.setattr("experience.wxm.figures.SECONDS", 0.6)
    monkeypatch.setattr("experience.wxm.calls.FAILURE_PAUSE", 0.01)
    wxm = Wxm(HttpClient(), remote.base, Login(), time_zone="UTC")

    def slow(_: Seen) -> None:
        time.sleep(0.12)

    remote.script = slow
    tries = 0
    while tries < 10:
        tries += 1
        try:
            figures = wxm.figures(SALES, Period(DAY - timedelta(days=89), DAY), None, trend=False)
            break
        except WxmUnavailable:
            time.sleep(0.02)
    assert figures.total.responses == 90
    assert 1 < tries < 10


def test_questions_are_asked_for_once_an_hour(remote: ScriptedWxm, wxm: Wxm, monkeypatch: pytest.MonkeyPatch) -> None:
    for scope in (ANN, SALES, Scope(None, "6002")):
        pulse(wxm, scope)
    assert len(remote.requests_to("Questions")) == 1
    monkeypatch.setattr(questions, "FRESH_SECONDS", 0.0)
    again = Wxm(HttpClient(), remote.base, Login(), time_zone="UTC")
    pulse(again)
    time.sleep(UNSEEN)
    pulse(again)
    assert len(remote.requests_to("Questions")) > 2


def test_old_questions_serve_on_while_wxm_tells_no_new_ones(
    remote: ScriptedWxm, monkeypatch: pytest.MonkeyPatch, wxm: Wxm
) -> None:
    monkeypatch.setattr(questions, "FRESH_SECONDS", 0.1)
    pulse(wxm)
    remote.script = lambda seen: Reply(500) if "Questions" in seen.path else None
    time.sleep(UNSEEN)
    assert pulse(wxm) == 30


def test_a_tag_that_is_not_known_yet_is_fetched_at_once(remote: ScriptedWxm, wxm: Wxm) -> None:
    known = remote.questions
    remote.questions = [question for question in known if "cc_AgentId" not in question["questionTags"]]
    assert pulse(wxm, SALES) == 30
    remote.questions = known
    assert pulse(wxm, ANN) == 30
    assert len(remote.requests_to("Questions")) >= 2


def test_a_question_that_is_asked_no_more_still_counts(remote: ScriptedWxm, wxm: Wxm) -> None:
    remote.questions = [{**question, "isRetired": "NPS" in question["questionTags"]} for question in remote.questions]
    assert sum(wxm.figures(ANN, MONTH, None, trend=True).total.nps.values()) == 30
    assert [seen.path for seen in remote.requests_to("Questions")] == ["/api/Questions/Active", "/api/Questions"]


def test_a_question_that_nobody_knows_is_asked_for_once_a_minute(remote: ScriptedWxm, wxm: Wxm) -> None:
    strange = {"questionId": "gone", "questionText": "", "textInput": "x", "numberInput": 0}
    for document in remote.answers:
        document["responses"].append(strange)
    for scope in (ANN, SALES):
        assert pulse(wxm, scope) == 30
    assert wxm.journey(C_1, 5, None).total == 90
    assert len(remote.requests_to("Questions")) == 2


def test_one_tag_on_two_questions_finds_the_answers_of_both_once(remote: ScriptedWxm, wxm: Wxm) -> None:
    twin = next(dict(question) for question in remote.questions if "cc_AgentId" in question["questionTags"])
    remote.questions.append({**twin, "id": "twin", "sequence": 95})
    for document in remote.answers[:10]:
        document["responses"].append({"questionId": "twin", "questionText": "", "textInput": "6001", "numberInput": 0})
    chat: dict[str, Any] = answer(at=NOON, nps=10, customer="C-1", id="chat")
    chat["responses"].append({"questionId": "twin", "questionText": "", "textInput": "6001", "numberInput": 0})
    remote.answers.append(chat)
    assert pulse(wxm) == 31


def test_a_supervisor_of_many_teams_is_asked_for_in_parts(remote: ScriptedWxm, wxm: Wxm) -> None:
    teams = frozenset(str(team) for team in range(5000, 5250))
    assert pulse(wxm, Scope(teams, None)) == 30
    assert all(len(seen.body["filterquestions"][0]["answerCheck"]) <= 100 for seen in remote.requests_to("page"))
