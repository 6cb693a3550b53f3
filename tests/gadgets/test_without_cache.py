"""Redis is gone while a node serves: what needs no brake goes on, and no credential is sent unbraked."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from experience.accounts.api_tokens import ApiTokens
from experience.accounts.users import Users
from foundation.keys import signing_keys
from gadgets.signin.person import Person
from tests.support.answering import SCALES, answer
from tests.support.problems import assert_problem
from tests.support.redis_server import own_redis
from tests.support.scripted_finesse import Account, ScriptedFinesse, basic, dialog
from tests.support.services import Service
from tests.support.signed_in import make_person

START = Callable[..., Service]
NAME, PASSWORD = "admin", "cloud connect's word"
SUPERVISOR = make_person("1101", agent_id="6101", supervises=(("5001", "Sales"),))


@pytest.fixture
def ann(finesse: ScriptedFinesse) -> Person:
    finesse.add(Account("1001", "ann"))
    finesse.dialogs["1001"] = [dialog("1", {"POD.ID": "cc_CustomerId=C-1"})]
    return make_person(cluster=finesse.base)


@pytest.fixture
def node(start: START, ann: Person, tmp_path: Path) -> Iterator[tuple[Service, dict[str, str]]]:
    """A node whose Redis has just gone, and what it gave out before."""
    with own_redis(tmp_path) as (url, server):
        service = start(
            cache_url=url,
            secret_key=("k" * 40,),
            token_endpoint="on",
            journey_access="any",
            cloudconnect_username=NAME,
            cloudconnect_password=PASSWORD,
        )
        service.take(answer(nps=9, agent="6001", team="5001", customer="C-1", comment="Fine"))
        users = Users(service.app.extensions["pulse"]["database"])
        users.add("desktop", "desktop")
        system = f"Bearer {ApiTokens(signing_keys(service.settings)).issue(users.add('system', 'system'))[0]}"
        survey = {"Location": "Post call survey"}
        invited = service.app.test_client().post("/api/SurveyToken", json=survey, headers={"Authorization": system})
        shown = service.get(
            "/gadgets/journey?dialogId=1", ann, X_Finesse_Authorization=basic("1001", "right")
        ).get_json()
        server.terminate()
        server.wait()
        yield service, {"reference": shown["customerRef"], "survey": invited.get_json()["id"], "system": system}


def test_who_is_signed_in_goes_on(node: tuple[Service, dict[str, str]], ann: Person) -> None:
    service, credentials = node
    readings = {
        ann: [
            "/gadgets/pulse?filterTags=cc_AgentId",
            "/gadgets/pulse.csv?filterTags=cc_AgentId",
            "/gadgets/comments?filterTags=cc_AgentId",
            f"/gadgets/journey?customerRef={credentials['reference']}",
            "/gadgets/token?tokenSource=cherrypoint",
            "/finesse/api/CloudConnectTokenService?tokenSource=cherrypoint",
        ],
        SUPERVISOR: ["/gadgets/pulse?filterTags=cc_TeamId", "/gadgets/comments?filterTags=cc_TeamId"],
    }
    for person, paths in readings.items():
        for path in paths:
            assert service.get(path, person).status_code == 200, path
    assert service.post("/gadgets/journey", {"customerId": "C-1"}, ann).status_code == 200
    assert service.get("/gadgets/CiscoCXJourneyGadget.xml", origin=None).status_code == 200


def test_customers_go_on(node: tuple[Service, dict[str, str]]) -> None:
    service, credentials = node
    path = f"/api/SurveyByToken/{credentials['survey']}"
    assert service.get(path, origin=None).status_code == 200
    rating = {"questionId": SCALES["csat"], "textInput": None, "numberInput": 5}
    assert service.post(path, {"responses": [rating]}, origin=None).get_json()["id"]


def test_figures_stay_fresh(node: tuple[Service, dict[str, str]], ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gadgets.pulse.routes.FRESH_SECONDS", 0)
    service, _ = node
    path = "/gadgets/pulse?filterTags=cc_AgentId"
    assert service.get(path, ann).get_json()["responses"] == 1
    service.take(answer(nps=9, agent="6001", team="5001"))
    assert service.get(path, ann).get_json()["responses"] == 2


def test_no_credential_goes_to_finesse(
    node: tuple[Service, dict[str, str]], ann: Person, finesse: ScriptedFinesse
) -> None:
    service, _ = node
    finesse.seen.clear()
    right = basic("1001", "right")
    journey = "/gadgets/journey?dialogId=1"
    for answered in (
        service.sign_in("1001"),
        service.get(journey, ann, X_Finesse_Authorization=right),
        service.post("/gadgets/journey", {"dialogId": "1"}, ann, X_Finesse_Authorization=right),
        service.get("/finesse/api/CloudConnectTokenService?tokenSource=cherrypoint", Authorization=right),
    ):
        assert_problem(answered, 503, "cache_unavailable")
        assert answered.headers["Retry-After"] == "2"
    assert finesse.seen == []


def test_who_holds_a_token_of_the_api_goes_on(node: tuple[Service, dict[str, str]]) -> None:
    service, credentials = node
    assert service.get("/api/Questions/Active", origin=None, Authorization=credentials["system"]).status_code == 200


def test_what_is_guessed_at_is_closed(node: tuple[Service, dict[str, str]]) -> None:
    service, _ = node
    for path in ("/cherrypoint/authtoken", "/cherrypoint/status"):
        answered = service.get(path, origin=None, Authorization=basic(NAME, PASSWORD))
        assert_problem(answered, 503, "cache_unavailable")
