"""A Finesse on a bad day: each of its failures is reported as what it is, and none as a session."""

import time
from collections.abc import Callable
from threading import Event

import pytest

from tests.support.problems import assert_problem
from tests.support.scripted_finesse import PAGE, Account, Reply, ScriptedFinesse, basic, error, scripted_finesse
from tests.support.services import Service
from tests.support.signed_in import make_person

USER = Account("1001", "ann").xml()
BOMB = (
    '<!DOCTYPE User [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<User><loginId>1001</loginId><loginName>&b;</loginName></User>"
)
OUTSIDE = '<!DOCTYPE User [<!ENTITY x SYSTEM "file:///etc/hostname">]><User><loginId>1001</loginId><firstName>&x;</firstName></User>'
PROBLEMS = {
    "html 401": (Reply(401, PAGE.format(401), "text/html"), 401, "invalid_credentials"),
    "empty 401": (Reply(401, ""), 401, "invalid_credentials"),
    "403": (Reply(403, error("Forbidden")), 401, "invalid_credentials"),
    "wrong person": (Reply(401, error("Invalid Authorization User Specified")), 403, "not_your_user"),
    "404": (Reply(404, error("User Not Found")), 403, "not_your_user"),
    "html 404": (Reply(404, PAGE.format(404), "text/html"), 403, "not_your_user"),
    "html 500": (Reply(500, PAGE.format(500), "text/html"), 502, "finesse_unavailable"),
    "xml 500": (Reply(500, error("Internal Server Error")), 502, "finesse_unavailable"),
    "503": (Reply(503, error("Service Unavailable")), 502, "finesse_unavailable"),
    "html 200": (Reply(200, PAGE.format(200), "text/html"), 502, "finesse_unavailable"),
    "another document": (Reply(200, "<SystemInfo/>"), 502, "finesse_unavailable"),
    "half a document": (Reply(200, USER[:-20]), 502, "finesse_unavailable"),
    "nothing": (Reply(200, ""), 502, "finesse_unavailable"),
    "no text at all": (Reply(200, b"\xff\xfe\x00"), 502, "finesse_unavailable"),
    "unknown encoding": (Reply(200, '<?xml version="1.0" encoding="none"?><User/>'), 502, "finesse_unavailable"),
    "entity bomb": (Reply(200, BOMB), 502, "finesse_unavailable"),
    "outside entity": (Reply(200, OUTSIDE), 502, "finesse_unavailable"),
    "too much": (Reply(200, f"<User>{'<x/>' * 1_200_000}</User>"), 504, "finesse_unavailable"),
    "202": (Reply(202, USER), 502, "finesse_unavailable"),
    "redirect": (Reply(302, ""), 502, "finesse_unavailable"),
    "no HTTP": (Reply(raw=b"hello\r\n\r\n"), 504, "finesse_unavailable"),
    "hung up": (Reply(raw=b""), 504, "finesse_unavailable"),
    "half a body": (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<User>"), 504, "finesse_unavailable"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_bad_answer_is_told_as_what_it_is(service: Service, finesse: ScriptedFinesse, name: str) -> None:
    reply, status, code = PROBLEMS[name]
    finesse.add(Account("1001", "ann"))
    finesse.script = lambda _path: reply
    assert_problem(service.sign_in("1001"), status, code)
    assert len(finesse.requests_to()) == 1


@pytest.mark.parametrize("name", PROBLEMS)
def test_after_a_bad_answer_a_right_credential_works_again(
    service: Service, finesse: ScriptedFinesse, name: str
) -> None:
    finesse.add(Account("1001", "ann", password="new"))
    for _ in range(5):
        finesse.script = lambda _path: PROBLEMS[name][0]
        service.sign_in("1001", "old")
    finesse.script = lambda _path: None
    assert service.sign_in("1001", "new").status_code == 200


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_bad_answer_about_dialogs_is_told_as_what_it_is(
    start: Callable[..., Service], finesse: ScriptedFinesse, name: str
) -> None:
    reply, status, code = PROBLEMS[name]
    service = start()
    finesse.script = lambda _path: reply
    person = make_person(cluster=finesse.base)
    answer = service.get("/gadgets/journey?dialogId=1", person, X_Finesse_Authorization=basic("ann", "right"))
    assert_problem(answer, status, code)


def test_a_finesse_that_hangs_is_left_after_seconds_and_no_other_node_is_asked(
    start: Callable[..., Service], finesse: ScriptedFinesse
) -> None:
    finesse.add(Account("1001", "ann"))
    over = Event()
    finesse.script = lambda _path: Reply(200, USER) if over.wait(20) else None
    with scripted_finesse() as other:
        service = start(finesse_nodes=[f"{finesse.base}+{other.base}"])
        began = time.monotonic()
        answer = service.sign_in("1001")
        over.set()
        assert_problem(answer, 504, "finesse_unavailable")
        assert time.monotonic() - began < 7
        assert other.seen == []
    finesse.script = lambda _path: None
    assert service.sign_in("1001").status_code == 200


def test_elements_are_found_in_any_order_and_empty_ones_are_nothing(service: Service, finesse: ScriptedFinesse) -> None:
    finesse.script = lambda path: (
        None
        if "SystemInfo" in path
        else Reply(
            200,
            f"""<?xml version="1.0" encoding="UTF-8"?>
        <User>
          <teams><Team><uri/><name>美好 &amp; Co</name><id>5002</id></Team><Team><id/><name>no id</name></Team></teams>
          <settings><loginId>999</loginId></settings>
          <roles><role/><role>Supervisor</role></roles>
          <teamName/><teamId/><lastName>陳</lastName><firstName/><skillTargetId> 6102 </skillTargetId>
          <loginName/><loginId>1102</loginId><unknown>{"x" * 1000}</unknown>
        </User>""",
        )
    )
    session = service.sign_in("1102").json
    assert session is not None
    assert session["person"] == {
        "id": "1102",
        "loginName": "",
        "name": "陳",
        "agentId": "6102",
        "roles": ["Supervisor"],
        "team": {"id": "", "name": ""},
        "supervises": [{"id": "5002", "name": "美好 & Co"}],
    }
