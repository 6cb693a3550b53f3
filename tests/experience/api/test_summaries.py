"""summary, FlashNPS and WidgetsSummary/Visualize give exact counts (docs/cisco/wxm-api.md §7)."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from tests.experience.api.client import Client
from tests.experience.api.conftest import KEPT, OURS
from tests.support.answering import SCALES, TEXTS, answer

BANDS = {"promoters": 0, "passive": 0, "detractors": 0}


def value_of(answer: dict[str, Any], question: str) -> Any:
    response = next((response for response in answer["responses"] if response["questionId"] == question), None)
    if response is None:
        return None
    return response["numberInput"] if question in SCALES.values() else response["textInput"]


def expected_counts(group: list[str], score: str) -> dict[tuple[Any, ...], dict[str, int]]:
    counts_by_key: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for kept in KEPT:
        counts_by_key[tuple(value_of(kept, question) for question in group)][str(value_of(kept, score))] += 1
    return {key: dict(counts) for key, counts in counts_by_key.items()}


def visualized(client: Client, *widgets: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    body = client.post("/api/widgetssummary/VISUALIZE", {"Widgets": list(widgets), "Filter": OURS}).json
    assert body["totalCount"] == body["sampleSize"] == len(KEPT)
    assert set(body["totalCountByWidget"]) == {widget["id"] for widget in widgets}
    return {name: summary["summary"] for name, summary in body["visualizationSummary"].items()}


def test_every_metric_is_counted_by_team_and_by_agent(desktop: Client) -> None:
    scores = list(SCALES.values())
    groups = {"team": [TEXTS["team"]], "agent": [TEXTS["agent"]], "both": [TEXTS["team"], TEXTS["agent"]]}
    widgets = [{"id": name, "rows": rows, "aggregatorQuestionIDs": scores} for name, rows in groups.items()]
    for name, items in visualized(desktop, *widgets).items():
        for score in scores:
            counted = {
                tuple(item["id"]["rowValues"].split("|")): item["value"]["distributedCount"]
                for item in items
                if item["id"]["groupKey"] == score
            }
            assert counted == expected_counts(groups[name], score)


def test_days_are_counted_in_the_time_zone_that_settings_tell(desktop: Client) -> None:
    assert desktop.get("/api/Settings").json["timeZone"] == "UTC"
    widget = {"id": "day", "rows": ["responseDateTime"], "aggregatorQuestionIDs": [SCALES["nps"]]}
    by_day = {item["id"]["row"]: item["value"]["distributedCount"] for item in visualized(desktop, widget | {})["day"]}
    assert by_day == {
        document["responseDateTime"][:10]: {str(value_of(document, SCALES["nps"])): 1} for document in KEPT
    }


def test_rows_and_columns_cross_and_leave_options_out(desktop: Client) -> None:
    widget = {"id": "w", "rows": [SCALES["csat"]], "columns": [TEXTS["team"]]}
    items = visualized(desktop, widget | {"optionsToExclude": {TEXTS["team"]: ["5002"]}})["w"]
    counts = Counter(
        value_of(document, SCALES["csat"]) for document in KEPT if value_of(document, TEXTS["team"]) == "5001"
    )
    assert {item["id"]["column"] for item in items} == {"5001"}
    assert {int(item["id"]["row"]): item["value"]["count"] for item in items} == counts
    assert all(item["value"]["distributedCount"] == {item["id"]["row"]: item["value"]["count"]} for item in items)


def test_scores_are_reckoned_as_the_aggregator_says(desktop: Client) -> None:
    nps = [value_of(document, SCALES["nps"]) for document in KEPT]
    whole = {"aggregatorQuestionIDs": [SCALES["nps"]]}
    widgets = [{"id": name, "aggregator": name, **whole} for name in ("NPS", "Average", "Count", "T2B")]
    scores = {name: items[0]["value"]["score"] for name, items in visualized(desktop, *widgets).items()}
    promoters, detractors = sum(value >= 9 for value in nps), sum(value <= 6 for value in nps)
    assert scores["NPS"] == round(100 * (promoters - detractors) / len(nps))
    assert abs(scores["Average"] - sum(nps) / len(nps)) < 1e-9
    assert scores["Count"] == len(nps)
    assert scores["T2B"] == 100 * promoters / len(nps)


def test_a_top_box_is_of_the_scale_and_not_of_what_was_chosen(desktop: Client) -> None:
    """Among those who gave at most 3 of 5, nobody is in the top two boxes."""
    unsatisfied = {"questionId": SCALES["csat"], "answerCheck": ["lt"], "number": 4, "groupBy": None}
    body = {
        "widgets": [{"id": "w", "aggregator": "T2B", "aggregatorQuestionIDs": [SCALES["csat"]]}],
        "filter": {**OURS, "filterquestions": [unsatisfied]},
    }
    (item,) = desktop.post("/api/WidgetsSummary/Visualize", body).json["visualizationSummary"]["w"]["summary"]
    assert (item["value"]["score"], sorted(item["value"]["distributedCount"])) == (0, ["1", "2", "3"])


def test_what_cannot_be_visualized_is_refused_by_name(desktop: Client) -> None:
    for fields in (
        {"rows": ["no such question"]},
        {"aggregator": "Median"},
        {"aggregatorValues": [1]},
        {"rows": [SCALES["nps"]] * 5},
        {"rows": "x"},
        "no object",
    ):
        widget = {"id": "w", **fields} if isinstance(fields, dict) else fields
        answered = desktop.post("/api/WidgetsSummary/Visualize", {"widgets": [widget], "filter": None})
        assert (answered.status, answered.error) == (400, "invalid_request")
    assert desktop.post("/api/WidgetsSummary/Visualize", {"widgets": []}).status == 400


def test_flash_nps_counts_the_bands(desktop: Client) -> None:
    body = desktop.post("/api/flashnps", OURS).json
    nps = [value_of(document, SCALES["nps"]) for document in KEPT]
    expected = {
        "promoters": sum(value >= 9 for value in nps),
        "passive": sum(7 <= value <= 8 for value in nps),
        "detractors": sum(value <= 6 for value in nps),
    }
    assert body["totalResponses"] == len(KEPT)
    assert {name: body["netPromoter"][name] for name in BANDS} == expected
    assert body["netPromoter"]["questionID"] == SCALES["nps"]


@pytest.fixture
def another_nps(system: Client) -> Iterator[dict[str, Any]]:
    """A questionnaire with a question of its own for the NPS, asked later than the account's first."""
    place, identity = f"survey {secrets.token_hex(4)}", secrets.token_hex(12)
    described = {"id": identity, "text": "And ours?", "displayType": "Scale", "questionTags": ["NPS"], "sequence": 50}
    question: dict[str, Any] = {**described, "displayLocation": [place]}
    assert system.post("/api/questions/add", question).status == 200
    yield question
    system.get(f"/api/questions/delete/{identity}")


def test_every_questionnaires_own_nps_question_counts(system: Client, another_nps: dict[str, Any]) -> None:
    """The answers to it no less than those to the account's first; in an answer to both the first alone."""
    (place,) = another_nps["displayLocation"]
    for first, own in ((None, 10), (None, 9), (None, 8), (0, 9)):
        sent = answer(questionnaire=place, nps=first)
        sent["responses"].append({"questionId": another_nps["id"], "textInput": None, "numberInput": own})
        assert system.post("/api/answers/add", sent).status == 200
    expected = {"promoters": 2, "passive": 1, "detractors": 1, "netPromoters": 25, "defaultIndex": True}
    for path in ("/api/FlashNPS", "/api/summary"):
        promoter_score = system.post(path, {"location": [place]}).json["netPromoter"]
        assert promoter_score == {
            **expected,
            "questionID": SCALES["nps"],
            "questionText": promoter_score["questionText"],
        }
        only_own = {"filterquestions": [{"questionId": another_nps["id"], "answerCheck": ["eq"], "number": 10}]}
        promoter_score = system.post(path, {"location": [place], **only_own}).json["netPromoter"]
        assert (promoter_score["promoters"], promoter_score["questionText"]) == (1, "And ours?")


def test_a_summary_counts_options_and_tells_the_mean_of_each_day(desktop: Client) -> None:
    body = desktop.post("/api/summary", OURS).json
    assert body["responseCount"] == len(KEPT)
    by_question = {item["askedQuestion"]["id"]: item for item in body["summary"]}
    for question in (*SCALES.values(), TEXTS["team"], TEXTS["agent"]):
        assert by_question[question]["response"] == Counter(str(value_of(document, question)) for document in KEPT)
    assert by_question[TEXTS["comment"]]["response"] == {}
    trend = by_question[SCALES["csat"]]["ratingTrend"]
    assert trend == {
        f"{document['responseDateTime'][:10]}T00:00:00Z": value_of(document, SCALES["csat"]) for document in KEPT
    }
