"""What Cisco's invitation module asks for: one recipient by GET, the log of events, answers with events."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.experience.api.client import Client
from tests.experience.api.conftest import DISPATCH
from tests.support.answering import QUESTIONNAIRE, SCALES, TEXTS

NPS = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}
KEYS = [
    *("id", "tokenId", "deliveryWorkFlowId", "dispatchId", "batchId", "user", "location", "created", "updated"),
    *("events", "target", "targetHashed", "prefills", "logMessage", "tags"),
]


def single(system: Client, customer: str, email: str = "ann@example.com") -> dict[str, Any]:
    query = urlencode({TEXTS["customer"]: customer, TEXTS["email"]: email})
    reply = system.get(f"/api/dispatchSingle/{quote(DISPATCH)}?{query}")
    assert reply.status == 207
    document: dict[str, Any] = reply.json
    return document


@pytest.fixture
def customer() -> str:
    return f"C-{secrets.token_hex(5)}"


def test_one_recipient_is_taken_by_get(system: Client, desktop: Client, customer: str) -> None:
    (status,) = single(system, customer)["statusByDispatch"]
    assert (status["dispatchId"], status["dispatchStatus"]) == (DISPATCH, "202")
    assert single(system, customer, "nobody")["statusByDispatch"][0]["dispatchStatus"] == "400"
    assert system.get(f"/api/dispatchSingle/{DISPATCH}").error == "invalid_request"
    assert desktop.get(f"/api/dispatchSingle/{DISPATCH}?a=b").error == "insufficient_scope"
    assert system.call("HEAD", f"/api/dispatchSingle/{DISPATCH}?a=b").status == 405


def test_events_are_found_by_what_the_module_asks_for(system: Client, desktop: Client, customer: str) -> None:
    batch = single(system, customer)["batchId"]
    (logged,) = system.post("/api/EventLog", {"BatchId": batch, "DispatchId": "", "Token": None}).json
    assert list(logged) == KEYS
    assert (logged["dispatchId"], logged["batchId"], logged["location"]) == (DISPATCH, batch, QUESTIONNAIRE)
    assert [event["action"] for event in logged["events"]] == ["Accepted"]
    assert (logged["target"], logged["targetHashed"], logged["logMessage"], logged["tags"]) == (
        *(customer, customer, None),
        ["UserData"],
    )
    kept = system.get(f"/api/SurveyToken/Id/{logged['tokenId']}").json["preFill"]
    assert {prefill["questionId"]: (prefill["input"], prefill["input_Hash"]) for prefill in logged["prefills"]} == {
        response["questionId"]: (response["textInput"], response["textInput"]) for response in kept
    }
    today = datetime.now(UTC)
    earlier = (today - timedelta(days=2)).strftime("%d/%m/%Y")
    filters: list[dict[str, str]] = [
        {"Token": logged["tokenId"]},
        {"UUID": customer},
        {"DispatchId": DISPATCH, "FromDate": earlier, "ToDate": today.strftime("%d/%m/%Y")},
        {"Created": today.strftime("%d/%m/%Y")},
    ]
    for fields in filters:
        assert logged in system.post("/api/eventlog", fields).json, fields
    for fields in ({"UUID": customer, "Created": earlier}, {"UUID": f"{customer}x"}, {"BatchId": batch, "Token": "x"}):
        assert system.post("/api/EventLog", fields).json == [], fields
    refused = single(system, customer, "nobody")["batchId"]
    (logged,) = system.post("/api/EventLog", {"BatchId": refused}).json
    assert (logged["tokenId"], logged["batchId"], logged["events"][0]["action"]) == (None, refused, "Refused")
    assert (logged["target"], logged["prefills"], logged["tags"]) == (None, None, ["DispatchAPI"])
    assert logged["logMessage"] == {"message": logged["events"][0]["message"], "level": "Error", "exception": None}
    wrong: list[dict[str, Any]] = [{}, {"Token": " "}, {"Created": "2026-11-28"}, {"Token": 5}]
    for fields in wrong:
        assert system.post("/api/EventLog", fields).error == "invalid_request"
    assert desktop.post("/api/EventLog", {"BatchId": batch}).error == "insufficient_scope"


def test_answers_come_with_their_events(system: Client, anyone: Client, desktop: Client, customer: str) -> None:
    batch = single(system, customer)["batchId"]
    token = system.post("/api/EventLog", {"BatchId": batch}).json[0]["tokenId"]
    path = "/api/DeliveryPlan/WXMMergedData"
    (waits,) = system.post(path, {"filter": None, "TokenIds": [token]}).json
    assert list(waits) == ["_id", "answeredAt", "partial", "responses", "wxmEvents"]
    assert (waits["_id"], waits["answeredAt"], waits["partial"], waits["responses"]) == (
        token,
        "0001-01-01T00:00:00Z",
        False,
        [],
    )
    stored = anyone.post(f"/api/SurveyByToken/{token}", {"responses": [NPS]}).json
    now = datetime.now(UTC)
    limits = {"afterdate": (now - timedelta(hours=1)).isoformat(), "beforedate": (now + timedelta(hours=1)).isoformat()}
    (answered,) = system.post(path, {"TokenIds": [token]}).json
    assert (answered["answeredAt"], answered["responses"]) == (stored["responseDateTime"], stored["responses"])
    assert [event["action"] for event in answered["wxmEvents"]] == ["Accepted", "Answered"]
    assert set(answered["wxmEvents"][0]) >= {"timeStamp", "channel", "message", "sentSequence", "messageTemplate"}
    assert answered in system.post(path, {"filter": limits, "TokenIds": []}).json
    for wrong in ({}, {"TokenIds": 5}, {"filter": {"afterdate": "soon", "beforedate": "later"}}):
        assert system.post(path, wrong).error == "invalid_request"
    assert desktop.post(path, {"TokenIds": [token]}).error == "insufficient_scope"


def test_a_survey_that_is_half_answered_is_partial_until_it_is_over(
    system: Client, anyone: Client, customer: str
) -> None:
    batch = single(system, customer)["batchId"]
    token = system.post("/api/EventLog", {"BatchId": batch}).json[0]["tokenId"]
    path, wanted = "/api/DeliveryPlan/WXMMergedData", {"TokenIds": [token]}
    survey = anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]
    assert system.post(path, wanted).json[0]["partial"] is False
    assert anyone.post(f"/api/PartialSurvey/{survey}/false/JS-MicroWeb", [NPS]).status == 204
    (begun,) = system.post(path, wanted).json
    assert (begun["partial"], begun["answeredAt"]) == (True, "0001-01-01T00:00:00Z")
    assert [(sent["questionId"], sent["numberInput"]) for sent in begun["responses"]] == [(SCALES["nps"], 9)]
    assert anyone.post(f"/api/PartialSurvey/{survey}/true/JS-MicroWeb", [NPS]).status == 204
    (over,) = system.post(path, wanted).json
    assert over["partial"] is False
    assert over["answeredAt"] > "2026"
    assert SCALES["nps"] in [sent["questionId"] for sent in over["responses"]]
