"""Survey tokens, and taking a survey with one (contract/wxm-api.md §3, §4); settings and questionnaires (§8)."""

import re
from typing import Any

import pytest

from tests.answering import QUESTIONNAIRE, SCALES, TEXTS
from tests.api.client import Client

PREFILL = {"QuestionId": TEXTS["customer"], "TextInput": "C-77", "NumberInput": 0}
CSAT = {"questionId": SCALES["csat"], "textInput": None, "numberInput": 5}


def made(system: Client, **fields: Any) -> dict[str, Any]:
    said = system.post("/api/SurveyToken", {"Location": QUESTIONNAIRE, **fields})
    assert said.status == 200
    found: dict[str, Any] = said.json
    return found


def test_a_token_has_wxms_look_and_keeps_what_was_sent(system: Client) -> None:
    token = made(system, Note="counter 3", PreFill=[PREFILL], strange=1)
    assert re.fullmatch(r"[A-Z]{2}-\d{18}", token["id"])
    assert (token["location"], token["validUses"], token["note"], token["strange"]) == (
        QUESTIONNAIRE,
        1,
        "counter 3",
        1,
    )
    assert system.get(f"/api/surveytoken/ID/{token['id']}/").json == token
    assert token in system.get("/api/surveytoken").json


def test_a_survey_is_taken_without_a_credential(system: Client, anyone: Client, desktop: Client) -> None:
    token = made(system, preFill=[PREFILL])["id"]
    survey = anyone.get(f"/API/surveyByTOKEN/{token}/tablet-1").json
    assert SCALES["nps"] in {question["id"] for question in survey["questions"]}
    assert survey["preFill"][0]["textInput"] == "C-77"
    assert re.fullmatch(rf"[0-9a-f]{{32}}-{token}", survey["partialResponseId"])
    forged = {"questionId": TEXTS["customer"], "textInput": "C-1", "numberInput": 0}
    stored = anyone.post(f"/api/surveybytoken/{token}", {"responses": [CSAT, forged], "surveyClient": "Inweb"}).json
    kept = desktop.get(f"/api/Answer/{stored['id']}").json
    assert kept == stored
    assert [each["textInput"] for each in kept["responses"] if each["questionId"] == TEXTS["customer"]] == ["C-77"]


def test_a_token_that_is_used_up_over_or_unknown_answers_null(system: Client, anyone: Client) -> None:
    used = made(system)["id"]
    assert anyone.post(f"/api/SurveyByToken/{used}", {"responses": [CSAT]}).json["id"]
    over = made(system, validTill="2026-01-01T00:00:00Z")["id"]
    letters = made(system)["id"].lower()
    for token in (used, over, letters, "XX-000000000000000000"):
        assert anyone.get(f"/api/SurveyByToken/{token}").json is None
        assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [CSAT]}).json is None


def test_a_refused_answer_uses_nothing_up(system: Client, anyone: Client) -> None:
    token = made(system)["id"]
    off = {"questionId": SCALES["csat"], "textInput": None, "numberInput": 6}
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [off]}).status == 400
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": "x"}).status == 400
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [CSAT]}).json["id"]


def test_uses_may_be_many_or_unlimited(system: Client, anyone: Client) -> None:
    for uses, taken in ((2, 2), (-1, 4)):
        token = made(system, validUses=uses)["id"]
        answered = [anyone.post(f"/api/SurveyByToken/{token}", {"responses": []}).json for _ in range(4)]
        assert sum(each is not None for each in answered) == taken


def test_a_token_is_changed_and_deleted(system: Client, anyone: Client) -> None:
    token = made(system, note="old")["id"]
    changed = system.post(f"/api/surveytoken/update/{token}", {"note": "new", "validTill": 7}).json
    assert (changed["id"], changed["note"], changed["location"]) == (token, "new", QUESTIONNAIRE)
    assert system.get(f"/api/surveytoken/delete/{token}").json is True
    assert anyone.get(f"/api/SurveyByToken/{token}").json is None
    assert system.get(f"/api/surveytoken/id/{token}").error == "not_found"


@pytest.mark.parametrize(
    "fields",
    [{"location": "no such"}, {"validTill": "soon"}, {"validUses": -2}, {"preFill": 5}, {"id": "a/b"}, {"id": 5}],
)
def test_a_token_that_cannot_be_is_refused(system: Client, fields: dict[str, Any]) -> None:
    assert system.post("/api/SurveyToken", fields).status == 400


def test_taking_a_survey_answers_every_origin(system: Client, anyone: Client) -> None:
    path = f"/api/SurveyByToken/{made(system)['id']}"
    origin = {"Origin": "https://shop.example"}
    assert anyone.get(path, **origin).headers["Access-Control-Allow-Origin"] == "*"
    preflight = anyone.call("OPTIONS", path, **origin, Access_Control_Request_Method="POST")
    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")


def test_the_account_tells_its_questionnaires(desktop: Client) -> None:
    settings = desktop.get("/api/settings").json
    assert QUESTIONNAIRE in settings["locations"]
    assert (settings["locationDataMigrated"], settings["npsRange"]) == (True, "7,8")
    named = desktop.get("/api/allsurveyquestionnaires").json
    expected = {"name": QUESTIONNAIRE, "displayName": QUESTIONNAIRE, "hashPIIBy": "sha512", "isNameImmutable": True}
    assert expected in named
    name = QUESTIONNAIRE.replace(" ", "%20")
    for path in (f"/api/Settings/{name}", f"/api/surveyquestionnaire/{name}/"):
        assert desktop.get(path).json["hashPIIBy"] == "sha512"
    assert {each["name"] for each in desktop.get("/api/surveyquestionnaire").json} == set(settings["locations"])
    assert desktop.get("/api/profile").json == {"user": "desktop", "name": "desktop", "timeZoneOffset": 0}
