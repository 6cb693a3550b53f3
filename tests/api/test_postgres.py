"""What rests on words of the database itself, on PostgreSQL: order of arrival, survey tokens, texts in documents."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from experience.users import Users
from foundation.database import upgrade
from foundation.settings import Settings
from tests.answering import SCALES, TEXTS, answer
from tests.api.client import PUBLIC_URL
from tests.experience.conftest import empty_schema


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
    said = calls.post(path, json=body)
    assert said.status_code == 200, said.data
    return said.json


def test_pages_run_in_the_order_in_which_answers_came(calls: FlaskClient) -> None:
    now = datetime.now(UTC)
    sent = [answer(at=now - timedelta(days=number), nps=9, comment="red") for number in (3, 1, 2, 5, 4)]
    for each in sent:
        post(calls, "/api/answers/add", each)
    post(calls, f"/api/answers/note/{sent[0]['id']}", {"note": "seen"})
    asked = {"questionId": TEXTS["comment"], "answerCheck": ["red"]}
    pages = [post(calls, f"/api/answers/page/{page}/2", {"filterquestions": [asked]}) for page in range(3)]
    assert [found["id"] for page in pages for found in page["responses"]] == [each["id"] for each in sent]
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
