"""The year of answers: two teams that live, and one customer with a story."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lab.people.answers import QUESTIONS, year_of_answers
from lab.people.customers import HOUSEHOLD, by_id, customers

NOW = datetime(2026, 11, 20, 16, 4, tzinfo=UTC)
TODAY = NOW.date()
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def year() -> list[Answer]:
    return list(year_of_answers(NOW))


def value(answer: Answer, name: str) -> Any:
    for response in answer["responses"]:
        if response["questionId"] == QUESTIONS[name][0]:
            return response["textInput"] if response["textInput"] is not None else response["numberInput"]
    return None


def nps(answers: list[Answer]) -> float:
    scores = [value(answer, "nps") for answer in answers if value(answer, "nps") is not None]
    return float(100 * (sum(v >= 9 for v in scores) - sum(v <= 6 for v in scores)) / len(scores))


def since(year: list[Answer], days: int) -> list[Answer]:
    first = str(TODAY - timedelta(days=days - 1))
    return [answer for answer in year if answer["responseDateTime"] >= first]


def test_a_year_holds_eight_to_twelve_thousand_answers_of_365_days(year: list[Answer]) -> None:
    assert 8_000 <= len(year) <= 12_000
    days = {answer["responseDateTime"][:10] for answer in year}
    assert (min(days), max(days)) == ("2025-11-21", "2026-11-20")
    assert len(days) > 360


def test_equal_arguments_give_equal_answers_in_order_of_time(year: list[Answer]) -> None:
    assert list(year_of_answers(NOW)) == year
    assert len({answer["id"] for answer in year}) == len(year)
    times = [answer["responseDateTime"] for answer in year]
    assert times == sorted(times)
    assert next(iter(year_of_answers(NOW, "other")))["id"] != year[0]["id"]


def test_answers_of_today_reach_from_its_morning_to_minutes_ago(year: list[Answer]) -> None:
    times = [answer["responseDateTime"] for answer in since(year, 1)]
    assert len(times) > 5
    assert min(times) < "2026-11-20T04"
    assert "2026-11-20T15:54" <= max(times) <= "2026-11-20T16:02:00Z"


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("UTC", 0), ("UTC", 23), ("Asia/Taipei", 7), ("Pacific/Auckland", 0), ("America/Los_Angeles", 20)],
)
def test_no_answer_is_still_to_come_and_the_newest_is_minutes_old_wherever_today_is(zone: str, hour: int) -> None:
    now = datetime(2026, 11, 20, hour, 5, tzinfo=ZoneInfo(zone))
    newest = max(datetime.fromisoformat(answer["responseDateTime"]) for answer in year_of_answers(now))
    assert timedelta(minutes=2) <= now - newest <= timedelta(minutes=11)


def test_all_twelve_agents_answer_and_one_has_too_few_to_rank(year: list[Answer]) -> None:
    month = Counter(value(answer, "cc_AgentId") for answer in since(year, 30))
    assert set(month) == {str(6000 + number) for number in range(1, 13)}
    assert month.pop("6009") < 5
    assert min(month.values()) > 25


def test_the_teams_differ_and_so_do_their_agents(year: list[Answer]) -> None:
    teams = {team: nps([a for a in year if value(a, "cc_TeamId") == team]) for team in ("5001", "5002")}
    assert teams["5001"] > teams["5002"] + 8
    agents = {agent: nps([a for a in year if value(a, "cc_AgentId") == agent]) for agent in ("6001", "6007")}
    assert agents["6001"] > agents["6007"] + 20


def test_one_agent_answered_for_both_teams(year: list[Answer]) -> None:
    pairs = {(value(answer, "cc_AgentId"), value(answer, "cc_TeamId")) for answer in year}
    assert len(pairs) == 13
    assert {("6005", "5001"), ("6005", "5002")} <= pairs


def test_values_stay_on_their_scales_and_some_are_missing(year: list[Answer]) -> None:
    for name, low, high in (("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7)):
        values = {value(answer, name) for answer in year}
        assert None in values
        assert {v for v in values if v is not None} <= set(range(low, high + 1))
    comments = [value(answer, "comment") for answer in year]
    assert comments.count(None) > len(year) / 3
    assert any(comment and not comment.isascii() and "客服" in comment for comment in comments)


def test_the_drawn_customer_has_seven_answers_and_the_last_one_is_unhappy(year: list[Answer]) -> None:
    story = [answer for answer in year if value(answer, "cc_CustomerId") == "C-10042"]
    assert len(story) == 7
    last = story[-1]
    assert last["responseDateTime"][:10] == "2026-11-08"
    assert last["surveyClient"] == "sms"
    assert (value(last, "nps"), value(last, "csat"), value(last, "ces")) == (3, 2, 4)
    assert value(last, "comment") == "I had to explain everything three times, and nobody called back as promised."
    assert round(sum(value(answer, "nps") for answer in story) / 7, 1) == 7.1


def test_six_hundred_customers_have_one_number_each_but_for_one_household() -> None:
    assert len(customers()) == 600
    assert len({customer.mobile for customer in customers()}) == 599
    assert by_id()[HOUSEHOLD[0]].mobile == by_id()[HOUSEHOLD[1]].mobile
    assert len({customer.email for customer in customers()}) == 600
