"""POST /gadgets/calls/<dialogId>, and what a journey says of the survey: for one's own calls alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from experience.dispatch import calls, dispatches, rules
from experience.dispatch.files import read_dispatch
from gadgets.signin.person import Person
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import Account, ScriptedFinesse, basic, dialog
from tests.support.services import Service
from tests.support.signed_in import make_person

RIGHT = basic("ann", "right")
POD = "cc_CustomerId=C-1;Email=ann@example.com;cc_language=zh-tw;Optin=yes"
DISPATCH = """
{id: d, name: d, questionnaire_name: Post call survey,
 delivery_plan: {id: p, name: p, schedule: [{on_channel: email, text_body: x}]}}
"""
KEY = "<callKeyPrefix>153214</callKeyPrefix><callKeyCallId>217</callKeyCallId><queueNumber>5011</queueNumber>"
ENDED = {"state": "ended"}
DECLINED = {"survey": "declined"}


def keyed(dialog_id: str, pod: str = POD, **more: Any) -> str:
    return dialog(dialog_id, {"POD.ID": pod}, **more).replace("</dialedNumber>", f"</dialedNumber>{KEY}")


@pytest.fixture
def ann(finesse: ScriptedFinesse) -> Person:
    """Ann, signed in, on call 1; her colleague Bob is on call 2."""
    finesse.add(Account("1001", "ann"))
    finesse.dialogs["1001"] = [keyed("1")]
    return make_person(cluster=finesse.base)


@pytest.fixture
def ruled(service: Service) -> Service:
    write(service, "rules: [{name: all, dispatch: d}]")
    return service


def write(service: Service, text: str) -> None:
    database, read = service.app.extensions["pulse"]["database"], read_dispatch(DISPATCH)
    with database.write() as connection:
        dispatches.keep(database, connection, "dispatch", [read.dispatch])
        dispatches.keep(database, connection, "plan", [read.plan])
        rules.keep(database, connection, rules.read_rules(text))


def look(service: Service, who: Person) -> object:
    """What the journey of call 1 says of the survey."""
    answer = service.post("/gadgets/journey", {"dialogId": "1"}, who, X_Finesse_Authorization=RIGHT)
    assert answer.status_code == 200, answer.data
    return json.loads(answer.data).get("survey")


def report(service: Service, who: Person | None, body: object, dialog_id: str = "1") -> TestResponse:
    return service.post(f"/gadgets/calls/{dialog_id}", body, who)


def test_a_running_call_says_that_a_survey_will_go_out_until_the_customer_declines(ruled: Service, ann: Person) -> None:
    assert look(ruled, ann) == "will_go_out"
    assert report(ruled, ann, DECLINED).json == {"survey": "declined"}
    assert look(ruled, ann) == "declined"
    assert report(ruled, ann, ENDED).json == {"survey": "declined"}
    assert b'pulse_call_surveys_total{survey="declined",team="5001"}' in ruled.get("/metrics").data


def test_what_finesse_said_of_the_call_is_kept(ruled: Service, ann: Person) -> None:
    look(ruled, ann)
    with ruled.app.extensions["pulse"]["database"].read() as connection:
        call = calls.of_key(connection, "153214:217")
    assert call is not None
    kept = (call.customer_id, call.email, call.language, call.consent, call.queue, call.dialled, call.call_type)
    assert kept == ("C-1", "ann@example.com", "zh-tw", "yes", "5011", "8000", "PREROUTE_ACD_IN")
    assert (call.agent_id, call.team_id, call.kind) == ("6001", "5001", "inbound")


def test_without_any_rule_nothing_is_said(service: Service, ann: Person) -> None:
    assert look(service, ann) is None
    assert report(service, ann, ENDED).json == {"survey": "no_rule"}


@pytest.mark.parametrize(
    ("pod", "word"),
    [
        (POD.replace("yes", "no"), "opted_out"),
        (POD.replace("=yes", "="), "opted_out"),
        (POD.removesuffix(";Optin=yes"), "opted_out"),
        # Cut off where POD.ID ends, it may have said anything.
        (f"cc_CustomerId=C-1;Email={'a' * 84}@example.com;Opt"[:120], "opted_out"),
        ("C-1", "no_rule"),
    ],
)
def test_who_did_not_agree_or_cannot_be_reached_is_not_asked(
    ruled: Service, ann: Person, finesse: ScriptedFinesse, pod: str, word: str
) -> None:
    finesse.dialogs["1001"] = [keyed("1", pod)]
    assert look(ruled, ann) == word


def test_a_text_that_was_cut_off_is_no_consent_where_none_is_needed(
    service: Service, ann: Person, finesse: ScriptedFinesse
) -> None:
    write(service, "rules: [{name: all, dispatch: d, needs_opt_in: false}]")
    pod = f"Email=a@example.com;cc_CustomerId=C-{'1' * 100}"
    finesse.dialogs["1001"] = [keyed("1", pod[:119])]
    assert look(service, ann) == "will_go_out"
    finesse.dialogs["1001"] = [keyed("1", pod[:120])]
    assert look(service, ann) == "opted_out"


@pytest.mark.parametrize(
    "more", [{"call_type": "CONSULT"}, {"call_type": "AGENT_INSIDE"}, {"caller": "2001", "called": "0912"}]
)
def test_consults_internal_and_outbound_calls_are_not_asked_about(
    ruled: Service, ann: Person, finesse: ScriptedFinesse, more: dict[str, str]
) -> None:
    finesse.dialogs["1001"] = [keyed("1", **more)]
    assert look(ruled, ann) == "no_rule"


def test_a_monitored_call_is_not_kept(ruled: Service, ann: Person, finesse: ScriptedFinesse) -> None:
    finesse.dialogs["1001"] = [keyed("1", call_type="SUPERVISOR_MONITOR")]
    monitored = ruled.post("/gadgets/journey", {"dialogId": "1"}, ann, X_Finesse_Authorization=RIGHT)
    assert_problem(monitored, 409, "monitoring")
    assert_problem(report(ruled, ann, ENDED), 404, "no_dialog")


def test_a_strangers_call_is_not_there(ruled: Service, ann: Person) -> None:
    look(ruled, ann)
    bob = make_person("1002", cluster=ann.cluster)
    for body in (ENDED, DECLINED):
        assert_problem(report(ruled, bob, body), 404, "no_dialog")
        assert_problem(report(ruled, ann, body, "2"), 404, "no_dialog")
        assert report(ruled, None, body).status_code == 401
    assert ruled.post("/gadgets/calls/1", ENDED, ann, "https://evil.example").status_code == 403
    assert look(ruled, ann) == "will_go_out"


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"state": "begun"}, {"survey": "will_go_out"}, {**ENDED, **DECLINED}, {**ENDED, "agent": "1"}],
)
def test_another_report_is_refused_and_says_what_to_send(ruled: Service, ann: Person, body: object) -> None:
    look(ruled, ann)
    refused = report(ruled, ann, body)
    assert_problem(refused, 400, "bad_request")
    assert '{"state": "ended"}' in json.loads(refused.data)["detail"]


def test_a_call_that_has_ended_makes_the_invitation_of_its_customer(service: Service, ann: Person) -> None:
    write(service, "{wait_seconds: 0, rules: [{name: all, dispatch: d}]}")
    look(service, ann)
    assert report(service, ann, ENDED).json == {"survey": "will_go_out"}
    parts = service.app.extensions["pulse"]
    assert parts["sweep_calls"]() == 1
    with parts["database"].read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM invitations").scalar() == 1


def test_a_call_that_cannot_be_kept_shows_its_customer_all_the_same(ruled: Service, ann: Person) -> None:
    with ruled.app.extensions["pulse"]["database"].write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    assert look(ruled, ann) is None
