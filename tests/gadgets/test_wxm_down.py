"""What a gadget gets while the WxM behind this service fails, and that nothing else of the service fails with it."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from experience.wxm import calls, figures
from tests.support.answering import answer
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import Account, ScriptedFinesse
from tests.support.scripted_wxm import Reply, ScriptedWxm, scripted_wxm
from tests.support.services import Service
from tests.support.signed_in import make_person

ANN = make_person()
PULSE = "/gadgets/pulse?filterTags=cc_AgentId"


@pytest.fixture
def remote() -> Iterator[ScriptedWxm]:
    with scripted_wxm() as wxm:
        wxm.answers = [answer(nps=9, agent="6001", team="5001", customer="C-1")]
        yield wxm


@pytest.fixture
def service(start: Callable[..., Service], remote: ScriptedWxm) -> Service:
    return start(wxm_url=remote.base, wxm_username="desktop", wxm_api_key="desktop-key", journey_access="any")


def test_invitations_are_unknown_and_the_rest_is_told(service: Service) -> None:
    body = json.loads(service.get(PULSE, ANN).data)
    assert (body["responses"], body["invited"], body["responseRate"]) == (1, None, None)
    journey = json.loads(service.post("/gadgets/journey", {"customerId": "C-1"}, ANN).data)
    assert journey["summary"]["responses"] == 1


def test_one_login_serves_all(service: Service, remote: ScriptedWxm) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: service.get(PULSE, ANN).status_code, range(20)))
    assert set(answers) == {200}
    assert len(remote.requests_to("LoginToken")) == 1
    assert {seen.token for seen in remote.requests_to("page")} == {"good"}


def test_a_token_that_wxm_ended_is_replaced_without_anyone_noticing(service: Service, remote: ScriptedWxm) -> None:
    assert service.get(PULSE, ANN).status_code == 200
    remote.granted, remote.tokens = "second", {"second"}
    assert service.post("/gadgets/journey", {"customerId": "C-1"}, ANN).status_code == 200
    assert len(remote.requests_to("LoginToken")) == 2


def test_a_wxm_that_lets_nobody_in_is_told_without_a_word_of_the_login(service: Service, remote: ScriptedWxm) -> None:
    remote.script = lambda seen: Reply(401, {"error": "invalid_grant"}) if "LoginToken" in seen.path else None
    response = service.get(PULSE, ANN)
    assert_problem(response, 503, "cloud_connect_unavailable")
    assert int(response.headers["Retry-After"]) >= 1
    assert b"desktop-key" not in response.data


def test_a_failing_wxm_is_a_problem_with_a_word_for_it(service: Service, remote: ScriptedWxm) -> None:
    remote.script = lambda seen: Reply(500, b"SECRET") if "page" in seen.path else None
    for response in (service.get(PULSE, ANN), service.post("/gadgets/journey", {"customerId": "C-1"}, ANN)):
        assert_problem(response, 502, "wxm_unavailable")
        assert b"SECRET" not in response.data


def test_a_pause_is_passed_on(service: Service, remote: ScriptedWxm) -> None:
    remote.script = lambda seen: Reply(429, b"", (("Retry-After", "30"),)) if "page" in seen.path else None
    response = service.get(PULSE, ANN)
    assert_problem(response, 503, "wxm_unavailable")
    assert 25 <= int(response.headers["Retry-After"]) <= 30


def test_a_hanging_wxm_costs_its_own_answers_only(
    service: Service, remote: ScriptedWxm, finesse: ScriptedFinesse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((calls, "CALL_SECONDS"), (figures, "SECONDS")):
        monkeypatch.setattr(module, name, 4.0)
    finesse.add(Account("1001", "ann"))
    remote.script = lambda _: time.sleep(6)
    with ThreadPoolExecutor(12) as pool:
        hanging = [pool.submit(service.get, PULSE, ANN) for _ in range(10)]
        time.sleep(0.5)
        began = time.monotonic()
        assert service.sign_in("1001").status_code == 200
        assert service.get("/healthz", origin=None).status_code == 200
        assert time.monotonic() - began < 3
        assert {future.result().status_code for future in hanging} <= {503, 504}
