"""Taking answers in: checked, mapped, hashed, counted once."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, update

from experience.answers.schema import answers
from experience.meta import meta
from experience.model.customer import Customer
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from experience.privacy import pii
from experience.questionnaires import catalogue
from foundation.db.database import Database
from tests.experience.samples import CES, COMMENT, CSAT, NPS, PERSON, answer, everything, response, row_of


def test_an_answer_is_kept_with_its_person_and_scores(platform: Platform) -> None:
    document = answer(
        "a1", nps=3, csat=2, ces=6, customer="C-1", agent="6001", team="5001", mobile="0912 345 678", email="A@B.com"
    )
    assert platform.take([document]).added == 1
    row = row_of(platform.database, "a1")
    assert (row.nps, row.csat, row.ces, row.ces_low, row.ces_high) == (3, 2, 6, 1, 7)
    assert (row.customer_id, row.agent_id, row.team_id) == ("C-1", "6001", "5001")
    assert (row.mobile, row.email, row.channel) == ("+886912345678", "a@b.com", "sms")
    assert row.day == 20261108


def test_a_known_answer_changes_nothing(platform: Platform) -> None:
    platform.take([answer("a1", nps=3, team="5001")])
    before = everything(platform.database)
    taken = platform.take([answer("a1", nps=9, team="5002"), answer("a1", nps=9)])
    assert (taken.added, taken.known) == (0, 2)
    assert everything(platform.database) == before


def test_of_two_with_one_id_in_one_batch_the_first_counts(platform: Platform) -> None:
    taken = platform.take([answer("a1", nps=3), answer("a1", nps=9)])
    assert (taken.added, taken.known) == (1, 1)
    assert row_of(platform.database, "a1").nps == 3


def test_the_document_is_kept_whole(platform: Platform) -> None:
    text = 'Nobody called back, "as promised" <again>; 三次了\n\t\\ 🙂 \u0000 end '
    document = answer("a1", nps=3, comment=text, notes=[{"note": "x", "deep": {"a": [1.0, None]}}], future=True)
    platform.take([document])
    assert orjson.loads(row_of(platform.database, "a1").document) == document


def test_questions_nobody_described_are_kept_and_not_scored(platform: Platform) -> None:
    document = answer("a1")
    document["responses"].append(response("ffff", "text", 9))
    assert platform.take([document]).added == 1
    assert orjson.loads(row_of(platform.database, "a1").document) == document


def test_an_unknown_questionnaire_is_made_by_name(platform: Platform) -> None:
    platform.take([answer("a1", locationId="Branch survey", nps=5)])
    with platform.database.read() as connection:
        assert "Branch survey" in catalogue.load(connection).questionnaires


@pytest.mark.parametrize("number", [None, 0])
def test_a_response_without_a_number_is_unanswered(platform: Platform, number: int | None) -> None:
    document = answer("a1")
    document["responses"] = [response(CES, "" if number is None else "a text question once", number)]
    assert platform.take([document]).added == 1
    assert row_of(platform.database, "a1").ces is None


BAD: list[tuple[Any, str]] = [
    (None, "not an object"),
    (3, "not an object"),
    (answer(""), "id"),
    (answer("a\0b"), "id"),
    ({**answer("x"), "id": 7}, "id"),
    (answer("x", locationId=None), "locationId"),
    (answer("x", at="yesterday"), "responseDateTime"),
    (answer("x", at="2026-11-08"), "responseDateTime"),
    (answer("x", at="2026-13-08T00:00:00Z"), "responseDateTime"),
    (answer("x", at="0001-01-01T00:00:00+14:00"), "responseDateTime"),
    (answer("x", at="9999-12-31T23:00:00Z"), "responseDateTime"),
    ({**answer("x"), "responseDateTime": 1762571564}, "responseDateTime"),
    (answer("x", responses=None), "responses"),
    (answer("x", responses=[1]), "questionId"),
    (answer("x", responses=[{"questionId": "ffff", "textInput": 5}]), "textInput"),
    (answer("x", nps=True), "not a number"),
    (answer("x", nps="3"), "not a number"),
    (answer("x", nps=float("nan")), "not a number"),
    (answer("x", nps=float("inf")), "not a number"),
    (answer("x", nps=7.5), "whole"),
    (answer("x", nps=11), "0 to 10"),
    (answer("x", nps=-1), "0 to 10"),
    (answer("x", csat=0), "1 to 5"),
    (answer("x", ces=8), "1 to 7"),
    (answer("x", nps=10**30), "0 to 10"),
    (answer("x", comment="\ud800"), "JSON"),
    (answer("x", big=10**30), "JSON"),
    (answer("x", customer="C" * 500), "customer_id"),
    (answer("x", agent="60\0"), "agent_id"),
    (answer("x", nps=1.8446744073709552e19), "send it as textInput"),
    (answer("x", nps=1e16), "send it as textInput"),
    (answer("x", ticket={"number": [1.8446744073709552e19]}), "send it as text"),
    (answer("x", ticket=9007199254740992.0), "send it as text"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD)
def test_a_bad_answer_is_named_and_the_rest_goes_in(sqlite_platform: Platform, bad: Any, reason: str) -> None:
    taken = sqlite_platform.take([answer("a1"), bad, answer("a2")])
    assert taken.added == 2
    (fault,) = taken.faults
    assert fault.index == 1
    assert reason in fault.reason


def test_a_fault_shows_nothing_personal(sqlite_platform: Platform) -> None:
    document = answer(
        "x", nps=11, customer="C-77", mobile="+886912345678", email="ann@example.com", comment="my secret"
    )
    (fault,) = sqlite_platform.take([document]).faults
    assert not any(word in fault.reason for word in ("C-77", "886", "ann@", "secret"))


@pytest.mark.parametrize("nobody", ["null", "undefined", "0", "N/A", "-", " None "])
def test_a_customer_id_that_stands_for_no_customer_is_none(platform: Platform, nobody: str) -> None:
    """Case 05: two customers whose id a script did not know are not one customer."""
    platform.take([answer("a1", nps=9, customer=nobody, mobile="0911000001", comment="Ann's")])
    platform.take([answer("a2", nps=9, customer=nobody, mobile="0911000002", comment="Bob's")])
    assert (row_of(platform.database, "a1").customer_id, row_of(platform.database, "a2").customer_id) == (None, None)
    journey = platform.journey(Customer("mobile", "+886911000002"))
    assert ([shown.comment for shown in journey.answers], journey.shared_by) == (["Bob's"], None)


def test_pasted_facts_belong_to_the_customer_and_to_the_agent(platform: Platform) -> None:
    """Case 06: direction marks, other dashes, and a number in a question for numbers."""
    with platform.database.write() as connection:
        kept = {document["id"]: document for document in catalogue.documents(connection)}
        numbers = {**kept[PERSON["mobile"]], "id": "mobile-number", "displayType": "Number"}
        catalogue.keep(platform.database, connection, [numbers])
    pasted = "\u202a+886\u2011912\u2011344\u2011455\u202c"
    platform.take([answer("a1", mobile=pasted, customer="\u200eC-1", agent="\ufeff6001", email="\u200bA@example.com")])
    numbered = answer("a2")
    numbered["responses"].append(response("mobile-number", None, 912344455.0))
    platform.take([numbered])
    row = row_of(platform.database, "a1")
    assert (row.mobile, row.customer_id, row.agent_id, row.email) == ("+886912344455", "C-1", "6001", "a@example.com")
    assert len(platform.journey(Customer("mobile", "+886912344455")).answers) == 2


def test_two_spellings_of_one_customer_id_are_one_customer(platform: Platform) -> None:
    platform.take([answer("a1", customer="Zo\u00eb-7"), answer("a2", customer="Zoe\u0308-7")])
    assert len(platform.journey(Customer("customerId", "Zo\u00eb-7")).answers) == 2


@pytest.mark.parametrize("number", [10042, 10042.0, 2**63 - 1, 9007199254740993])
def test_a_customer_id_that_is_a_number_keeps_every_digit(platform: Platform, number: float) -> None:
    with platform.database.write() as connection:
        kept = {document["id"]: document for document in catalogue.documents(connection)}
        question = {**kept[PERSON["customer"]], "displayType": "Number"}
        catalogue.keep(platform.database, connection, [question])
    given = answer("a1")
    given["responses"].append(response(question["id"], None, number))
    assert platform.take([given]).added == 1
    assert row_of(platform.database, "a1").customer_id == str(int(number))


def test_an_answer_with_a_placeholder_from_before_is_read_anew(database: Database, platform: Platform) -> None:
    platform.take([answer("a1", customer="C-1"), answer("a2", customer="null")])
    with database.write() as connection:
        connection.execute(update(answers).values(customer_id="null"))
        connection.execute(insert(meta).values(name="reread", value="customer ids"))
    Platform(database, "Asia/Taipei", "TW", ("0",))
    assert [row_of(database, identity).customer_id for identity in ("a1", "a2")] == ["C-1", None]


def test_whole_floats_and_times_with_offset_or_none_are_taken(sqlite_platform: Platform) -> None:
    times = ["2026-11-08T11:12:44.1234567+08:00", "2026-11-08T03:12:44.1234567Z", "2026-11-08T03:12:44.123456"]
    sqlite_platform.take([answer(f"a{place}", at=at, nps=9.0) for place, at in enumerate(times)])
    rows = [row_of(sqlite_platform.database, f"a{place}") for place in range(3)]
    assert len({row.responded_at for row in rows}) == 1
    assert [row.nps for row in rows] == [9, 9, 9]


def test_the_first_question_of_a_metric_by_sequence_counts(sqlite_platform: Platform) -> None:
    second = {"id": "aaaa", "sequence": 9, "displayType": "Scale", "multiSelect": ["0-10"], "questionTags": ["nPs"]}
    _describe(sqlite_platform, second)
    both = answer("a1", responses=[response("aaaa", None, 10), response(NPS, None, 2)])
    only_second = answer("a2", responses=[response("aaaa", None, 10), response(NPS, None, None)])
    sqlite_platform.take([both, only_second])
    assert row_of(sqlite_platform.database, "a1").nps == 2
    assert row_of(sqlite_platform.database, "a2").nps == 10


@pytest.mark.parametrize(
    ("client", "channel"),
    [("JS-MicroWeb", "web"), ("Inweb", "web"), ("InApp-iOS", "app"), ("Alexa", "voice"), ("sms", "sms"), ("X", "x")],
)
def test_channels_have_one_name(sqlite_platform: Platform, client: str, channel: str) -> None:
    sqlite_platform.take([answer("a1", surveyClient=client)])
    assert row_of(sqlite_platform.database, "a1").channel == channel


def test_a_channel_prefill_wins(sqlite_platform: Platform) -> None:
    _describe(sqlite_platform, {"id": "bbbb", "apiFill": True, "questionTags": ["cc_channel"]})
    document = answer("a1")
    document["responses"].append(response("bbbb", "Email", 0))
    sqlite_platform.take([document])
    assert row_of(sqlite_platform.database, "a1").channel == "email"


@pytest.mark.parametrize("algorithm", pii.ALGORITHMS)
def test_personal_data_is_hashed_where_the_question_says_so(sqlite_platform: Platform, algorithm: str) -> None:
    hashed = {"isPII": True, "piiType": "hash"}
    described = [
        {"id": PERSON["mobile"], "apiFill": True, "questionTags": ["Mobile"], "piiSettings": hashed},
        {"id": PERSON["email"], "apiFill": True, "questionTags": ["Email"], "piiSettings": hashed},
        {"id": "name", "apiFill": True, "questionTags": ["Name"], "piiSettings": hashed},
    ]
    _describe(sqlite_platform, *described, hash_pii_by=algorithm)
    document = answer("a1", mobile="0912-345-678", email="Ann@Example.com")
    document["responses"].append(response("name", "Ann Lee", 0))
    sqlite_platform.take([document])
    row = row_of(sqlite_platform.database, "a1")
    assert row.mobile == pii.hashed("+886912345678", algorithm)
    assert row.email == pii.hashed("ann@example.com", algorithm)
    for personal in ("0912", "9123", "Ann", "ann@", "Lee"):
        assert personal not in row.document


def test_a_number_that_is_a_customers_is_kept_as_a_hash_alone(sqlite_platform: Platform) -> None:
    hashed = {"isPII": True, "piiType": "hash"}
    mobile = {"id": PERSON["mobile"], "apiFill": True, "questionTags": ["Mobile"], "piiSettings": hashed}
    _describe(
        sqlite_platform,
        {**mobile, "displayType": "Number"},
        {"id": "card", "displayType": "Number", "apiFill": True, "piiSettings": hashed},
    )
    with sqlite_platform.database.read() as connection:
        sqlite_platform.refresh_catalogue(connection)
    numbers = [(PERSON["mobile"], None, 886912345678), ("card", None, 4111), (PERSON["mobile"], "x", 886912345678)]
    responses = [
        {"questionId": question, "questionText": "?", "textInput": text, "numberInput": number}
        for question, text, number in numbers
    ]
    kept = sqlite_platform.checked("Post call survey", responses)
    assert "886912345678" not in str(kept)
    assert "4111" not in str(kept)
    assert [response["textInput"] for response in kept[:2]] == [pii.hashed("+886912345678"), pii.hashed("4111")]


def test_what_is_hashed_already_stays(sqlite_platform: Platform) -> None:
    value = pii.hashed("+886912345678", "sha384")
    sqlite_platform.take([answer("a1", mobile=value)])
    assert row_of(sqlite_platform.database, "a1").mobile == value


def test_no_number_and_no_address_is_nobody(sqlite_platform: Platform) -> None:
    sqlite_platform.take([answer("a1", mobile="n/a", email="none", customer="  ")])
    row = row_of(sqlite_platform.database, "a1")
    assert (row.mobile, row.email, row.customer_id) == (None, None, None)


def test_an_answer_without_team_is_no_supervisors(platform: Platform) -> None:
    platform.take([answer("a1", nps=3, agent="6001"), answer("a2", nps=9, agent="6001", team="5001")])
    period = Period(date(2026, 11, 1), date(2026, 11, 30))
    seen = platform.figures(Scope(frozenset({"5001", "5002"}), None), period)
    assert seen.total.responses == 1
    assert platform.figures(Scope(None, "6001"), period).total.responses == 2


def _describe(platform: Platform, *documents: dict[str, Any], hash_pii_by: str = "sha512") -> None:
    named = catalogue.Questionnaire("Post call survey", "Post call survey", hash_pii_by)
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, documents, [named])


def test_ids_of_the_shipped_questions_are_fixed(sqlite_platform: Platform) -> None:
    known = sqlite_platform.catalogue.questions
    assert [known[identity].metric for identity in (NPS, CSAT, CES, COMMENT)] == ["nps", "csat", "ces", None]
    assert known[CES].scale == (1, 7)
    assert all(known[identity].prefill for identity in PERSON.values())
