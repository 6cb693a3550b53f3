"""A customer's journey: newest first, whole, nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experience.model.customer import Customer, Key
from experience.model.customer_summary import NOBODY, MetricSummary
from experience.model.errors import BadCursor
from experience.platform import Platform
from experience.privacy import pii
from experience.questionnaires import catalogue
from tests.experience.samples import answer, response
from tests.support.databases import empty

CUSTOMER = Customer("customerId", "C-1")
MOBILE = Customer("mobile", "+886912345678")


def test_newest_first_with_what_was_said(platform: Platform) -> None:
    platform.take(
        [
            answer("a1", "2026-11-01T00:00:00Z", nps=9, csat=5, ces=7, customer="C-1", agent="6001", team="5001"),
            answer("a2", "2026-11-02T00:00:00Z", nps=3, csat=2, comment="三次了\n<b>", customer="C-1"),
            answer("a3", "2026-11-03T00:00:00Z", nps=0, customer="C-2"),
        ]
    )
    journey = platform.journey(CUSTOMER)
    assert [shown_answer.id for shown_answer in journey.answers] == ["a2", "a1"]
    assert (journey.shared_by, journey.total, journey.next) == (None, 2, None)
    assert (journey.first, journey.last) == (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
    assert journey.summary == {
        "nps": MetricSummary(3, 6.0),
        "csat": MetricSummary(2, 3.5),
        "ces": MetricSummary(7, 7.0),
    }
    newest, oldest = journey.answers
    assert (newest.scores, newest.band, newest.comment) == ({"nps": 3, "csat": 2}, "detractor", "三次了\n<b>")
    assert (oldest.band, oldest.agent_id, oldest.team_id, oldest.channel) == ("promoter", "6001", "5001", "sms")
    assert newest.answers[0] == {
        "question": "How likely are you to recommend us?", "kind": "scale", "value": 3, "of": [0, 10], "metric": "nps",
    }  # fmt: skip
    assert (newest.answers[-1]["kind"], newest.answers[-1]["comment"]) == ("text", True)
    assert (newest.scales, oldest.scales["ces"]) == ({"nps": (0, 10), "csat": (1, 5)}, (1, 7))


def test_prefills_and_unknown_questions_are_never_shown(platform: Platform) -> None:
    document = answer("a1", nps=3, customer="C-1", agent="6001", team="5001", mobile="0912345678", email="a@b.com")
    document["responses"].append(response("eeee", "perhaps a prefill", 0))
    platform.take([document])
    (shown,) = platform.journey(CUSTOMER).answers
    assert [response["value"] for response in shown.answers] == [3]


def test_what_wxm_hides_from_readers_no_agent_is_shown(platform: Platform) -> None:
    questions = [
        {
            "id": f"f00{number}",
            "displayType": "MultilineText",
            "questionTags": ["Comments"],
            "restrictedData": not number,
        }
        for number in range(2)
    ]
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, questions)
    document = answer("a1", customer="C-1")
    document["responses"] += [response("f000", "for the audit alone", 0), response("f001", "for all", 0)]
    platform.take([document])
    (shown,) = platform.journey(CUSTOMER).answers
    assert ([response["value"] for response in shown.answers], shown.comment) == (["for all"], "for all")


def test_an_address_that_a_customer_typed_is_masked(platform: Platform) -> None:
    typed = {"id": "dddd", "text": "Your address?", "displayType": "Text", "questionTags": ["Email"]}
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, [typed])
    document = answer("a1", customer="C-1")
    document["responses"].append(response("dddd", "Ann@Example.com", 0))
    platform.take([document])
    (shown,) = platform.journey(Customer("email", "ann@example.com")).answers
    assert shown.answers == [{"question": "Your address?", "kind": "text", "value": "a…@example.com"}]


def test_a_customer_who_never_answered_has_an_empty_journey(platform: Platform) -> None:
    journey = platform.journey(CUSTOMER)
    assert (journey.total, journey.answers, journey.summary, journey.first) == (0, [], NOBODY.metrics, None)


def test_the_last_value_is_the_newest_there_is_beyond_the_page(platform: Platform) -> None:
    platform.take([answer("a0", "2026-10-01T00:00:00Z", nps=8, csat=4, customer="C-1")])
    platform.take([answer(f"b{n}", f"2026-11-0{n + 1}T00:00:00Z", csat=2, customer="C-1") for n in range(5)])
    for before in (None, platform.journey(CUSTOMER, 2).next):
        journey = platform.journey(CUSTOMER, 2, before)
        assert (journey.summary["nps"], journey.summary["csat"]) == (MetricSummary(8, 8.0), MetricSummary(2, 2.3))
        assert journey.summary["ces"] == MetricSummary(None, None)


def test_the_mean_of_ces_is_of_the_scale_with_more_answers(platform: Platform) -> None:
    short = {"id": "c5c5", "displayType": "Scale", "multiSelect": ["1-5"], "questionTags": ["CES"]}
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, [short])
    platform.take([answer(f"a{n}", "2026-11-01T00:00:00Z", ces=7, customer="C-1") for n in range(2)])
    chat = answer("b1", "2026-11-02T00:00:00Z", customer="C-1")
    chat["responses"].append(response("c5c5", None, 1))
    platform.take([chat])
    assert platform.journey(CUSTOMER).summary["ces"] == MetricSummary(1, 7.0)


def test_a_mobile_of_several_customers_shows_no_answers(platform: Platform) -> None:
    platform.take([answer("a1", nps=3, customer="C-1", mobile="0912345678")])
    platform.take([answer("a2", nps=3, mobile="0912345678")])
    assert platform.journey(MOBILE).total == 2
    platform.take([answer("a3", nps=3, customer="C-2", mobile="886912345678")])
    journey = platform.journey(MOBILE)
    assert (journey.shared_by, journey.total, journey.answers, journey.summary) == (2, 0, [], NOBODY.metrics)
    assert platform.journey(CUSTOMER).total == 1


@pytest.mark.parametrize("algorithm", pii.ALGORITHMS)
def test_hashed_customers_are_found(platform: Platform, algorithm: str) -> None:
    pairs = {"mobile": "+886912345678", "email": "ann@example.com"}
    platform.take([answer("a1", **{name: pii.hashed(value, algorithm) for name, value in pairs.items()})])
    for name, value in pairs.items():
        assert platform.journey(Customer(cast(Key, name), value)).total == 1


def test_a_number_hashed_without_its_plus_is_found(platform: Platform) -> None:
    platform.take([answer("a1", mobile=pii.hashed("886912345678"))])
    assert platform.journey(MOBILE).total == 1


def test_a_customer_id_is_no_mobile(platform: Platform) -> None:
    platform.take([answer("a1", customer="886912345678")])
    assert platform.journey(MOBILE).total == 0
    assert platform.journey(Customer("customerId", "+886912345678")).total == 0
    assert platform.journey(Customer("customerId", "886912345678")).total == 1


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(1, 9), min_size=1, max_size=15), limit=st.integers(1, 4))
def test_pages_are_whole_and_stable_while_answers_land(platform: Platform, days: list[int], limit: int) -> None:
    empty(platform.database)
    platform = Platform(platform.database)
    documents = [answer(f"a{n:02}", f"2026-11-0{day}T00:00:00Z", customer="C-1") for n, day in enumerate(days)]
    platform.take(documents)
    expected = [
        document["id"]
        for document in sorted(documents, key=lambda document: (document["responseDateTime"], document["id"]))
    ][::-1]
    seen: list[str] = []
    before, page = None, 0
    while True:
        journey = platform.journey(CUSTOMER, limit, before)
        seen += [shown_answer.id for shown_answer in journey.answers]
        platform.take([answer(f"new{page}", "2026-11-20T00:00:00Z", customer="C-1")])
        before, page = journey.next, page + 1
        if before is None:
            break
        assert set(before) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert seen == expected


@pytest.mark.parametrize("cursor", ["", "x", "!!", "AAAA", "MTox", "ÿ", "MTIz", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTp4"])
def test_a_strange_cursor_is_refused_or_finds_nothing(platform: Platform, cursor: str) -> None:
    platform.take([answer("a1", customer="C-1")])
    try:
        assert platform.journey(CUSTOMER, 5, cursor).answers == []
    except BadCursor as refused:
        assert "cursor" in refused.title


@pytest.mark.parametrize(("kind", "value"), [("customerId", ""), ("name", "Ann")])
def test_a_customer_without_key_or_value_is_refused(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match="customerId, mobile or email"):
        Customer(cast(Key, kind), value)


def test_of_several_texts_the_tagged_one_is_the_comment(platform: Platform) -> None:
    earlier = {"id": "cccc", "sequence": 1, "text": "Other?", "displayType": "MultilineText"}
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, [earlier])
    both = answer("a1", "2026-11-02T00:00:00Z", comment="tagged", customer="C-1")
    both["responses"].append(response("cccc", "first of several lines", 0))
    blank = answer("a2", "2026-11-01T00:00:00Z", comment=" ", customer="C-1")
    blank["responses"].append(response("cccc", "first of several lines", 0))
    platform.take([both, blank])
    assert [shown_answer.comment for shown_answer in platform.journey(CUSTOMER).answers] == [
        "tagged",
        "first of several lines",
    ]
