"""Survey tokens, and taking a survey with one (docs/cisco/wxm-api.md §3, §4); settings, questionnaires (§8)."""

import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.experience.api.client import Client
from tests.experience.api.conftest import ELSEWHERE
from tests.support.answering import QUESTIONNAIRE, SCALES, TEXTS

PREFILL = {"QuestionId": TEXTS["customer"], "TextInput": "C-77", "NumberInput": 0}
CSAT = {"questionId": SCALES["csat"], "textInput": None, "numberInput": 5}


def made(system: Client, **fields: Any) -> dict[str, Any]:
    reply = system.post("/api/SurveyToken", {"Location": QUESTIONNAIRE, **fields})
    assert reply.status == 200
    document: dict[str, Any] = reply.json
    return document


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


def test_a_token_is_the_accounts_whoever_its_maker_says(system: Client) -> None:
    """WxM's .NET client sends every field of the model, those that it does not know as null."""
    for user in (None, "somebody"):
        token = made(system, User=user, id=None, note=None, validTill=None, validUses=0, preFill=None)
        assert (token["user"], token["validUses"], token["preFill"]) == ("admin", 1, [])
        changed = system.post(f"/api/surveytoken/update/{token['id']}", {"user": user, "note": "x"}).json
        assert (changed["user"], changed["note"]) == ("admin", "x")


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
    assert [response["textInput"] for response in kept["responses"] if response["questionId"] == TEXTS["customer"]] == [
        "C-77"
    ]


def test_a_token_that_is_used_up_over_or_unknown_answers_null(system: Client, anyone: Client) -> None:
    used = made(system)["id"]
    assert anyone.post(f"/api/SurveyByToken/{used}", {"responses": [CSAT]}).json["id"]
    over = made(system, validTill="2026-01-01T00:00:00Z")["id"]
    letters = made(system)["id"].lower()
    for token in (used, over, letters, "XX-000000000000000000"):
        assert anyone.get(f"/api/SurveyByToken/{token}").json is None
        assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [CSAT]}).json is None


@pytest.mark.usefixtures("hashed")
def test_a_token_is_good_from_its_valid_after_on(system: Client, anyone: Client) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    token = made(system, Location=ELSEWHERE, ValidAfter=tomorrow)
    path = f"/api/SurveyByToken/{token['id']}"
    assert anyone.get(path).json is None
    assert anyone.post(path, {"responses": [CSAT]}).json is None
    assert anyone.get(f"/api/SurveyByToken/QR/{token['id']}").status == 404
    for begun in ("2026-01-01T00:00:00", "0001-01-01T00:00:00Z", None, tomorrow):
        changed = system.post(f"/api/surveytoken/update/{token['id']}", {"validAfter": begun})
        assert (changed.status, anyone.get(path).json is None) == (200, begun == tomorrow)
    assert system.post(f"/api/surveytoken/update/{token['id']}", {"note": "still"}).status == 200
    assert anyone.get(path).json is None


def test_a_refused_answer_uses_nothing_up(system: Client, anyone: Client) -> None:
    token = made(system)["id"]
    off = {"questionId": SCALES["csat"], "textInput": None, "numberInput": 6}
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [off]}).status == 400
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": "x"}).status == 400
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [CSAT]}).json["id"]


DEEP: Any = []
for _ in range(300):
    DEEP = [DEEP]


NO_IDS: tuple[Any, ...] = ([], {}, 5, None)


@pytest.mark.usefixtures("hashed")
@pytest.mark.parametrize("sent", [{"responses": [{"questionId": no_id}]} for no_id in NO_IDS])
def test_what_is_no_answer_is_refused_and_uses_nothing_up(system: Client, anyone: Client, sent: Any) -> None:
    token = made(system, Location=ELSEWHERE)["id"]
    partial = anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]
    assert anyone.post(f"/api/SurveyByToken/{token}", sent).error == "invalid_request"
    assert anyone.post(f"/api/PartialSurvey/{partial}/true", sent["responses"]).error == "invalid_request"
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [CSAT]}).json


@pytest.mark.parametrize("sent", [DEEP, {"responses": [], "translated": DEEP}])
def test_what_is_nested_too_deeply_is_refused(system: Client, anyone: Client, sent: Any) -> None:
    token = made(system)["id"]
    partial = anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]
    for path in (f"SurveyByToken/{token}", f"PartialSurvey/{partial}/true"):
        assert anyone.post(f"/api/{path}", sent).error == "invalid_request"
    for path in ("SurveyToken", "questions/add", "answers/add"):
        assert system.post(f"/api/{path}", sent).error == "invalid_request"


@pytest.mark.usefixtures("hashed")
def test_an_answer_is_neither_older_than_its_token_nor_of_tomorrow(system: Client, anyone: Client) -> None:
    token = made(system, Location=ELSEWHERE, validUses=-1)
    system.post(f"/api/surveytoken/update/{token['id']}", {"created": "2020-01-01T00:00:00Z"})
    now = datetime.now(UTC)

    def kept(at: datetime) -> str:
        sent = {"responses": [CSAT], "responseDateTime": at.isoformat()}
        timestamp: str = anyone.post(f"/api/SurveyByToken/{token['id']}", sent).json["responseDateTime"]
        return timestamp

    for at in (now - timedelta(days=1), now + timedelta(hours=1), datetime(2020, 6, 1), datetime(9999, 12, 31)):
        assert abs(datetime.fromisoformat(kept(at)) - now) < timedelta(minutes=1)
    for at in (now, now + timedelta(minutes=2)):
        assert kept(at) == at.isoformat().replace("+00:00", "Z")
    wrong = {"responses": [CSAT], "responseDateTime": "soon"}
    assert anyone.post(f"/api/SurveyByToken/{token['id']}", wrong).error == "invalid_request"


def test_uses_may_be_many_or_unlimited(system: Client, anyone: Client) -> None:
    for uses, taken in ((2, 2), (-1, 4)):
        token = made(system, validUses=uses)["id"]
        answered = [anyone.post(f"/api/SurveyByToken/{token}", {"responses": [CSAT]}).json for _ in range(4)]
        assert sum(answer is not None for answer in answered) == taken


def test_a_token_is_changed_and_deleted(system: Client, anyone: Client) -> None:
    token = made(system, note="old")["id"]
    changed = system.post(f"/api/surveytoken/update/{token}", {"note": "new", "validTill": 7}).json
    assert (changed["id"], changed["note"], changed["location"]) == (token, "new", QUESTIONNAIRE)
    assert system.get(f"/api/surveytoken/delete/{token}").json is True
    assert anyone.get(f"/api/SurveyByToken/{token}").json is None
    assert system.get(f"/api/surveytoken/id/{token}").error == "not_found"


def test_what_a_token_prefills_is_kept_as_an_answer_carries_it(system: Client, anyone: Client, hashed: str) -> None:
    prefill = {"questionId": hashed, "questionText": "Account number", "textInput": "4711", "numberInput": 0}
    token = made(system, Location=ELSEWHERE, preFill=[prefill])
    digest = token["preFill"][0]["textInput"]
    assert digest.startswith("sha512:")
    assert anyone.get(f"/api/SurveyByToken/{token['id']}").json["preFill"] == [{**prefill, "textInput": digest}]
    assert system.post(f"/api/surveytoken/update/{token['id']}", {"note": "n"}).json["preFill"] == token["preFill"]
    changed = system.post(f"/api/surveytoken/update/{token['id']}", {"preFill": [prefill]}).json
    assert changed["preFill"] == token["preFill"]


@pytest.mark.usefixtures("hashed")
def test_a_token_that_is_changed_is_no_fresher_than_it_was(system: Client, anyone: Client) -> None:
    token = made(system, Location=ELSEWHERE)
    path, answered = f"/api/SurveyByToken/{token['id']}", {"responses": [CSAT]}
    assert anyone.post(path, answered).json
    for change in ({"note": "seen"}, {**token, "note": "sent back whole"}):
        assert system.post(f"/api/surveytoken/update/{token['id']}", change).status == 200
        assert anyone.post(path, answered).json is None
    assert system.post(f"/api/surveytoken/update/{token['id']}", {"validUses": 2}).json["validUses"] == 2
    assert [anyone.post(path, answered).json is None for _ in range(2)] == [False, True]
    system.post(f"/api/surveytoken/update/{token['id']}", {"validUses": -1})
    system.post(f"/api/surveytoken/update/{token['id']}", {"validUses": 1})
    assert [anyone.post(path, answered).json is None for _ in range(2)] == [False, True]


def test_tokens_are_found_by_questionnaire_and_note(system: Client, desktop: Client) -> None:
    note = f'counter "{secrets.token_hex(4)}" 一'
    mine = sorted(made(system, note=note)["id"] for _ in range(3))
    made(system, note=f"{note} and more")
    named, place = quote(note), quote(QUESTIONNAIRE)
    for path in (f"search/{place}/{named}", f"SEARCH/all/{named}", f"all/{named}/"):
        reply = system.get(f"/api/surveytoken/{path}")
        assert [token["id"] for token in reply.json] == mine
        assert reply.headers["X-Total-Count"] == "3"
    for path in (f"searchid/{place}/{named}", f"searchid/all/{named}"):
        reply = system.get(f"/api/surveytoken/{path}")
        assert (reply.json, reply.headers["X-Total-Count"]) == (mine, "3")
    assert set(mine) < set(system.get(f"/api/surveytoken/searchid/{place}").json)
    assert set(mine) < set(system.get("/api/surveytoken/searchid").json)
    assert system.get("/api/surveytoken/search/nowhere").json == []
    assert system.post("/api/surveytoken/delete/", [*mine, "XX-1"]).json is True
    assert system.get(f"/api/surveytoken/all/{named}").json == []
    for body in ("x", [5], None):
        assert system.post("/api/surveytoken/delete", body).error == "invalid_request"
    assert desktop.post("/api/surveytoken/delete", mine).error == "insufficient_scope"


def test_tokens_are_told_page_by_page(system: Client) -> None:
    system.upload("/api/SurveyByToken/Import/1/1", "t.csv", b"mobile\n" + b"0912000777\n" * 150)
    pages = [system.get("/api/surveytoken/page/0").json]
    assert pages[0]["totalPages"] > 1
    pages += [system.get(f"/api/surveytoken/page/{n}/all").json for n in range(1, pages[0]["totalPages"])]
    identities = [token["id"] for page in pages for token in page["tokens"]]
    assert len(set(identities)) == len(identities) == pages[0]["totalCount"]
    assert [page["currentPage"] for page in pages] == list(range(len(pages)))


@pytest.mark.parametrize(
    "fields",
    [
        {"location": "no such"},
        {"validTill": "soon"},
        {"validUses": -2},
        {"preFill": 5},
        {"preFill": [{"textInput": "x"}]},
        {"id": "a/b"},
        {"id": 5},
        {"id": "Import"},
        {"id": ".."},
        {"note": 5},
        {"validAfter": 7},
        {"validAfter": "0001-01-01T00:00:00+08:00"},
        {"validTill": "9999-12-31T23:59:59-08:00"},
    ],
)
def test_a_token_that_cannot_be_is_refused(system: Client, fields: dict[str, Any]) -> None:
    assert system.post("/api/SurveyToken", fields).status == 400


@pytest.mark.parametrize("field", ["RequireCaptcha", "restrictFromIpSpace", "restrictOnWebDomain"])
def test_nobody_relies_on_a_restriction_that_is_not_enforced(system: Client, field: str) -> None:
    reply = system.post("/api/SurveyToken", {field: True})
    assert reply.error == "bad_survey_token"
    assert field.lower() in reply.json["error_description"].lower()
    for nothing in (None, False, ""):
        assert system.post("/api/SurveyToken", {field: nothing}).status == 200


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
    assert (settings["ticketActions"], settings["ticketStatus"]) == ([], [])
    named = desktop.get("/api/allsurveyquestionnaires").json
    expected = {"name": QUESTIONNAIRE, "displayName": QUESTIONNAIRE, "hashPIIBy": "sha512", "isNameImmutable": True}
    assert expected in named
    name = QUESTIONNAIRE.replace(" ", "%20")
    for path in (f"/api/Settings/{name}", f"/api/surveyquestionnaire/{name}/"):
        assert desktop.get(path).json["hashPIIBy"] == "sha512"
    assert {questionnaire["name"] for questionnaire in desktop.get("/api/surveyquestionnaire").json} == set(
        settings["locations"]
    )
    assert desktop.get("/api/profile").json == {"user": "desktop", "name": "desktop", "timeZoneOffset": 0}


@pytest.mark.parametrize("half", [b"\\ud83d", b"\\uDE00", b"\xed\xa0\xbd"])
def test_half_an_emoji_loses_itself_and_not_the_answer(system: Client, anyone: Client, half: bytes) -> None:
    """Case 13: a text that a page or a server cut between the two halves of a sign."""
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE}).json["id"]
    sent = {"responses": [{"questionId": TEXTS["comment"], "textInput": "cut HERE", "numberInput": 0}]}
    body = json.dumps(sent).encode().replace(b"HERE", half)
    reply = anyone.raw(f"/api/SurveyByToken/{token}", body)
    assert (reply.status, reply.json["responses"][0]["textInput"]) == (200, "cut \ufffd")


def test_whoever_answers_is_told_of_a_score_off_its_scale(system: Client, anyone: Client) -> None:
    """An import keeps such an answer without the score; who answers now can mend it."""
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE}).json["id"]
    wrong = {"responses": [{"questionId": SCALES["nps"], "textInput": None, "numberInput": 11}]}
    survey = anyone.get(f"/api/SurveyByToken/{token}").json
    replies = [
        anyone.post(f"/api/SurveyByToken/{token}", wrong),
        anyone.post(f"/api/PartialSurvey/{survey['partialResponseId']}/true", wrong["responses"]),
        system.post("/api/Answers/add", {**wrong, "locationId": QUESTIONNAIRE}),
    ]
    for reply in replies:
        assert (reply.status, reply.error) == (400, "invalid_request")
        assert f"question {SCALES['nps']}: 11 is not on the scale 0 to 10" in reply.json["error_description"]


def test_a_link_that_ends_in_mode_reuse_is_its_tokens(system: Client, anyone: Client) -> None:
    """As WxM's dispatcher writes links: `TOKEN&mode=reuse`."""
    token = made(system, validUses=3)["id"]
    for link in (f"{token}&mode=reuse", f"{token}%26mode%3Dreuse"):
        survey = anyone.get(f"/api/SurveyByToken/{link}").json
        assert survey["partialResponseId"].endswith(f"-{token}")
        assert anyone.get(f"/api/SurveyByToken/QR/{link}").data == anyone.get(f"/api/SurveyByToken/QR/{token}").data
        assert anyone.post(f"/api/SurveyByToken/{link}", {"responses": [CSAT]}).json["locationId"] == QUESTIONNAIRE
        partial = f"/api/PartialSurvey/{survey['partialResponseId']}&mode=reuse/false/JS-MicroWeb"
        assert anyone.post(partial, [CSAT]).status == 204
        assert anyone.post(f"/api/PartialSurvey/{link}/false/InApp-iOS/phone", [CSAT]).status == 204
        assert system.get(f"/api/SurveyToken/Id/{link}").json["id"] == token
    assert anyone.get("/api/SurveyByToken/&mode=reuse").json is None
