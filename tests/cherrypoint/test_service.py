"""Our Cloud Connect: what CVP, CCE Administration and Finesse find there, who may ask, and who is braked."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Authorization
from werkzeug.test import TestResponse

from cherrypoint.gate import (
    ACCEPTED_SECONDS,
    GUESSES_AN_ADDRESS,
    GUESSES_OF_ALL,
    CredentialRequired,
    Gate,
    TooManyGuesses,
)
from cherrypoint.unknown_paths import KINDS_KEPT, UnknownPaths
from experience.accounts.api_tokens import ApiTokens
from experience.accounts.users import Users
from foundation.brakes.store import InProcess
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.keys import signing_keys
from tests.foundation.brakes.test_store import Clock
from tests.support.databases import empty_schema
from tests.support.scripted_finesse import basic
from tests.support.services import Service

NAME, PASSWORD = "admin", "a pass:word é"
START = Callable[..., Service]


@pytest.fixture
def ours(start: START) -> Service:
    service = start(cloudconnect_username=NAME, cloudconnect_password=PASSWORD)
    users = Users(service.app.extensions["pulse"]["database"])
    users.add("desktop", "desktop")
    users.add("system", "system")
    return service


@pytest.fixture
def client(ours: Service) -> Iterator[FlaskClient]:
    with ours.app.test_client() as test_client:
        yield test_client


def ask(client: FlaskClient, path: str, method: str = "GET", password: str = PASSWORD, **more: Any) -> TestResponse:
    return client.open(path, method=method, headers={"Authorization": basic(NAME, password)}, **more)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_status_is_up(client: FlaskClient, method: str) -> None:
    answer = ask(client, "/cherrypoint/status", method)
    assert (answer.status_code, answer.get_json()) == (200, {"status": "up"})
    detailed = ask(client, "/cherrypoint/status?details=true", method)
    assert detailed.get_json()["details"]["failing"] == {}


def test_status_says_why_it_is_down(ours: Service, client: FlaskClient) -> None:
    ours.app.extensions["pulse"]["database"].close()
    (ours.settings.data_dir / "pulse.db").rename(ours.settings.data_dir / "gone.db")
    (ours.settings.data_dir / "pulse.db").mkdir()
    answer = ask(client, "/cherrypoint/status?details=true")
    assert answer.status_code == 503
    assert "database" in answer.get_json()["reason"]


def test_the_token_is_the_system_users(ours: Service, client: FlaskClient) -> None:
    token = ask(client, "/cherrypoint/authtoken").get_json()
    caller = ApiTokens(signing_keys(ours.settings)).read(token["access_token"])
    assert caller is not None
    assert (caller.user, caller.may_write, caller.scope) == ("system", True, None)
    assert token["token_type"] == "bearer"
    assert abs(token["expires_at"] / 1000 - time.time() - token["expires_in"]) < 2
    assert 43_000 < token["expires_in"] <= 43_200


def test_no_system_user_is_said(start: START) -> None:
    client = start(cloudconnect_username=NAME, cloudconnect_password=PASSWORD).app.test_client()
    answer = ask(client, "/cherrypoint/authtoken")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "cloud_connect_unavailable")


def test_a_user_who_is_let_in_no_more_has_no_token_made_for_him(ours: Service, client: FlaskClient) -> None:
    users = Users(ours.app.extensions["pulse"]["database"])
    users.disable("system")
    answer = ask(client, "/cherrypoint/authtoken")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "cloud_connect_unavailable")
    users.add("another", "system")
    assert ask(client, "/cherrypoint/authtoken").status_code == 200


def test_questionnaires_are_listed(client: FlaskClient) -> None:
    listed = ask(client, "/cherrypoint/questionnaires").get_json()
    assert [(questionnaire["name"], questionnaire["displayName"]) for questionnaire in listed] == [
        ("Post call survey", "Post call survey")
    ]
    assert ask(client, "/cherrypoint/questionnaires/v2").get_json() == listed
    assert ask(client, "/cherrypoint/questionnaires/v2/Post%20call%20survey").get_json() == listed[0]
    assert ask(client, "/cherrypoint/questionnaires/v2/Other").status_code == 404
    assert ask(client, "/cherrypoint/dispatchtemplates").get_json() == []


def test_the_other_services_of_cloud_connect_answer(client: FlaskClient) -> None:
    assert ask(client, "/cloudconnectmgmt/status").status_code == 200
    assert ask(client, "/contm/ping").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/cherrypoint/config"),
        ("GET", "/cherrypoint/surveydispatch"),
        ("PUT", "/cherrypoint/status"),
        ("GET", "/cherrypoint/"),
        ("DELETE", "/contm/containers/7"),
        ("GET", "/cloudconnectmgmt/token?scopes=a"),
    ],
)
def test_an_unknown_path_is_404_and_kept(ours: Service, client: FlaskClient, method: str, path: str) -> None:
    for body in (b"abc", b"abcdef", b""):
        assert ask(client, path, method, data=body).status_code == 404
    kept = UnknownPaths(ours.app.extensions["pulse"]["database"]).all()
    assert [(request.method, request.path, request.size, request.times) for request in kept] == [
        (method, path.partition("?")[0], 6, 3)
    ]


def test_a_path_and_a_size_that_no_column_holds_are_kept_as_far_as_one_can() -> None:
    with empty_schema() as url:
        upgrade(url)
        database = Database(url)
        try:
            unknown_paths = UnknownPaths(database)
            unknown_paths.note("GET", "/cherrypoint/a\0b", 99_999_999_999)
            assert [(request.path, request.size) for request in unknown_paths.all()] == [
                ("/cherrypoint/a\ufffdb", 2**31 - 1)
            ]
        finally:
            database.close()


def test_so_many_unknown_paths_are_kept_and_no_more(ours: Service, client: FlaskClient) -> None:
    for number in range(KINDS_KEPT + 20):
        ask(client, f"/cherrypoint/unknown/{number}")
    kept = UnknownPaths(ours.app.extensions["pulse"]["database"]).all()
    assert len(kept) == KINDS_KEPT
    assert kept[0].path == f"/cherrypoint/unknown/{KINDS_KEPT + 19}"


@pytest.mark.parametrize("header", [None, "", "Basic", "Basic !!", "Bearer x", basic(NAME, ""), basic("", PASSWORD)])
def test_nobody_else_may_ask(client: FlaskClient, header: str | None) -> None:
    for path in ("/cherrypoint/status", "/cherrypoint/authtoken", "/cherrypoint/config", "/contm/ping"):
        answer = client.get(path, headers={"Authorization": header} if header is not None else {})
        assert (answer.status_code, answer.get_json()["code"]) == (401, "invalid_credentials")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_guessing_is_braked_for_that_address_alone(client: FlaskClient) -> None:
    guesses = [ask(client, "/cherrypoint/status", password=f"guess {n}").status_code for n in range(30)]
    assert guesses == [401] * GUESSES_AN_ADDRESS + [429] * 20
    braked = ask(client, "/cherrypoint/status")
    assert (braked.status_code, braked.get_json()["code"]) == (429, "try_later")
    assert int(braked.headers["Retry-After"]) > 0
    assert ask(client, "/cherrypoint/status", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 200


def test_who_was_let_in_lately_is_not_held_up(client: FlaskClient) -> None:
    assert ask(client, "/cherrypoint/status").status_code == 200
    for n in range(30):
        ask(client, "/cherrypoint/status", password=f"guess {n}")
    assert ask(client, "/cherrypoint/status").status_code == 200
    assert ACCEPTED_SECONDS == 1800


def test_guesses_from_many_addresses_are_braked_together(client: FlaskClient) -> None:
    statuses = [
        ask(client, "/contm/ping", password=f"guess {n}", environ_base={"REMOTE_ADDR": f"10.0.0.{n}"}).status_code
        for n in range(80)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return Gate(NAME, PASSWORD, InProcess(clock), b"a key")


def admits(gate: Gate, password: str = PASSWORD, source: str = "10.0.0.1") -> bool:
    try:
        gate.check(Authorization("basic", {"username": NAME, "password": password}), source)
    except (CredentialRequired, TooManyGuesses):
        return False
    return True


def guess(gate: Gate, source: str = "10.0.0.1") -> None:
    for number in range(GUESSES_AN_ADDRESS):
        admits(gate, f"guess {number}", source)


def test_each_acceptance_begins_the_half_hour_anew(gate: Gate, clock: Clock) -> None:
    assert admits(gate)
    for _ in range(3):
        clock.now += ACCEPTED_SECONDS - 1
        guess(gate)
        assert admits(gate)
    clock.now += ACCEPTED_SECONDS
    guess(gate)
    assert not admits(gate)


def test_a_guesser_does_not_learn_the_right_password_from_a_brake_that_is_on(gate: Gate) -> None:
    assert admits(gate)
    guess(gate, "10.0.0.2")
    assert not admits(gate, source="10.0.0.2")


def test_right_passwords_use_nothing_up(gate: Gate) -> None:
    for number in range(GUESSES_OF_ALL * 2):
        assert admits(gate, source=f"10.0.1.{number}")
    guess(gate)
    assert admits(gate, source="10.0.0.2")


def test_one_address_cannot_use_up_the_guesses_of_all(gate: Gate) -> None:
    for _ in range(20):
        guess(gate)
    assert not admits(gate)
    assert admits(gate, source="10.0.0.2")


def test_a_password_that_was_replaced_is_known_no_more(clock: Clock) -> None:
    store = InProcess(clock)
    before, after = Gate(NAME, PASSWORD, store, b"a key"), Gate(NAME, "new", store, b"a key")
    assert admits(before)
    assert not admits(after)
    guess(before)
    assert not admits(before)
