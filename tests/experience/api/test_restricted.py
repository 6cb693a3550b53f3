"""Questions with restrictedData are hidden from whoever may only read (docs/cisco/wxm-api.md §5.1)."""

import pytest

from experience.model.scope import Scope
from tests.experience.api.client import Client
from tests.experience.api.conftest import Mint
from tests.support.answering import SCALES, TEXTS

PLACE = "restricted survey"
SECRET, OPEN, SECRET_NPS = "restricted-1", "restricted-2", "restricted-nps"


@pytest.fixture(scope="session")
def answered(system: Client) -> str:
    """The id of an answer with a score that is hidden and one that is not."""
    for name, tags, scale in ((SECRET, ["CES"], "1-5"), (OPEN, [], "1-5"), (SECRET_NPS, ["NPS"], "0-10")):
        question: dict[str, object] = {"id": name, "text": name, "displayType": "Scale", "multiSelect": [scale]}
        question |= {"questionTags": tags, "displayLocation": [PLACE], "restrictedData": name != OPEN}
        assert system.post("/api/Questions/add", question).status == 200
    responses = [
        {"questionId": question_id, "textInput": None, "numberInput": 4} for question_id in (SECRET, OPEN, SECRET_NPS)
    ]
    responses.append({"questionId": TEXTS["agent"], "textInput": "7001", "numberInput": 0})
    identity: str = system.post("/api/Answers/add", {"locationId": PLACE, "responses": responses}).json["id"]
    return identity


@pytest.fixture
def bound(anyone: Client, mint: Mint) -> Client:
    return anyone.as_bearer(mint.token("system", scope=Scope(None, "7001")))


def test_a_reader_sees_neither_the_question_nor_what_was_answered(
    answered: str, desktop: Client, bound: Client
) -> None:
    for client in (desktop, bound):
        for reply in (
            client.get("/api/Questions"),
            client.get("/api/Questions/Active"),
            client.post("/api/Questions/Questionnaire", {"name": PLACE}),
            client.get(f"/api/Answer/{answered}"),
            client.post("/api/Answers", {"location": [PLACE]}),
            client.post("/api/answers/page/0/5", {"location": [PLACE]}),
            client.post("/api/summary", {"location": [PLACE]}),
        ):
            assert reply.status == 200
            assert OPEN.encode() in reply.data
            assert SECRET.encode() not in reply.data


def test_a_reader_asks_for_it_in_vain(answered: str, desktop: Client) -> None:
    query = {"filterquestions": [{"questionId": SECRET, "answerCheck": ["eq"], "number": 4}]}
    assert desktop.post("/api/answers/count", query).error == "filter_not_applied"
    for field in ("rows", "aggregatorQuestionIDs"):
        reply = desktop.post("/api/WidgetsSummary/Visualize", {"widgets": [{"id": "w", field: [SECRET]}]})
        assert reply.error == "invalid_request"


def test_a_score_that_is_hidden_counts_for_no_other_question_of_its_metric(
    answered: str, desktop: Client, system: Client
) -> None:
    query = {"widgets": [{"id": "w", "aggregatorQuestionIDs": [SCALES["ces"]]}], "filter": {"location": [PLACE]}}
    for client in (desktop, system):
        (item,) = client.post("/api/WidgetsSummary/Visualize", query).json["visualizationSummary"]["w"]["summary"]
        assert item["value"]["count"] == 1
        assert item["value"]["distributedCount"] == {}
    summary = desktop.post("/api/summary", {"location": [PLACE]}).json
    assert [
        summary_item["response"]
        for summary_item in summary["summary"]
        if summary_item["askedQuestion"]["id"] == SCALES["ces"]
    ] == [{}]
    for nps in (summary["netPromoter"], desktop.post("/api/FlashNPS", {"location": [PLACE]}).json["netPromoter"]):
        assert nps["detractors"] == 0
    assert system.post("/api/FlashNPS", {"location": [PLACE]}).json["netPromoter"]["detractors"] == 1


def test_a_reader_is_told_no_survey_token_for_it_would_show_what_it_prefills(
    answered: str, desktop: Client, bound: Client, system: Client
) -> None:
    response = {"questionId": SECRET, "textInput": None, "numberInput": 5}
    token = system.post("/api/SurveyToken", {"location": PLACE, "preFill": [response], "note": PLACE}).json["id"]
    lists = ("", f"/search/all/{PLACE}", f"/all/{PLACE}", "/searchid", "/page/0", "/page/0/all")
    download = system.upload("/api/SurveyByToken/Import/1/1", "t.csv", b"mobile\n0912000777\n").json
    paths = [f"SurveyToken{rest}".replace(" ", "%20") for rest in (*lists, f"/Id/{token}", "/Id/XX-1")]
    for client in (desktop, bound):
        for path in paths:
            assert client.get(f"/api/{path}").error == "insufficient_scope"
        # The file of an import is for whoever was told its name.
        assert client.get("/api/download/x").error == "not_found"
    for path in (*paths[:-1], download):
        assert system.get(f"/api/{path}").status == 200


def test_whoever_may_write_sees_it(answered: str, system: Client) -> None:
    assert SECRET.encode() in system.get("/api/Questions/Active").data
    assert SECRET.encode() in system.get(f"/api/Answer/{answered}").data
    query = {"filterquestions": [{"questionId": SECRET, "answerCheck": ["eq"], "number": 4}]}
    assert system.post("/api/answers/count", query).json == 1


def test_whoever_answers_is_asked_it(answered: str, system: Client, anyone: Client) -> None:
    token = system.post("/api/SurveyToken", {"location": PLACE}).json["id"]
    assert SECRET in {question["id"] for question in anyone.get(f"/api/SurveyByToken/{token}").json["questions"]}
