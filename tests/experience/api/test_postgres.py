"""What rests on words of the database itself, on PostgreSQL: order of arrival, survey tokens, texts in documents."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from experience.accounts.users import Users
from experience.dispatch import recipients as kept
from experience.platform import CATALOGUE_SECONDS, Platform
from experience.surveys import survey_tokens
from foundation.db.schema_version import upgrade
from foundation.settings import Settings
from tests.experience.api.client import PUBLIC_URL
from tests.experience.api.conftest import DISPATCH, keep_dispatches
from tests.support.answering import SCALES, TEXTS, answer
from tests.support.databases import empty_schema


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[FlaskClient]:
    with empty_schema() as url:
        upgrade(url)
        facts: dict[str, Any] = {"data_dir": tmp_path, "database_url": url, "faces": ("api",)}
        app = create_app(Settings(public_url=PUBLIC_URL, **facts))
        users = Users(app.extensions["pulse"]["database"])
        users.add("system", "system")
        users.set_key("system", "system-key")
        client = app.test_client()
        form = {"grant_type": "password", "username": "system", "password": "system-key"}
        token = client.post("/api/LoginToken", data=form).json
        assert token
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token['access_token']}"
        yield client
        app.extensions["pulse"]["database"].close()


def post(calls: FlaskClient, path: str, body: object = None) -> Any:
    reply = calls.post(path, json=body)
    assert reply.status_code == 200, reply.data
    return reply.json


def survey_of(calls: FlaskClient, token: str) -> Any:
    """The survey of a token, as the API returns it."""
    return calls.get(f"/api/SurveyByToken/{token}").json


def test_pages_run_in_the_order_in_which_answers_came(calls: FlaskClient) -> None:
    now = datetime.now(UTC)
    sent = [answer(at=now - timedelta(days=number), nps=9, comment="red") for number in (3, 1, 2, 5, 4)]
    for document in sent:
        post(calls, "/api/answers/add", document)
    post(calls, f"/api/answers/note/{sent[0]['id']}", {"note": "seen"})
    condition = {"questionId": TEXTS["comment"], "answerCheck": ["red"]}
    pages = [post(calls, f"/api/answers/page/{page}/2", {"filterquestions": [condition]}) for page in range(3)]
    assert [listed["id"] for page in pages for listed in page["responses"]] == [document["id"] for document in sent]
    assert post(calls, "/api/answers/count", {"withNotes": True}) == 1


def test_answers_are_visualized_and_surveys_taken(calls: FlaskClient) -> None:
    token = post(calls, "/api/SurveyToken", {"validUses": 1})["id"]
    response = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}
    assert post(calls, f"/api/SurveyByToken/{token}", {"responses": [response]})["id"]
    assert post(calls, f"/api/SurveyByToken/{token}", {"responses": [response]}) is None
    widget = {"id": "w", "rows": ["responseDateTime", TEXTS["comment"]], "aggregatorQuestionIDs": [SCALES["nps"]]}
    body = post(calls, "/api/WidgetsSummary/Visualize", {"widgets": [widget]})
    (item,) = body["visualizationSummary"]["w"]["summary"]
    assert item["value"]["distributedCount"] == {"9": 1}
    assert post(calls, "/api/summary")["responseCount"] == 1


def at_once(calls: FlaskClient, path: str, bodies: list[Any]) -> list[int]:
    """The status of each body, all sent to one path at once."""

    def send(body: object) -> int:
        with calls.application.test_client() as own:
            own.environ_base.update(calls.environ_base)
            return own.post(path, json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(send, bodies))


def test_notes_that_come_at_once_are_all_kept(calls: FlaskClient) -> None:
    identity = post(calls, "/api/answers/add", answer(nps=9))["id"]
    sent = [{"note": f"{number}"} for number in range(16)]
    assert set(at_once(calls, f"/api/answers/note/{identity}", sent)) == {200}
    kept = calls.get(f"/api/answer/{identity}").json or {}
    assert {note["note"] for note in kept["notes"]} == {note["note"] for note in sent}


def test_changes_that_come_at_once_are_all_kept(calls: FlaskClient) -> None:
    """Of a question and of a survey token, each of which stands in one document."""
    changes = [{f"field{number}": number} for number in range(24)]
    whole = {name: value for change in changes for name, value in change.items()}
    assert set(at_once(calls, f"/api/questions/update/{SCALES['nps']}", changes)) == {200}
    by_id = {question["id"]: question for question in calls.get("/api/questions").json or []}
    assert by_id[SCALES["nps"]].items() >= whole.items()
    token = post(calls, "/api/SurveyToken", {"note": "stays"})["id"]
    assert set(at_once(calls, f"/api/surveytoken/update/{token}", changes)) == {200}
    assert (calls.get(f"/api/surveytoken/id/{token}").json or {}).items() >= {**whole, "note": "stays"}.items()


def test_a_question_of_one_id_is_added_once(calls: FlaskClient) -> None:
    statuses = at_once(calls, "/api/questions/add", [{"id": "one", "text": f"{number}"} for number in range(8)])
    assert sorted(statuses) == [200, *[400] * 7]


def test_a_question_that_names_no_questionnaire_is_kept(calls: FlaskClient) -> None:
    question = {"id": "q", "text": "a\0b", "displayType": "Text", "displayLocation": ["a\0b"]}
    assert post(calls, "/api/questions/add", question)["text"] == "a\0b"
    assert "a\0b" not in [
        questionnaire["name"] for questionnaire in calls.get("/api/AllSurveyQuestionnaires").json or []
    ]


def test_the_last_use_of_a_token_is_had_by_one(calls: FlaskClient) -> None:
    """Two who complete, or answer, at once: the database decides between them."""
    token = post(calls, "/api/SurveyToken", {"validUses": 1})["id"]
    survey = f"/api/SurveyByToken/{token}"
    partials = [reply.json["partialResponseId"] for reply in (calls.get(survey) for _ in range(4)) if reply.json]
    response = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}
    # Another answer: the same one would be known as the whole of the partial survey that was completed.
    other = {**response, "numberInput": 3}
    work = [
        *((f"/api/PartialSurvey/{partial}/true", [response]) for partial in partials),
        *[(survey, {"responses": [other]})] * 4,
    ]

    def send(path: str, body: object) -> bool:
        with calls.application.test_client() as own:
            reply = own.post(path, json=body)
        return reply.status_code == 204 or (reply.status_code == 200 and reply.json is not None)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda arguments: send(*arguments), work))
    assert taken.count(True) == 1
    assert post(calls, "/api/answers/count") == 1


def test_an_answer_that_cannot_be_kept_uses_nothing_up(calls: FlaskClient) -> None:
    database = calls.application.extensions["pulse"]["database"]
    token = post(calls, "/api/SurveyToken", {"validUses": 1})["id"]
    body = {"responses": [{"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}]}
    # As when a node with another TIME_ZONE has been started.
    Platform(database, "Asia/Taipei")
    assert calls.post(f"/api/SurveyByToken/{token}", json=body).status_code == 500
    Platform(database)
    assert post(calls, f"/api/SurveyByToken/{token}", body)["id"]
    assert post(calls, f"/api/SurveyByToken/{token}", body) is None


def test_a_partial_survey_that_cannot_be_completed_stays_open_and_uses_nothing_up(calls: FlaskClient) -> None:
    database = calls.application.extensions["pulse"]["database"]
    token = post(calls, "/api/SurveyToken", {"validUses": 1})["id"]
    partial = survey_of(calls, token)["partialResponseId"]
    nps = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}
    csat = {**nps, "questionId": SCALES["csat"], "numberInput": 5}
    Platform(database, "Asia/Taipei")
    assert calls.post(f"/api/PartialSurvey/{partial}/true", json=[nps]).status_code == 500
    Platform(database)
    assert calls.post(f"/api/PartialSurvey/{partial}/false", json=[csat]).status_code == 204
    assert calls.post(f"/api/PartialSurvey/{partial}/true", json=[]).status_code == 204
    (answer,) = post(calls, "/api/Answers")
    assert {response["questionId"] for response in answer["responses"]} == {SCALES["nps"], SCALES["csat"]}
    assert survey_of(calls, token) is None


def test_a_partial_survey_that_is_completed_at_once_is_one_answer(calls: FlaskClient) -> None:
    token = post(calls, "/api/SurveyToken", {"validUses": -1})["id"]
    survey = calls.get(f"/api/SurveyByToken/{token}").json
    assert survey
    path = f"/api/PartialSurvey/{survey['partialResponseId']}"

    def send(number: int) -> int:
        response = {"questionId": SCALES["nps"], "textInput": None, "numberInput": number}
        with calls.application.test_client() as own:
            return own.post(f"{path}/{'true' if number % 2 else 'false'}", json=[response]).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(10))) == {204}
    assert post(calls, "/api/answers/count") == 1
    partial = (calls.get(f"/api/SurveyByToken/{token}").json or {})["partialResponseId"]
    response = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 8}
    calls.post(f"/api/PartialSurvey/{partial}/true", json=[response])
    assert post(calls, f"/api/SurveyByToken/{token}", {"responses": [response], "responseDuration": 9})["id"]
    assert post(calls, "/api/answers/count") == 2


def test_a_whole_answer_that_could_not_be_kept_is_known_when_it_comes_again(calls: FlaskClient) -> None:
    database = calls.application.extensions["pulse"]["database"]
    token = post(calls, "/api/SurveyToken", {"validUses": -1})["id"]
    partial = survey_of(calls, token)["partialResponseId"]
    response = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}
    assert calls.post(f"/api/PartialSurvey/{partial}/true", json=[response]).status_code == 204
    whole = {"responses": [response], "responseDuration": 41}
    Platform(database, "Asia/Taipei")
    assert calls.post(f"/api/SurveyByToken/{token}", json=whole).status_code == 500
    Platform(database)
    assert post(calls, f"/api/SurveyByToken/{token}", whole)["responseDuration"] == 41
    assert post(calls, "/api/answers/count") == 1


def test_batches_that_name_the_same_recipients_in_another_order_do_not_wait_for_each_other(calls: FlaskClient) -> None:
    database = calls.application.extensions["pulse"]["database"]
    keep_dispatches(database)
    recipients = [[{"QuestionId": TEXTS["email"], "Input": f"{number}@example.com"}] for number in range(1000)]
    orders = [(DISPATCH, "mail-only"), ("mail-only", DISPATCH)]

    def send(order: tuple[str, str]) -> int:
        with calls.application.test_client() as own:
            own.environ_base.update(calls.environ_base)
            body = [{"DispatchID": dispatch, "PreFill": recipients} for dispatch in order]
            return own.post("/api/dispatchRequest", json=body).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, orders * 4)) == {207}
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(kept.recipients)).scalar_one() == 2 * len(recipients)


def test_batches_imports_and_files_are_kept(calls: FlaskClient) -> None:
    keep_dispatches(calls.application.extensions["pulse"]["database"])
    recipients = [[{"QuestionId": TEXTS["email"], "Input": f"{number}@example.com"}] for number in range(700)]

    def send(_: int) -> Any:
        with calls.application.test_client() as own:
            own.environ_base.update(calls.environ_base)
            body = [{"DispatchID": DISPATCH, "PreFill": recipients}]
            return own.post("/api/dispatchRequest", json=body, headers={"BatchID": "b"}).json

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(send, range(4)))
    assert {reply["statusByDispatch"][0]["dispatchStatus"] for reply in replies} == {"202"}
    tokens = calls.get("/api/SurveyToken").json
    assert tokens
    assert len(tokens) == 700
    assert len(calls.get("/api/surveytoken/searchid").json or []) == 700
    assert calls.get("/api/surveytoken/all/none").json == []
    (events,) = calls.get(f"/api/DeliveryEventsBy/Target/{tokens[0]['id']}").json or []
    assert [event["action"] for event in events["events"]] == ["Accepted"]
    sheet = {"files": (io.BytesIO("cc_CustomerId\n客服\n".encode()), "t.csv")}
    name = calls.post("/api/SurveyByToken/Import/1/1", data=sheet).json
    assert "客服" in calls.get(f"/api/{name}").text
    image = b"\x89PNG\r\n\x1a\n\0\xff"
    asset = calls.post("/api/UploadUserAsset", data={"files": (io.BytesIO(image), "a.png")}).json
    assert calls.get(f"/api/StreamUserAsset/{asset}").data == image


def test_many_changes_of_one_token_wait_for_each_other_alone(calls: FlaskClient) -> None:
    """More than there are connections, and each holds one while it waits; the questions known grow old meanwhile."""
    made, app = post(calls, "/api/SurveyToken", {"note": "first"})["id"], calls.application
    who = {"Authorization": calls.environ_base["HTTP_AUTHORIZATION"]}

    def change(number: int) -> int:
        body = {"note": f"note {number}"}
        return app.test_client().post(f"/api/SurveyToken/update/{made}", json=body, headers=who).status_code

    with ThreadPoolExecutor(40) as pool:
        with app.extensions["pulse"]["database"].write() as connection:
            survey_tokens.find(connection, made, to_change=True)
            changing = [pool.submit(change, number) for number in range(40)]
            time.sleep(2 * CATALOGUE_SECONDS)
        assert [future.result() for future in changing] == [200] * 40


def test_events_of_a_customer_and_the_answer_by_his_token_are_found(calls: FlaskClient) -> None:
    keep_dispatches(calls.application.extensions["pulse"]["database"])
    query = {TEXTS["customer"]: "C-logged", TEXTS["email"]: "ann@example.com"}
    assert calls.get(f"/api/dispatchSingle/{DISPATCH}", query_string=query).status_code == 207
    (logged,) = post(calls, "/api/EventLog", {"UUID": "C-logged"})
    response = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}
    stored = post(calls, f"/api/SurveyByToken/{logged['tokenId']}", {"responses": [response]})
    (merged,) = post(calls, "/api/DeliveryPlan/WXMMergedData", {"TokenIds": [logged["tokenId"]]})
    assert merged["responses"] == stored["responses"]
    assert post(calls, "/api/EventLog", {"UUID": "C-log"}) == []
