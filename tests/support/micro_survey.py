"""WxM's web micro survey as a client: what it sends of one respondent, in any order (docs/cisco/wxm-api.md §4.3)."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from experience.accounts.users import Users
from experience.answers.schema import answers
from experience.surveys.survey_tokens import invitations
from foundation.settings import Settings
from tests.experience.api.client import PUBLIC_URL
from tests.support.answering import SCALES, TEXTS

CLIENT = "JS-MicroWeb"
# Two answers on the way, then the two requests of the end; the first two come in the order in which they were sent.
REQUESTS = ("csat", "ces", "end", "whole")
ORDERS = [order for order in itertools.permutations(REQUESTS) if order.index("csat") < order.index("ces")]


def number(name: str, value: int) -> dict[str, Any]:
    return {"questionId": SCALES[name], "questionText": None, "textInput": None, "numberInput": value}


class Respondent:
    """One who answers NPS (which is never sent alone), CSAT and CES, and skips the comment, which is displayed last."""

    def __init__(self, client: FlaskClient, token: str, nps: int, csat: int, ces: int) -> None:
        self.nps = nps
        self._client = client
        self._token = token
        self._partial = client.get(f"/api/SurveyByToken/{token}").get_json()["partialResponseId"]
        self._csat, self._ces = number("csat", csat), number("ces", ces)

    def send(self, request: str) -> int:
        """The status that one of REQUESTS was answered with."""
        # The id of the last question displayed, with the value of the last answer given.
        last = {**self._ces, "questionId": TEXTS["comment"]}
        bit = {"csat": (False, self._csat), "ces": (False, self._ces), "end": (True, last)}
        if request != "whole":
            completed, response = bit[request]
            path = f"/api/PartialSurvey/{self._partial}/{str(completed).lower()}/{CLIENT}"
            return self._client.post(path, json=[response]).status_code
        whole = {
            "id": self._token,
            "user": "test",
            "locationId": None,
            "responses": [number("nps", self.nps), self._csat, self._ces],
            "nps": 0,
            "surveyClient": CLIENT,
            "responseDuration": 12,
        }
        return self._client.post(f"/api/SurveyByToken/{self._token}", json=whole).status_code


@contextmanager
def system_user(database_url: str, folder: Path) -> Iterator[tuple[Flask, FlaskClient]]:
    """The api face over a database, and a client that may write."""
    facts: dict[str, Any] = {"data_dir": folder, "faces": ("api",), "database_url": database_url}
    app = create_app(Settings(public_url=PUBLIC_URL, **facts))
    database = app.extensions["pulse"]["database"]
    users = Users(database)
    users.add("system", "system")
    users.set_key("system", "system-key")
    client = app.test_client()
    form = {"grant_type": "password", "username": "system", "password": "system-key"}
    token = client.post("/api/LoginToken", data=form).get_json()["access_token"]
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    try:
        yield app, client
    finally:
        database.close()


def kept_scores(app: Flask) -> list[int | None]:
    """The NPS of every answer that is kept."""
    with app.extensions["pulse"]["database"].read() as connection:
        return sorted(connection.execute(select(answers.c.nps)).scalars(), key=str)


def uses_left(app: Flask) -> list[int]:
    """Of every survey token."""
    with app.extensions["pulse"]["database"].read() as connection:
        return list(connection.execute(select(invitations.c.uses_left)).scalars())
