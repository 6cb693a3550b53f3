"""One node's history, taken out and brought into another through WxM's API alone, gives the same pulses."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from experience.accounts.users import Users
from experience.model.figures import Figures
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from lab.people.answers import year_of_answers
from tests.support.answering import TEXTS, answer
from tests.support.services import Service

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
YEAR = Period(date(2025, 11, 20), TODAY)
OWN: dict[str, Any] = {
    "id": "64d000000000000000000001",
    "text": "Was it easy?",
    "displayType": "Scale",
    "multiSelect": ["1-7"],
}
OWN |= {"questionTags": ["CES"], "displayLocation": ["Web survey"], "sequence": 3}


def entered(service: Service) -> FlaskClient:
    users = Users(service.app.extensions["pulse"]["database"])
    users.add("system", "system")
    users.set_key("system", "system-key")
    client = service.app.test_client()
    form = {"grant_type": "password", "username": "system", "password": "system-key"}
    token = client.post("/api/LoginToken", data=form).json
    assert token
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token['access_token']}"
    return client


def call_json(client: FlaskClient, path: str, body: object = None) -> Any:
    answered = client.post(path, json=body) if body is not None else client.get(path)
    assert answered.status_code == 200, answered.data
    return answered.json


def pulses(service: Service) -> list[Figures]:
    platform: Platform = service.app.extensions["pulse"]["platform"]
    teams = frozenset({"5001", "5002"})
    scopes = [Scope(teams, None), Scope(teams, "6001"), Scope(None, "6003")]
    return [platform.figures(scope, YEAR, name) for scope in scopes for name in (None, "Web survey")]


def test_a_history_moved_through_the_api_gives_the_same_pulses(start: Callable[..., Service], tmp_path: Path) -> None:
    old, new = start(data_dir=tmp_path / "old"), start(data_dir=tmp_path / "new")
    source, target = entered(old), entered(new)
    call_json(source, "/api/Questions/add", OWN)
    old.take(*(document for _, document in zip(range(600), year_of_answers(NOON), strict=False)))
    response = {"questionId": OWN["id"], "questionText": "", "textInput": None, "numberInput": 6}
    web = answer(questionnaire="Web survey", team="5001", agent="6001")
    old.take(web | {"responseDateTime": "2026-11-01T10:00:00Z", "responses": [*web["responses"], response]})
    known = {question["id"] for question in call_json(target, "/api/Questions")}
    for question in call_json(source, "/api/Questions"):
        if question["id"] not in known:
            call_json(target, "/api/Questions/add", question)
    page, total = 0, 1
    while page < total:
        listing = call_json(source, f"/api/Answers/page/{page}/250", {})
        page, total = page + 1, listing["totalPages"]
        for document in listing["responses"]:
            assert call_json(target, "/api/Answers/add", document)["id"] == document["id"]
    assert pulses(new) == pulses(old)
    assert pulses(new)[0].total.responses >= 600
    assert pulses(new)[1].total.ces == {(1, 7): {6: 1}}
    assert TEXTS["agent"] in {
        response["questionId"] for response in call_json(target, "/api/Answer/" + web["id"])["responses"]
    }
