"""The token endpoint: off by default, at both its paths, and bound to the person where the WxM is built in."""

import time
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from experience.accounts.api_tokens import ApiTokens, Caller
from experience.accounts.users import Users
from experience.model.scope import Scope
from foundation.keys import signing_keys
from tests.support.scripted_cloud_connect import NAME, PASSWORD, scripted_pair
from tests.support.scripted_finesse import Account, ScriptedFinesse, basic
from tests.support.services import Service
from tests.support.signed_in import make_person

HERE, AT_FINESSE = "/gadgets/token", "/finesse/api/CloudConnectTokenService"
SOURCE = "?tokenSource=cherrypoint"
START = Callable[..., Service]


@pytest.fixture
def on(start: START) -> Service:
    started = start(token_endpoint="on")
    users = Users(started.app.extensions["pulse"]["database"])
    users.add("system", "system")
    users.add("desktop", "desktop")
    return started


def caller(service: Service, answer: TestResponse) -> Caller:
    assert answer.status_code == 200, answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.get_json()) == {"access_token", "expires_at"}
    assert time.time() * 1000 < answer.get_json()["expires_at"] <= (time.time() + 901) * 1000
    api_caller = ApiTokens(signing_keys(service.settings)).read(answer.get_json()["access_token"])
    assert api_caller is not None
    return api_caller


@pytest.mark.parametrize("path", [HERE, AT_FINESSE])
def test_it_is_off_unless_switched_on(service: Service, path: str) -> None:
    answer = service.get(path + SOURCE, make_person())
    assert (answer.status_code, answer.get_json()["code"]) == (403, "token_endpoint_off")
    assert service.get(path + SOURCE).status_code == 403


@pytest.mark.parametrize("path", [HERE, AT_FINESSE])
def test_an_agents_token_reaches_own_answers_alone(on: Service, path: str) -> None:
    api_caller = caller(on, on.get(path + SOURCE, make_person()))
    assert (api_caller.user, api_caller.role, api_caller.may_write) == ("desktop", "desktop", False)
    assert api_caller.scope == Scope(None, "6001")


@pytest.mark.parametrize("path", [HERE, AT_FINESSE])
def test_a_supervisors_token_reaches_supervised_teams_alone(on: Service, path: str) -> None:
    person = make_person("1102", agent_id="6102", supervises=(("5001", "Sales"), ("5002", "Support")))
    assert caller(on, on.get(path + SOURCE, person)).scope == Scope(frozenset({"5001", "5002"}), None)


def test_a_supervisor_of_no_team_reaches_nothing(on: Service) -> None:
    person = make_person("1102", agent_id="6102", supervisor=True)
    assert caller(on, on.get(HERE + SOURCE, person)).scope == Scope(frozenset(), None)


@pytest.mark.parametrize("path", [HERE, AT_FINESSE])
@pytest.mark.parametrize("query", ["", "?tokenSource=", "?tokenSource=evapoint", "?tokenSource=Cherrypoint&scopes=a"])
def test_another_source_is_unknown(on: Service, path: str, query: str) -> None:
    answer = on.get(path + query, make_person())
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unknown_token_source")


@pytest.mark.parametrize("path", [HERE, AT_FINESSE])
def test_nobody_gets_one_without_a_session(on: Service, path: str) -> None:
    for token in (None, "forged"):
        answer = on.get(path + SOURCE, token)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "session_required")


def test_finesses_own_path_takes_a_basic_finesse_credential(on: Service, finesse: ScriptedFinesse) -> None:
    finesse.add(Account("1001", "ann"))
    answer = on.get(AT_FINESSE + SOURCE, Authorization=basic("1001", "right"))
    assert caller(on, answer).scope == Scope(None, "6001")
    assert on.get(HERE + SOURCE, Authorization=basic("1001", "right")).status_code == 401


def test_that_credential_goes_through_the_sessions_checks(on: Service, finesse: ScriptedFinesse) -> None:
    finesse.add(Account("1001", "ann"))
    finesse.add(Account("1002", "bob", roles=()))
    wrong = on.get(AT_FINESSE + SOURCE, Authorization=basic("1001", "wrong"))
    assert (wrong.status_code, wrong.get_json()["code"]) == (401, "invalid_credentials")
    for _ in range(10):
        on.get(AT_FINESSE + SOURCE, Authorization=basic("1001", "wrong"))
    assert finesse.refusals == 1
    without = on.get(AT_FINESSE + SOURCE, Authorization=basic("1002", "right"))
    assert (without.status_code, without.get_json()["code"]) == (403, "no_role")


def test_without_a_desktop_user_there_is_no_token(start: START) -> None:
    answer = start(token_endpoint="on").get(HERE + SOURCE, make_person())
    assert (answer.status_code, answer.get_json()["code"]) == (503, "cloud_connect_unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_with_a_real_wxm_it_is_cloud_connects(start: START) -> None:
    with scripted_pair() as pair:
        service = start(
            token_endpoint="on",
            wxm_url="http://127.0.0.1:1",
            cloudconnect_publisher=pair.publisher.base,
            cloudconnect_username=NAME,
            cloudconnect_password=PASSWORD,
        )
        for _ in range(5):
            answer = service.get(HERE + SOURCE, make_person())
            assert answer.get_json()["access_token"] == "publisher-token-000001"
        assert pair.calls == 1
        pair.publisher.fault = "500"
        other = start(
            token_endpoint="on",
            wxm_url="http://127.0.0.1:1",
            cloudconnect_publisher=pair.publisher.base,
            cloudconnect_username=NAME,
            cloudconnect_password=PASSWORD,
        ).get(HERE + SOURCE, make_person())
        assert (other.status_code, other.get_json()["code"]) == (503, "cloud_connect_unavailable")
        assert int(other.headers["Retry-After"]) > 0


def test_a_real_cloud_connect_changes_nothing_where_the_wxm_is_built_in(start: START) -> None:
    service = start(token_endpoint="on", cloudconnect_publisher="http://127.0.0.1:1")
    Users(service.app.extensions["pulse"]["database"]).add("desktop", "desktop")
    assert caller(service, service.get(HERE + SOURCE, make_person())).scope == Scope(None, "6001")
