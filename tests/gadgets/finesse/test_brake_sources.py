"""The brake over HTTP, for callers at several addresses: what reaches Finesse, and who still gets in."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest
from werkzeug.test import TestResponse

from tests.support.problems import assert_problem
from tests.support.scripted_finesse import Account, ScriptedFinesse, basic
from tests.support.services import Service
from tests.support.signed_in import make_person

OWN = "203.0.113.9"
ATTACKERS = [f"198.51.100.{number}" for number in range(10)]
WRONG = [f"wrong-{number}" for number in range(30)]
PROXY = {"trusted_proxies": ("127.0.0.1",)}
SHARED_KEY = {"secret_key": ("a key that is the same on every node",)}


@pytest.fixture
def ann(finesse: ScriptedFinesse) -> Account:
    return finesse.add(Account("1001", "ann"))


@pytest.fixture
def behind(start: Callable[..., Service]) -> Service:
    """A node behind a proxy that says where callers are."""
    return start(**PROXY)


def sign_in(service: Service, source: str, password: str = "right", name: str = "1001") -> TestResponse:
    headers = {"X_Forwarded_For": source, "Authorization": basic(name, password)}
    return service.post("/gadgets/session", {"user": "1001"}, **headers)


def attack(services: Iterable[Service], sources: list[str]) -> list[int]:
    """Thirty wrong passwords, from these sources in turn, at these nodes in turn."""
    attempts = zip(cycle(services), cycle(sources), WRONG)
    return [sign_in(service, source, word).status_code for service, source, word in attempts]


def test_one_source_is_refused_twice_and_the_person_gets_in_from_his_own(
    behind: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    assert attack([behind], ATTACKERS[:1]) == [401] * 2 + [429] * 28
    assert finesse.refusals == 2
    assert sign_in(behind, OWN).status_code == 200


def test_ten_sources_at_two_nodes_are_refused_three_times(
    start: Callable[..., Service], finesse: ScriptedFinesse, ann: Account, redis_url: str
) -> None:
    nodes = [start(cache_url=redis_url, **PROXY, **SHARED_KEY) for _ in range(2)]
    assert sign_in(nodes[0], OWN).status_code == 200
    with ThreadPoolExecutor(10) as pool:
        attempts = list(zip(cycle(nodes), cycle(ATTACKERS), WRONG, cycle(["1001", "ann", "CORP\\ann"]), strict=False))
        statuses = list(pool.map(lambda attempt: sign_in(*attempt).status_code, attempts))
    assert sorted(statuses) == [401] * 3 + [429] * 27
    assert finesse.refusals == 3
    assert sign_in(nodes[1], OWN).status_code == 200


def test_who_works_goes_on_while_ten_sources_attack(behind: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    assert sign_in(behind, "192.0.2.1").status_code == 200
    session = sign_in(behind, OWN).get_json()["access_token"]
    assert attack([behind], ATTACKERS).count(401) == 3
    headers = {"X_Forwarded_For": OWN, "X_Finesse_Authorization": basic("ann", "right")}
    assert behind.get("/gadgets/journey?dialogId=1", session, **headers).status_code == 404
    assert finesse.requests_to("/Dialogs")[-1].status == 200


def test_a_guesser_does_not_learn_the_right_password_while_its_answer_is_shared(
    behind: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    assert sign_in(behind, "192.0.2.1").status_code == 200
    for word in WRONG[:2]:
        assert sign_in(behind, ATTACKERS[0], word).status_code == 401
    assert sign_in(behind, OWN).status_code == 200
    assert sign_in(behind, ATTACKERS[0]).status_code == 429


def test_somebody_new_is_refused_four_times_under_both_his_names(
    behind: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    for source, word, name in zip(cycle(ATTACKERS), WRONG, cycle(["1001", "ann", "CORP\\ann", "1001@corp"])):
        sign_in(behind, source, word, name)
    assert finesse.refusals == 4


def test_addresses_of_one_ipv6_subscriber_are_one_source(
    behind: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    assert attack([behind], [f"2001:db8:1:2::{number}" for number in range(1, 9)]).count(401) == 2


def test_three_hundred_names_from_one_address_are_slowed(
    behind: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    replies = [sign_in(behind, ATTACKERS[0], "wrong", f"name-{number}") for number in range(300)]
    assert 30 <= len([answer for answer in replies if answer.status_code == 401]) == finesse.refusals < 100
    slowed = next(answer for answer in replies if answer.status_code == 429)
    assert "address" in assert_problem(slowed, 429, "try_later")["title"]
    assert 0 < int(slowed.headers["Retry-After"]) <= 10
    assert sign_in(behind, OWN).status_code == 200


def test_made_up_bearers_from_one_address_are_slowed(behind: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    words = [f"Bearer forged-{number}" for number in range(300)]
    for word in words:
        behind.post("/gadgets/session", {"user": "1001"}, Authorization=word, X_Forwarded_For=ATTACKERS[0])
    assert 30 <= finesse.refusals < 100
    assert sign_in(behind, OWN).status_code == 200


def test_without_redis_no_credential_is_sent_and_a_session_goes_on(
    start: Callable[..., Service], finesse: ScriptedFinesse, ann: Account
) -> None:
    service = start(cache_url="redis://127.0.0.1:1/0", **SHARED_KEY)
    assert_problem(service.sign_in("1001"), 503, "cache_unavailable")
    credential = {"X_Finesse_Authorization": basic("1001", "right")}
    journey = service.get("/gadgets/journey?dialogId=1", make_person(cluster=finesse.base), **credential)
    assert_problem(journey, 503, "cache_unavailable")
    assert finesse.seen == []
    assert service.get("/gadgets/comments?filterTags=cc_AgentId", make_person()).status_code == 200
