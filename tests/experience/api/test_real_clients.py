"""Requests as WxM's own clients send them: .NET with no filter, a form with no type, HEAD, times, CSV."""

import csv
import io
import secrets
from typing import Any

import pytest

from tests.experience.api.client import Client
from tests.experience.api.conftest import KEPT, OURS
from tests.support.answering import QUESTIONNAIRE, SCALES, TEXTS, answer

NPS = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}


@pytest.mark.parametrize(
    "path", ["/api/answers", "/api/answers/count", "/api/answers/page/0/25", "/api/summary", "/api/FlashNPS"]
)
def test_no_filter_may_be_got(desktop: Client, path: str) -> None:
    got, posted = desktop.get(path), desktop.post(path)
    assert (got.status, got.json) == (200, posted.json)


def test_status_is_told_to_whoever_asks(anyone: Client) -> None:
    reply = anyone.get("/api/status")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("path", ["/api/status", "/api/Questions/Active", "/api/Answer/kept-001", "/api/answers"])
def test_head_is_get_without_a_body(desktop: Client, path: str) -> None:
    reply = desktop.call("HEAD", path)
    assert (reply.status, reply.data) == (200, b"")
    assert reply.headers["Content-Type"] == "application/json"


def test_head_changes_nothing(system: Client) -> None:
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE}).json["id"]
    for path in (f"/api/surveytoken/delete/{token}", "/api/GenerateAPIKey", "/api/account/logout"):
        assert system.call("HEAD", path).status == 405
    assert system.get(f"/api/SurveyToken/Id/{token}").status == 200


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("11/27/2026 3:40:11 PM", "2026-11-27T15:40:11Z"),
        ("1/2/2026 12:05:09 AM", "2026-01-02T00:05:09Z"),
        ("2026-11-27T15:40:11Z", "2026-11-27T15:40:11Z"),
    ],
)
def test_the_time_of_a_note_may_be_as_dotnet_writes_it(system: Client, written: str, moment: str) -> None:
    added = system.post("/api/Answers/add", answer(questionnaire="noted", nps=3)).json
    assert system.post(f"/api/Answers/Note/{added['id']}", {"note": "x", "noteTime": written}).status == 200
    (note,) = system.get(f"/api/Answer/{added['id']}").json["notes"]
    assert note["noteTime"] == moment


@pytest.mark.parametrize("wrong", ["27/11/2026 3:40:11 PM", "11/27/2026 15:40:11 PM", "11/27/2026"])
def test_a_time_that_is_neither_is_refused(system: Client, wrong: str) -> None:
    added = system.post("/api/Answers/add", answer(questionnaire="noted", nps=3)).json
    assert system.post(f"/api/Answers/Note/{added['id']}", {"note": "x", "noteTime": wrong}).error == "invalid_request"


@pytest.mark.parametrize("headers", [{}, {"Content_Type": "text/plain"}, {"Content_Type": "application/json"}])
def test_a_login_form_is_read_whatever_type_it_has_or_none(anyone: Client, headers: dict[str, str]) -> None:
    body = b"grant_type=password&username=desktop&password=desktop-pin"
    reply = anyone.untyped("/api/LoginToken", body, **headers)
    assert reply.status == 200
    assert reply.json["primaryRole"] == "User"


def test_whoever_signs_in_is_a_user(anyone: Client) -> None:
    """Cisco's invitation module takes no other role."""
    assert anyone.login(username="system", password="system-pin").json["primaryRole"] == "User"


def test_an_answer_without_any_response_is_refused_by_name(system: Client, anyone: Client) -> None:
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE}).json["id"]
    partial = anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]
    for reply in (
        anyone.post(f"/api/SurveyByToken/{token}", {"responses": []}),
        anyone.post(f"/api/PartialSurvey/{partial}/true", []),
        system.post("/api/Answers/add", {"locationId": "empty", "responses": []}),
        system.post("/api/Answers/add", {"locationId": "empty"}),
    ):
        assert reply.error == "invalid_request"
        assert reply.json["error_description"].startswith("responses")
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [NPS]}).json["id"]


@pytest.mark.parametrize("number", [0, None])
def test_text_where_a_score_belongs_is_refused_by_name(system: Client, anyone: Client, number: int | None) -> None:
    """With WxM's 0 beside it, it would count as a detractor's."""
    worded = {**NPS, "textInput": "nine", "numberInput": number}
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE}).json["id"]
    partial = anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]
    for reply in (
        anyone.post(f"/api/SurveyByToken/{token}", {"responses": [worded]}),
        anyone.post(f"/api/PartialSurvey/{partial}/true", [worded]),
        anyone.post(f"/api/PartialSurvey/{partial}/false", [worded]),
        system.post("/api/Answers/add", {"locationId": "worded", "responses": [worded]}),
        system.post("/api/SurveyToken", {"preFill": [worded]}),
    ):
        assert reply.error == "invalid_request"
        assert f"question {SCALES['nps']}: textInput" in reply.json["error_description"]
    for score in (9, 0):
        same = {**NPS, "textInput": str(score), "numberInput": score}
        assert system.post("/api/Answers/add", {"locationId": "same", "responses": [same]}).status == 200


def test_an_iphone_sends_the_survey_token_in_place_of_an_id(system: Client, anyone: Client) -> None:
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE}).json["id"]
    before = system.post("/api/answers/count").json
    for device in ("one", "two", "one"):
        assert anyone.post(f"/api/PartialSurvey/{token}/false/InApp-iOS/{device}", [NPS]).status == 204
    assert system.post("/api/answers/count").json == before
    assert anyone.post(f"/api/PartialSurvey/{token}/true/InApp-iOS/one", [NPS]).error == "not_found"
    assert anyone.post("/api/PartialSurvey/XX-000/false/InApp-iOS/one", [NPS]).error == "not_found"


def sheet(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_answers_come_as_csv_to_whoever_accepts_it(desktop: Client) -> None:
    for reply in (desktop.post("/api/Answers", OURS, Accept="text/csv"), desktop.post("/api/answers.csv", OURS)):
        assert (reply.status, reply.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
        rows = sheet(reply.data)
        assert [row["id"] for row in rows] == [document["id"] for document in KEPT[::-1]]
        assert list(rows[0])[:4] == ["id", "locationId", "responseDateTime", "responseDuration"]
        assert rows[-1]["How likely are you to recommend us?"] == "0"
        assert reply.headers["X-Total-Count"] == str(len(KEPT))
    assert sheet(desktop.get("/api/answers.csv").data)
    assert desktop.post("/api/Answers", OURS, Accept="*/*").headers["Content-Type"] == "application/json"
    assert desktop.post("/api/Answers", OURS, Accept="application/json, text/csv").json


def test_a_sheet_runs_nothing_and_hides_what_the_list_hides(system: Client, anyone: Client, mint: Any) -> None:
    place = f"sheet {secrets.token_hex(4)}"
    runs = {"questionId": TEXTS["comment"], "textInput": '=HYPERLINK("x")', "numberInput": 0}
    system.post("/api/Answers/add", {"locationId": place, "surveyClient": "@x", "responses": [NPS, runs]})
    (row,) = sheet(system.post("/api/answers.csv", {"location": [place]}).data)
    assert '\'=HYPERLINK("x")' in row.values()
    assert row["surveyClient"] == "'@x"
    assert anyone.get("/api/answers.csv").error == "invalid_token"


def test_visualize_tells_a_group_in_dotnets_types(desktop: Client) -> None:
    widget = {"id": "w", "rows": [TEXTS["team"], TEXTS["agent"]], "aggregatorQuestionIDs": [SCALES["nps"]]}
    body = desktop.post("/api/WidgetsSummary/Visualize", {"widgets": [widget], "filter": OURS}).json
    for item in body["visualizationSummary"]["w"]["summary"]:
        identity = item["id"]
        assert isinstance(identity["rowValues"], str)
        assert isinstance(identity["columnValues"], str)
        said = {response["questionId"]: response["textInput"] for response in identity["responses"]}
        assert list(said) == widget["rows"]
        assert identity["rowValues"] == "|".join(said.values())
        assert {list(response)[3] for response in identity["responses"]} == {"numberInput"}
