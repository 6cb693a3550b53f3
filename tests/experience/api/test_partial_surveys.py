"""Surveys answered bit by bit: kept, made an answer once, no answer until then (docs/cisco/wxm-api.md §4.3)."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.experience.api.client import Client
from tests.experience.api.conftest import DISPATCH, ELSEWHERE
from tests.support.answering import SCALES, TEXTS

pytestmark = pytest.mark.usefixtures("hashed")

NPS = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}
CSAT = {"questionId": SCALES["csat"], "textInput": None, "numberInput": 5}
PREFILL = {"questionId": TEXTS["customer"], "textInput": "C-partial", "numberInput": 0}


def opened(system: Client, anyone: Client, **fields: Any) -> tuple[str, str]:
    """A new token, and the partialResponseId that its survey gave out."""
    token = system.post("/api/SurveyToken", {"location": ELSEWHERE, "preFill": [PREFILL], **fields}).json["id"]
    return token, anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]


def answers_of(system: Client, customer: str = "C-partial") -> list[Any]:
    condition = {"questionId": TEXTS["customer"], "answerCheck": [customer]}
    documents: list[Any] = system.post("/api/Answers", {"filterquestions": [condition]}).json
    return documents


def test_a_survey_grows_and_becomes_one_answer(system: Client, anyone: Client) -> None:
    before = len(answers_of(system))
    token, partial = opened(system, anyone)
    path = f"/API/partialSURVEY/{partial}"
    assert anyone.post(f"{path}/false/JS-MicroWeb/tablet-1", [{**NPS, "numberInput": 2}]).status == 204
    assert anyone.post(f"{path}/False/", [NPS]).status == 204
    assert len(answers_of(system)) == before
    reply = anyone.post(f"{path}/TRUE/JS-MicroWeb", [CSAT])
    assert (reply.status, reply.data) == (204, b"")
    answer, *rest = answers_of(system)
    assert len(rest) == before
    numbers = {response["questionId"]: response["numberInput"] for response in answer["responses"]}
    assert (numbers[SCALES["nps"]], numbers[SCALES["csat"]]) == (9, 5)
    assert (answer["surveyClient"], answer["deviceId"], answer["locationId"]) == (
        "JS-MicroWeb",
        "tablet-1",
        ELSEWHERE,
    )
    assert anyone.get(f"/api/SurveyByToken/{token}").json is None


def test_a_completed_survey_is_one_answer_however_often_it_is_sent(system: Client, anyone: Client) -> None:
    before = len(answers_of(system))
    _, partial = opened(system, anyone, validUses=-1)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: anyone.post(f"/api/PartialSurvey/{partial}/true", [NPS]).status, range(16)))
    assert set(statuses) == {204}
    assert anyone.post(f"/api/PartialSurvey/{partial}/false", [CSAT]).status == 204
    assert len(answers_of(system)) == before + 1


def test_a_whole_that_says_more_loses_nothing_where_the_token_is_for_one(system: Client, anyone: Client) -> None:
    before = system.post("/api/answers/count").json
    token, partial = opened(system, anyone, validUses=1)
    anyone.post(f"/api/PartialSurvey/{partial}/true", [NPS])
    stored = anyone.post(f"/api/SurveyByToken/{token}", {"responses": [NPS, CSAT]}).json
    assert sorted(response["questionId"] for response in stored["responses"]) == sorted(
        [SCALES["nps"], SCALES["csat"], TEXTS["customer"]]
    )
    assert system.get(f"/api/Answer/{stored['id']}").json == stored
    assert system.post("/api/answers/count").json == before + 1
    # That was the one.
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [NPS, CSAT]}).json is None


@pytest.mark.parametrize("uses", [1, -1])
def test_a_client_that_also_sends_the_whole_makes_one_answer(system: Client, anyone: Client, uses: int) -> None:
    """As WxM's own web client does: the last response with `true`, then everything with the token."""
    before = system.post("/api/answers/count").json
    token, partial = opened(system, anyone, validUses=uses)
    anyone.post(f"/api/PartialSurvey/{partial}/false", [CSAT])
    anyone.post(f"/api/PartialSurvey/{partial}/true", [NPS])
    final = {"id": token, "responses": [NPS, CSAT, PREFILL], "surveyClient": "JS-MicroWeb", "responseDuration": 41}
    stored = anyone.post(f"/api/SurveyByToken/{token}", final).json
    question_ids = [response["questionId"] for response in stored["responses"]]
    assert sorted(question_ids) == sorted([SCALES["nps"], SCALES["csat"], TEXTS["customer"]])
    assert (stored["responseDuration"], stored["surveyClient"]) == (41, "JS-MicroWeb")
    assert system.get(f"/api/Answer/{stored['id']}").json == stored
    assert system.post("/api/answers/count").json == before + 1
    # The next who says the same is another customer, though the first should say again that he is done.
    assert anyone.post(f"/api/PartialSurvey/{partial}/true", [NPS]).status == 204
    again = anyone.post(f"/api/SurveyByToken/{token}", final).json
    assert (again is None) == (uses == 1)
    assert system.post("/api/answers/count").json == before + 1 + (uses == -1)


def test_what_another_customer_says_is_another_answer(system: Client, anyone: Client) -> None:
    """On a token that many use: it need not say less, nor something else, to be another's."""
    token, partial = opened(system, anyone, validUses=-1)
    anyone.post(f"/api/PartialSurvey/{partial}/true/JS-MicroWeb", [NPS, CSAT])
    comment = {"questionId": TEXTS["comment"], "textInput": "Fine", "numberInput": None}
    others: list[dict[str, Any]] = [
        {"responses": [NPS, {**CSAT, "numberInput": 3}]},
        {"responses": [NPS]},
        {"responses": [NPS, CSAT, comment]},
        {"responses": [NPS, CSAT, CSAT]},
        {"responses": [NPS, CSAT], "surveyClient": "Inweb"},
    ]
    before = system.post("/api/answers/count").json
    kept = {anyone.post(f"/api/SurveyByToken/{token}", sent).json["id"] for sent in others}
    assert len(kept) == len(others)
    assert system.post("/api/answers/count").json == before + len(others)
    same = {"responses": [CSAT, NPS], "surveyClient": "JS-MicroWeb"}
    assert anyone.post(f"/api/SurveyByToken/{token}", same).json["id"] not in kept
    assert system.post("/api/answers/count").json == before + len(others)


def test_two_who_say_the_same_bit_by_bit_are_two_answers(system: Client, anyone: Client) -> None:
    token, first = opened(system, anyone, validUses=-1)
    second = anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]
    before = system.post("/api/answers/count").json
    for partial in (first, second):
        anyone.post(f"/api/PartialSurvey/{partial}/true", [NPS])
    with ThreadPoolExecutor(2) as pool:
        whole = {"responses": [NPS]}
        answer_ids = pool.map(lambda _: anyone.post(f"/api/SurveyByToken/{token}", whole).json["id"], range(2))
    assert len(set(answer_ids)) == 2
    assert system.post("/api/answers/count").json == before + 2


def test_a_token_is_used_up_by_whoever_completes_first(system: Client, anyone: Client) -> None:
    token, first = opened(system, anyone)
    second = anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]
    assert first != second
    assert anyone.post(f"/api/PartialSurvey/{second}/false", [NPS]).status == 204
    assert anyone.post(f"/api/PartialSurvey/{first}/true", [NPS]).status == 204
    assert anyone.post(f"/api/PartialSurvey/{second}/true", [NPS]).error == "not_found"


def test_an_id_that_was_not_given_out_is_not_taken(system: Client, anyone: Client) -> None:
    token, partial = opened(system, anyone)
    other, _ = opened(system, anyone)
    forged = [f"{secrets.token_hex(16)}-{token}", f"{partial[:32]}-{other}", partial.upper(), token, "x"]
    for identity in forged:
        assert anyone.post(f"/api/PartialSurvey/{identity}/true", [NPS]).error == "not_found"
    assert anyone.post(f"/api/PartialSurvey/{partial}/maybe", [NPS]).error == "invalid_request"


@pytest.mark.parametrize("body", [None, {}, "x", [5], [{"textInput": "x"}], [{**NPS, "numberInput": 11}]])
def test_what_cannot_be_kept_is_refused_and_uses_nothing_up(system: Client, anyone: Client, body: object) -> None:
    token, partial = opened(system, anyone)
    assert anyone.post(f"/api/PartialSurvey/{partial}/true", body).error == "invalid_request"
    assert anyone.get(f"/api/SurveyByToken/{token}").json is not None


def test_what_a_token_prefills_stays_and_personal_data_is_hashed(system: Client, anyone: Client, hashed: str) -> None:
    customer = secrets.token_hex(6)
    _, partial = opened(system, anyone, preFill=[{**PREFILL, "textInput": customer}])
    forged, account = {**PREFILL, "textInput": "C-1"}, {"questionId": hashed, "textInput": "4711", "numberInput": 0}
    assert anyone.post(f"/api/PartialSurvey/{partial}/true", [NPS, account, forged]).status == 204
    (answer,) = answers_of(system, customer)
    texts = {response["questionId"]: response["textInput"] for response in answer["responses"]}
    assert texts[TEXTS["customer"]] == customer
    assert texts[hashed].startswith("sha512:")


def test_every_origin_may_send_it_and_be_refused_readably(system: Client, anyone: Client) -> None:
    _, partial = opened(system, anyone)
    origin = {"Origin": "https://shop.example"}
    for path in (f"/api/PartialSurvey/{partial}/false", f"/api/PartialSurvey/{partial}/false/JS-Web/4711"):
        preflight = anyone.call("OPTIONS", path, **origin, Access_Control_Request_Method="POST")
        assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
        assert "Authorization" not in preflight.headers["Access-Control-Allow-Headers"]
        assert anyone.post(path, [NPS], **origin).headers["Access-Control-Allow-Origin"] == "*"
    refused = anyone.post("/api/PartialSurvey/x/false", [NPS], **origin)
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (404, "*")


def test_an_answer_to_a_dispatched_survey_is_an_event(system: Client, anyone: Client) -> None:
    token, partial = opened(system, anyone, dispatchId=DISPATCH)
    for _ in range(2):
        assert anyone.post(f"/api/PartialSurvey/{partial}/true", [NPS]).status == 204
    (dispatch_events,) = system.get(f"/api/DeliveryEventsBy/Target/{token}").json
    assert [event["action"] for event in dispatch_events["events"]] == ["Answered"]
