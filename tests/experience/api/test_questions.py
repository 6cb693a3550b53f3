"""Questions: all, active, of a questionnaire; added, changed, deleted (docs/cisco/wxm-api.md §5)."""

import secrets
from typing import Any

import pytest

from tests.experience.api.client import Client
from tests.support.answering import QUESTIONNAIRE, SCALES, answer

WRITES = [
    ("POST", "/api/Questions/add"),
    ("POST", f"/api/Questions/update/{SCALES['nps']}"),
    ("GET", f"/api/Questions/delete/{SCALES['nps']}"),
    ("POST", "/api/Answers/add"),
    ("POST", "/api/Answers/Note/kept-001"),
    ("POST", "/api/SurveyToken"),
    ("POST", "/api/SurveyToken/update/XX-1"),
    ("GET", "/api/SurveyToken/delete/XX-1"),
]


def test_a_reader_cannot_write(desktop: Client, anyone: Client) -> None:
    for client in (desktop, anyone.as_basic("desktop", "desktop-pin")):
        for method, path in WRITES:
            reply = client.call(method, path)
            assert (reply.status, reply.error) == (403, "insufficient_scope"), path


def test_questions_come_in_their_order_with_wxms_fields(desktop: Client) -> None:
    shipped = desktop.post("/api/Questions/Questionnaire", {"Name": QUESTIONNAIRE}).json
    # Other tests add questions to this node.
    scales = [question for question in shipped if question["id"] in SCALES.values()]
    assert [question["id"] for question in scales] == list(SCALES.values())
    nps = scales[0]
    assert (nps["displayType"], nps["questionTags"], nps["isRetired"]) == ("Scale", ["NPS"], False)
    assert desktop.post("/api/Questions/Questionnaire", {"name": "no such"}).json == []
    assert desktop.post("/api/Questions/Questionnaire", {}).status == 400


def test_a_question_is_added_changed_retired_and_deleted(system: Client) -> None:
    place, identity = f"survey {secrets.token_hex(4)}", secrets.token_hex(12)
    sent = {
        "Id": identity,
        "Text": "How was it?",
        "DisplayType": "Scale",
        "MultiSelect": ["1-5"],
        "DisplayLocation": [place],
        "QuestionTags": ["CSAT"],
        "Strange": {"kept": 1},
    }
    added = system.post("/api/questions/ADD", sent)
    assert (added.status, added.json["id"], added.json["questionTags"]) == (200, identity, ["CSAT"])
    assert added.json["Strange"] == {"kept": 1}
    assert system.post("/api/questions/add", sent).status == 400
    changed = system.post(f"/api/questions/update/{identity}", {"text": "How was it, really?"}).json
    assert (changed["text"], changed["displayType"]) == ("How was it, really?", "Scale")
    assert identity in {question["id"] for question in system.get("/api/Questions/Active").json}
    system.post(f"/api/questions/update/{identity}", {"isRetired": True})
    assert identity not in {question["id"] for question in system.get("/api/Questions/Active").json}
    assert identity in {question["id"] for question in system.get("/api/Questions").json}
    assert system.get(f"/api/questions/delete/{identity}").json is True
    assert system.get(f"/api/questions/delete/{identity}").status == 404
    assert identity not in {question["id"] for question in system.get("/api/Questions").json}


def test_answers_that_came_before_their_question_are_scored_by_it(system: Client) -> None:
    place, identity = f"survey {secrets.token_hex(4)}", secrets.token_hex(12)
    early = answer(questionnaire=place) | {"responses": [{"questionId": identity, "textInput": None, "numberInput": 4}]}
    assert system.post("/api/answers/add", early).status == 200
    question = {"id": identity, "displayType": "Scale", "multiSelect": ["1-5"], "questionTags": ["CSAT"]}
    assert system.post("/api/questions/add", question | {"displayLocation": [place]}).status == 200
    widget = {"id": "w", "aggregatorQuestionIDs": [identity]}
    body = {"widgets": [widget], "filter": {"location": [place]}}
    (item,) = system.post("/api/WidgetsSummary/Visualize", body).json["visualizationSummary"]["w"]["summary"]
    assert item["value"]["distributedCount"] == {"4": 1}
    system.get(f"/api/questions/delete/{identity}")


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"id": "x" * 201}, "id"),
        ({"id": "a/b"}, "id"),
        ({"isRetired": "false"}, "isRetired"),
        ({"restrictedData": 1}, "restrictedData"),
        ({"questionTags": "NPS"}, "questionTags"),
        ({"multiSelect": [1, 2]}, "multiSelect"),
        ({"displayLocation": ["x" * 201]}, "displayLocation"),
    ],
)
def test_a_question_that_could_not_mean_what_it_says_is_refused(
    system: Client, sent: dict[str, Any], named: str
) -> None:
    """Kept as it is, `"isRetired": "false"` would retire it, and the tag "NPS" score nothing."""
    reply = system.post("/api/questions/add", {"text": "?", **sent})
    assert (reply.status, reply.error) == (400, "invalid_request")
    assert named in reply.json["error_description"]


def test_a_blank_name_makes_no_questionnaire(system: Client) -> None:
    identity = secrets.token_hex(12)
    question = {"id": identity, "text": "?", "displayLocation": [" ", ""], "questionTags": None, "isRetired": None}
    assert system.post("/api/questions/add", question).json["id"] == identity
    assert not [location for location in system.get("/api/settings").json["locations"] if not location.strip()]
    system.get(f"/api/questions/delete/{identity}")
