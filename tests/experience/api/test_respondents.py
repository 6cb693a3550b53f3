"""One respondent is one answer with its NPS, in whichever order a client's requests arrive, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.db.schema_version import upgrade
from tests.support.databases import empty_schema
from tests.support.micro_survey import ORDERS, Respondent, kept_scores, system_user, uses_left

ROUNDS = 2
OVER = {200, 204, 404}


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Flask, FlaskClient]]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'pulse.db'}"
        upgrade(url)
        with system_user(url, tmp_path) as user:
            yield user
        return
    with empty_schema() as url:
        upgrade(url)
        with system_user(url, tmp_path) as user:
            yield user


def a_token(client: FlaskClient, uses: int) -> str:
    made = client.post("/api/SurveyToken", json={"validUses": uses}).get_json()
    return str(made["id"])


def nps_of(number: int) -> int:
    return number % 11


def test_a_respondent_is_one_answer_in_every_order(served: tuple[Flask, FlaskClient]) -> None:
    app, client = served
    assert len(ORDERS) == 12
    rounds = ROUNDS * len(ORDERS)
    shared = a_token(client, rounds + 1)
    for number, order in enumerate(ORDERS * ROUNDS):
        # Their other scores are all alike: as alike as two respondents can be.
        for token in (shared, a_token(client, 1)):
            respondent = Respondent(client, token, nps_of(number), 4, 5)
            assert {respondent.send(request) for request in order} <= OVER, order
    assert kept_scores(app) == sorted([nps_of(number) for number in range(rounds)] * 2, key=str)
    assert sorted(uses_left(app)) == [*[0] * rounds, 1]


def test_respondents_who_end_at_once_are_one_answer_each(served: tuple[Flask, FlaskClient]) -> None:
    """Both requests of the end at the same time, of several respondents on one token."""
    app, client = served
    count = 12
    token = a_token(client, count + 2)
    headers = client.environ_base["HTTP_AUTHORIZATION"]

    def sent(task: tuple[Respondent, str]) -> int:
        return task[0].send(task[1])

    respondents = []
    for number in range(count):
        own = app.test_client()
        own.environ_base["HTTP_AUTHORIZATION"] = headers
        respondents.append(Respondent(own, token, nps_of(number), 1 + number % 5, 1 + number % 7))
    for respondent in respondents:
        assert respondent.send("csat") == 204
        assert respondent.send("ces") == 204
    ends = [(respondent, request) for respondent in respondents for request in ("end", "whole")]
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(sent, ends)) == {200, 204}
    assert kept_scores(app) == sorted(map(nps_of, range(count)), key=str)
    assert uses_left(app) == [2]
