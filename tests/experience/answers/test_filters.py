"""FilterBy in the database selects exactly what the same filter, computed by hand, does."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from experience.answers.filter_terms import FilterFault
from experience.answers.filters import read_filter
from experience.answers.schema import answers, conditions
from experience.model.questions import read_question
from experience.model.scope import Scope
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.questionnaires.catalogue import Catalogue
from tests.experience.samples import COMMENT, CSAT, NPS, PERSON, answer

ARRIVED = "64c000000000000000000001"
CHOSEN = "64c000000000000000000002"
EXTRA = [
    {"id": ARRIVED, "displayType": "Text", "sequence": 50, "displayLocation": ["Other"]},
    {"id": CHOSEN, "displayType": "MultiSelect", "sequence": 51, "displayLocation": ["Other"]},
]
SIGNS = {"lt": lambda a, b: a < b, "gt": lambda a, b: a > b, "eq": lambda a, b: a == b}
TEXTS = ["red", "red, blue", "blue", "redder", 'a "quoted" one', "  ", "", "%", "三次了"]


def extra(question: str, text: str, number: int = 0) -> dict[str, Any]:
    return {"questionId": question, "questionText": "", "textInput": text, "numberInput": number}


def kept() -> list[dict[str, Any]]:
    documents = []
    for number in range(36):
        at = f"2026-11-{1 + number % 20:02}T03:12:44Z"
        document = answer(f"a{number:02}", at, nps=number % 11, agent=f"600{number % 3}", customer=f"C-{number % 4}")
        document |= {"locationId": ("Post call survey", "Other")[number % 2], "archived": number % 7 == 0}
        document |= {"surveyClient": ("sms", "JS-MicroWeb", None)[number % 3]}
        document["notes"] = [{"note": '"archived":true'}] if number % 5 == 0 else []
        text = TEXTS[number % len(TEXTS)]
        document["responses"] += [extra(ARRIVED, text, number % 9), extra(CHOSEN, text)]
        if number % 6 == 0:
            document["responses"] += [extra(ARRIVED, TEXTS[0], number % 5), extra(CHOSEN, TEXTS[2])]
        if number % 4:
            document["responses"].append(extra(COMMENT, text))
        documents.append(document)
    return documents


KEPT = kept()


@pytest.fixture
def filled(platform: Platform) -> Platform:
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, EXTRA)
    assert platform.take(KEPT).faults == []
    platform._looked = 0.0
    return platform


def selected(platform: Platform, filters: object) -> set[str]:
    columns, inside = read_filter(filters).conditions(platform.catalogue, platform.phone)
    with platform.database.read() as connection:
        inside.check_cost(connection, columns, platform.filter_budget)
        wanted = (*columns, *inside.conditions(platform.database.dialect))
        return set(connection.execute(select(answers.c.id).where(*wanted)).scalars())


def expected_ids(filters: dict[str, Any]) -> set[str]:
    return {document["id"] for document in KEPT if matches(document, filters)}


def matches(document: dict[str, Any], filters: dict[str, Any]) -> bool:
    moment, question_filters = document["responseDateTime"], filters.get("filterquestions") or []
    together = [meets(document, condition) for condition in question_filters if condition["groupBy"] != "OR"]
    either = [meets(document, condition) for condition in question_filters if condition["groupBy"] == "OR"]
    return (
        (not filters.get("location") or document["locationId"] in filters["location"])
        and (not filters.get("afterdate") or moment >= filters["afterdate"])
        and (not filters.get("beforedate") or moment < filters["beforedate"])
        and (not filters.get("archived") or document["archived"])
        and (not filters.get("withNotes") or bool(document["notes"]))
        and all(together)
        and (any(either) or not either)
    )


def meets(document: dict[str, Any], condition: dict[str, Any]) -> bool:
    """Whether one of the responses to a question does; each of several options may stand in another one."""
    responses = [response for response in document["responses"] if response["questionId"] == condition["questionId"]]
    if condition["questionId"] == CHOSEN and condition["groupBy"] == "AND" and not wants_any_text(condition):
        single_checks = [{**condition, "groupBy": None, "answerCheck": [check]} for check in condition["answerCheck"]]
        return all(any(fulfils(response, single) for response in responses) for single in single_checks)
    return any(fulfils(response, condition) for response in responses)


def wants_any_text(condition: dict[str, Any]) -> bool:
    return "any text" in [check.lower() for check in condition["answerCheck"]]


def fulfils(response: dict[str, Any], condition: dict[str, Any]) -> bool:
    checks = condition["answerCheck"]
    if checks[0] in SIGNS:
        return response["numberInput"] is not None and SIGNS[checks[0]](response["numberInput"], condition["number"])
    text = response["textInput"]
    if wants_any_text(condition):
        return bool((text or "").strip())
    if condition["questionId"] == CHOSEN:
        parts = {text, *(text or "").replace(", ", ",").split(",")}
        return any(check in parts for check in checks)
    return text in checks


numbers = st.builds(
    lambda question, sign, number, grouped: {
        **{"questionId": question, "answerCheck": [sign], "number": number, "groupBy": grouped}
    },
    st.sampled_from([NPS, ARRIVED]),
    st.sampled_from(sorted(SIGNS)),
    st.integers(-1, 11),
    st.sampled_from(["AND", "OR", None]),
)
texts = st.builds(
    lambda pair, grouped: {"questionId": pair[0], "answerCheck": pair[1], "number": 0, "groupBy": grouped},
    st.one_of(
        st.tuples(st.just(PERSON["agent"]), st.lists(st.sampled_from(["6000", "6001", "6009"]), min_size=1)),
        st.tuples(st.just(PERSON["customer"]), st.lists(st.sampled_from(["C-0", "C-1", "c-1"]), min_size=1)),
        st.tuples(
            st.sampled_from([ARRIVED, CHOSEN, COMMENT, "no such question"]),
            st.lists(st.sampled_from(["red", "blue", "Red", "%", 'a "quoted" one', "Any Text", "三次了"]), min_size=1),
        ),
    ),
    st.sampled_from(["AND", "OR", None]),
)
moments = st.one_of(st.none(), st.integers(1, 21).map(lambda day: f"2026-11-{day:02}T03:12:44Z"))
whole = st.fixed_dictionaries(
    {},
    optional={
        "location": st.lists(st.sampled_from(["Post call survey", "Other", "None"]), max_size=2),
        "afterdate": moments,
        "beforedate": moments,
        "archived": st.booleans(),
        "withNotes": st.booleans(),
        "filterquestions": st.lists(st.one_of(numbers, texts), max_size=8),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(whole)
def test_every_filter_selects_what_it_says(filled: Platform, filters: dict[str, Any]) -> None:
    assert selected(filled, filters) == expected_ids(filters)


@pytest.mark.parametrize("grouped", ["AND", "OR"])
@pytest.mark.parametrize("sign", ["lt", "gt", "eq"])
def test_several_bounds_for_one_question_are_all_kept(filled: Platform, sign: str, grouped: str) -> None:
    for question in (NPS, ARRIVED):
        question_filters = [
            {"questionId": question, "answerCheck": [sign], "number": number, "groupBy": grouped}
            for number in (3, 6, 5)
        ]
        assert selected(filled, {"filterquestions": question_filters}) == expected_ids(
            {"filterquestions": question_filters}
        )


@pytest.mark.parametrize(("conditions", "choices"), [(5, 100), (100, 5)])
def test_the_largest_filter_is_applied(filled: Platform, conditions: int, choices: int) -> None:
    """Of every kind, and each condition another one: what is said twice is asked once."""
    for question, grouped in product((CHOSEN, COMMENT, PERSON["mobile"]), ("AND", "OR")):
        texts = [[f"nobody said {place} {number}" for number in range(choices)] for place in range(conditions)]
        question_filters = [{"questionId": question, "answerCheck": some, "groupBy": grouped} for some in texts]
        assert selected(filled, {"filterquestions": question_filters}) == set()


def test_names_are_read_in_any_case(filled: Platform) -> None:
    condition = {"QuestionId": NPS, "AnswerCheck": ["LT"], "Number": 7, "GroupBy": "and"}
    shouted = {"LOCATION": ["Other"], "FilterQuestions": [condition], "AFTERDATE": "2026-11-05T00:00:00Z", "Days": []}
    plain = {"questionId": NPS, "answerCheck": ["lt"], "number": 7, "groupBy": "AND"}
    same = {"location": ["Other"], "filterquestions": [plain], "afterdate": "2026-11-05T00:00:00Z"}
    assert selected(filled, shouted) == expected_ids(same)


def test_a_channel_is_a_client_or_what_we_call_it(filled: Platform) -> None:
    for channel in ("js-microweb", "web"):
        assert selected(filled, {"channel": channel}) == {document["id"] for document in KEPT[1::3]}
    assert selected(filled, {"channel": "SMS"}) == {document["id"] for document in KEPT[::3]}
    assert selected(filled, {"channel": "none"}) == {document["id"] for document in KEPT[2::3]}


def test_contacts_are_found_in_every_form_they_are_kept_in(filled: Platform) -> None:
    filled.take([answer("mobile", mobile="+886 912 345 678", email="Ann@Example.com")])
    for question, text in (
        (PERSON["mobile"], "886912345678"),
        (PERSON["mobile"], "+886912345678"),
        (PERSON["mobile"], "0912-345-678"),
        (PERSON["email"], "ann@example.COM"),
    ):
        assert selected(filled, {"filterquestions": [{"questionId": question, "answerCheck": [text]}]}) == {"mobile"}


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"days": [1]}, "days"),
        ({"Ticket": {"status": "open"}}, "ticket"),
        ({"mashup": {"onlyOutliers": True}}, "mashup.onlyOutliers"),
        ({"afterdate": "yesterday"}, "afterdate"),
        ({"location": "Other"}, "location"),
        ({"archived": "yes"}, "archived"),
        ({"filterquestions": [{"answerCheck": ["lt"]}]}, "questionId"),
        ({"filterquestions": [{"questionId": CSAT, "answerCheck": []}]}, CSAT),
        ({"filterquestions": [{"questionId": CSAT, "answerCheck": ["x"], "groupBy": "XOR"}]}, "groupBy"),
        ({"FilterQuestions": [{"QuestionId": CSAT, "AnswerCheck": [7]}]}, "answerCheck"),
        ({"WITHNOTES": "yes"}, "withNotes"),
        ({"filterquestions": [{"questionId": CSAT, "answerCheck": ["lt"], "number": "7"}]}, "number"),
        ({"filterquestions": [{"questionId": COMMENT, "answerCheck": ["x"] * 100}] * 6}, "500 texts"),
        ("text", "FilterBy"),
        ({"Ticket": {"status": "open", "id": None}}, "ticket"),
        ({"filterquestions": [{"questionId": CSAT, "answerCheck": ["lt"], "number": 2**70}]}, "number"),
        ({"filterquestions": [{"questionId": CSAT, "answerCheck": ["gt"], "number": -(2**70)}]}, "number"),
        ({"filterquestions": [{"questionId": CSAT, "answerCheck": ["gt"], "number": True}]}, "number"),
        ({"filterquestions": [{"questionId": COMMENT, "answerCheck": ["a\0b"]}]}, "answerCheck"),
        ({"filterquestions": [{"questionId": "a\0b", "answerCheck": ["a"]}]}, "questionId"),
        ({"location": ["a\0b"]}, "location"),
        ({"location": ["x"] * 101}, "location"),
        ({"channel": "a\0b"}, "channel"),
        ({"MASHUP": {"ONLYOUTLIERS": True}}, "mashup.onlyOutliers"),
    ],
)
def test_what_cannot_be_applied_is_refused_by_name(filters: object, named: str) -> None:
    with pytest.raises(FilterFault) as refused:
        read_filter(filters)
    assert named in refused.value.detail


def test_fields_that_a_client_writes_without_meaning_them_are_no_filter(filled: Platform) -> None:
    """.NET clients write every field of a model."""
    unmeant: dict[str, Any] = {
        "ticket": {"status": "", "id": 0, "tags": [], "open": False},
        "days": [],
        "aftertime": None,
    }
    blank = {
        "aftertime": None,
        "afterdate": "",
        "beforedate": None,
        "location": None,
        "archived": None,
        "mashup": {"onlyOutliers": False},
    }
    assert selected(filled, {**unmeant, **blank}) == expected_ids({})


@pytest.mark.parametrize("grouped", ["AND", "OR", None])
def test_of_several_options_all_are_chosen_with_and_else_any(filled: Platform, grouped: str | None) -> None:
    for options in (["red", "blue"], ["blue", "redder"]):
        both = {"filterquestions": [{"questionId": CHOSEN, "answerCheck": options, "groupBy": grouped}]}
        ids = selected(filled, both)
        assert ids == expected_ids(both)
        assert ids or grouped == "AND"


def test_any_text_or_blanks_is_both(filled: Platform) -> None:
    """Blanks are a text that can be asked for, and no text that was written."""
    conditions = [
        {"questionId": ARRIVED, "answerCheck": ["  "], "groupBy": "OR"},
        {"questionId": ARRIVED, "answerCheck": ["Any Text"], "groupBy": "OR"},
    ]
    alone = [selected(filled, {"filterquestions": [condition]}) for condition in conditions]
    assert alone == [expected_ids({"filterquestions": [condition]}) for condition in conditions]
    assert alone[0]
    for ordered in (conditions, conditions[::-1]):
        assert selected(filled, {"filterquestions": ordered}) == alone[0] | alone[1]


def test_each_of_two_questions_for_one_figure_is_asked_for_its_own_answers(platform: Platform) -> None:
    second = {"id": "second", "displayType": "Scale", "multiSelect": ["1-5"], "questionTags": ["csat"], "sequence": 9}
    other_agent = {"id": "other", "displayType": "Text", "questionTags": ["cc_AgentId"], "sequence": 10}
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, [second, other_agent])
    platform._looked = 0.0
    both = answer("both", csat=1, agent="6001")
    both["responses"] += [extra("second", "", 5), extra("other", "6002")]
    assert platform.take([answer("first", csat=5, agent="6001"), both]).faults == []
    for question, check, ids in (
        (CSAT, ["gt"], {"first"}),
        ("second", ["gt"], {"both"}),
        (PERSON["agent"], ["6001"], {"first", "both"}),
        ("other", ["6002"], {"both"}),
    ):
        condition = {"questionId": question, "answerCheck": check, "number": 4}
        assert selected(platform, {"filterquestions": [condition]}) == ids, question


def test_what_is_kept_as_a_hash_is_found_by_what_was_written(platform: Platform) -> None:
    hashed = {"isPII": True, "piiType": "hash"}
    name = {"id": "name", "displayType": "Text", "questionTags": ["Name"], "piiSettings": hashed}
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, [name])
    platform._looked = 0.0
    written = answer("a1")
    written["responses"].append(extra("name", "Ann Lee"))
    platform.take([written, answer("a2")])
    condition = {"questionId": "name", "answerCheck": ["Ann Lee"]}
    assert selected(platform, {"filterquestions": [condition]}) == {"a1"}


def test_blanks_around_who_is_asked_for_do_not_matter(filled: Platform) -> None:
    condition = {"questionId": PERSON["agent"], "answerCheck": [" 6001 "]}
    assert selected(filled, {"filterquestions": [condition]}) == {document["id"] for document in KEPT[1::3]}


def test_a_scope_selects_its_teams_and_its_agent(filled: Platform) -> None:
    with filled.database.read() as connection:
        for scope, expected in (
            (Scope(frozenset(), None), 0),
            (Scope(None, "6001"), 12),
            (Scope(frozenset({"5001"}), "6001"), 0),
        ):
            rows = connection.execute(select(answers.c.id).where(*conditions(scope))).all()
            assert len(rows) == expected


def test_a_nul_in_one_answer_spoils_no_filter(platform: Platform) -> None:
    """Whoever takes a survey may send one: every other answer is still found."""
    spoilt = answer("a1", comment=r"\u0000" + "\0\0 end", strange={"\0": "\\\0"}, surveyClient="Kiosk-1")
    assert platform.take([spoilt, answer("a2", comment="red")]).added == 2
    platform._looked = 0.0
    condition = {"questionId": COMMENT, "answerCheck": ["Any Text"]}
    assert selected(platform, {"filterquestions": [condition]}) == {"a1", "a2"}
    assert selected(platform, {"filterquestions": [{**condition, "answerCheck": ["red"]}]}) == {"a2"}
    assert selected(platform, {"channel": "KIOSK-1"}) == {"a1"}


RED = {"questionId": COMMENT, "answerCheck": ["red"]}


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"filterquestions": [RED, {"questionId": ARRIVED, "answerCheck": ["gt"], "number": 3}]}, "filterquestions"),
        ({"filterquestions": [{**RED, "groupBy": "OR"}]}, "filterquestions"),
        ({"channel": "sms"}, "channel"),
        ({"archived": True, "withNotes": True}, "archived, withNotes"),
    ],
)
def test_a_filter_that_would_take_too_long_is_refused_at_once(filled: Platform, filters: Any, named: str) -> None:
    """By the names of its fields; over fewer answers the same filter is applied."""
    filled.filter_budget = 5
    with pytest.raises(FilterFault) as refused:
        selected(filled, filters)
    assert refused.value.detail.startswith(f"{named}: ")
    assert "afterdate" in refused.value.detail
    few = {**filters, "afterdate": "2026-11-19T00:00:00Z"}
    assert len(selected(filled, few)) <= 2


def test_as_many_answers_as_a_refusal_names_may_be_looked_into(filled: Platform) -> None:
    filled.filter_budget = 0.4 * 12
    with pytest.raises(FilterFault, match="may look into 12 answers"):
        selected(filled, {"channel": "sms"})
    twelve = {"channel": "sms", "filterquestions": [{"questionId": PERSON["agent"], "answerCheck": ["6001"]}]}
    assert selected(filled, twelve) == set()


def test_conditions_on_columns_are_never_too_many(filled: Platform) -> None:
    filled.filter_budget = 0
    question_filters = [
        {"questionId": NPS, "answerCheck": ["gt"], "number": 8},
        {"questionId": PERSON["agent"], "answerCheck": ["6000"]},
    ]
    assert selected(filled, {"filterquestions": question_filters, "location": ["Other"], "channel": "none"}) == set()


def weight_of(**filters: Any) -> float:
    """Parses of a document for each answer that such a filter looks into."""
    return read_filter(filters).conditions(Catalogue("", {}, {}), str)[1].weight


def test_the_largest_filter_is_dearer_than_a_small_one() -> None:
    """What it may look into shrinks with what it asks, and not with what it repeats."""
    many = [{"questionId": COMMENT, "answerCheck": ["red", str(number)], "groupBy": "AND"} for number in range(100)]
    small, repeated, large = (weight_of(filterquestions=conditions) for conditions in ([RED], [RED] * 100, many))
    assert small == repeated < 2 < large
    assert weight_of(channel="sms") < weight_of(channel="sms", archived=True) < small


def test_what_says_the_same_as_one_condition_costs_as_much_as_one() -> None:
    bounds = [
        {"questionId": question, "answerCheck": ["lt"], "number": number}
        for number in range(20)
        for question in (ARRIVED, CHOSEN)
    ]
    assert weight_of(filterquestions=bounds) == weight_of(filterquestions=bounds[:2])
    texts = [{"questionId": ARRIVED, "answerCheck": [str(number)], "groupBy": "OR"} for number in range(50)]
    assert weight_of(filterquestions=texts) == weight_of(filterquestions=texts[:1])


def test_options_that_are_looked_for_inside_of_a_text_cost_more_than_whole_texts() -> None:
    kinds = {
        question: read_question({"id": question, "displayType": display})
        for question, display in ((CHOSEN, "MultiSelect"), (ARRIVED, "Text"))
    }
    texts = [str(number) for number in range(50)]
    options, whole = (
        read_filter({"filterquestions": [{"questionId": question, "answerCheck": texts}]})
        .conditions(Catalogue("", kinds, {}), str)[1]
        .weight
        for question in (CHOSEN, ARRIVED)
    )
    assert options > whole + 1


def test_questions_beyond_twenty_make_a_condition_no_dearer() -> None:
    """No answer has responses to more of them, whatever else is asked."""
    conditions = [{"questionId": f"q{number}", "answerCheck": ["red"]} for number in range(100)]
    twenty, hundred = (weight_of(filterquestions=conditions[:many]) for many in (20, 100))
    assert hundred - 1 == pytest.approx(5 * (twenty - 1))
