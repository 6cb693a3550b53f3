"""Dispatches, plans, templates and events as they are kept; batches taken in (docs/cisco/wxm-api.md §9)."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from experience.dispatch.recipients import recipients
from foundation.db.database import Database
from tests.experience.api.client import Client
from tests.experience.api.conftest import DISPATCH, DISPATCHES
from tests.support.answering import QUESTIONNAIRE, TEXTS
from tests.support.services import ServedNode

Record = list[dict[str, Any]]


def record(customer: str = "", email: str = "", mobile: str = "", **more: str) -> Record:
    texts = {"customer": customer, "email": email, "mobile": mobile}
    named = [{"QuestionId": TEXTS[name], "Input": text} for name, text in texts.items() if text]
    return named + [{"QuestionId": name, "Input": text} for name, text in more.items()]


def batch(*records: Any, dispatch: str = DISPATCH) -> list[dict[str, Any]]:
    return [{"DispatchID": dispatch, "PreFill": list(records)}]


def statuses(client: Client, body: object, **headers: str) -> list[tuple[str, str]]:
    reply = client.post("/api/dispatchRequest", body, **headers)
    assert reply.status == 207, reply.data
    assert set(reply.json) == {"batchId", "statusByDispatch"}
    return [(status["dispatchId"], status["dispatchStatus"]) for status in reply.json["statusByDispatch"]]


@pytest.fixture
def customer() -> str:
    return f"C-{secrets.token_hex(5)}"


@pytest.fixture(scope="session")
def kept(node: ServedNode) -> Any:
    """Who waits, by the customer that the invitation was made for."""
    database = Database(f"sqlite:///{node.data / 'pulse.db'}")

    def of(system: Client, customer: str) -> list[Any]:
        with database.read() as connection:
            rows = connection.execute(select(recipients)).all()
        tokens = {row.id: system.get(f"/api/SurveyToken/Id/{row.id}").json for row in rows}
        return [row for row in rows if customer in str(tokens[row.id]["preFill"])]

    yield of
    database.close()


def test_dispatches_and_their_plans_are_told_as_wxm_does(desktop: Client) -> None:
    dispatches_by_id = {dispatch["id"]: dispatch for dispatch in desktop.get("/api/Dispatches").json}
    assert set(dispatches_by_id) == set(DISPATCHES)
    dispatch = desktop.get(f"/api/dispatches/{DISPATCH}/").json
    assert dispatch == dispatches_by_id[DISPATCH]
    assert (dispatch["name"], dispatch["questionnaireName"], dispatch["isLive"]) == (
        "After a call",
        QUESTIONNAIRE,
        True,
    )
    plan = desktop.get(f"/api/deliveryplan/{dispatch['deliveryPlanId']}").json
    assert plan in desktop.get("/api/DeliveryPlan").json
    assert [step["onChannel"] for step in plan["schedule"]] == ["email://ours", "sms://"]
    assert [step["additionalURLParameter"] for step in plan["schedule"]] == ["", ""]
    assert (plan["tokensAttached"], plan["whitelabelSurveyDomainPath"], plan["lastRun"]) == (0, None, None)
    # 1.0 is no int to WxM's .NET clients.
    assert [str(step["delayByHours"]) for step in plan["schedule"]] == ["1", "0"]
    assert (plan["repeatOnlyAfterHours"], plan["uniqueCustomerIDByPreFilledQuestionTag"]) == (24, "cc_CustomerId")
    templates = desktop.get("/api/CONTENTtemplates").json
    assert [(template["id"], template["account"], template["name"]) for template in templates] == [
        ("t-1", "admin", "Plain")
    ]
    assert dispatch["contentTemplateIds"] == {"Plain": "t-1"}


def test_they_are_for_whoever_sees_the_account(anyone: Client) -> None:
    for path in ("Dispatches", "DeliveryPlan", "ContentTemplates", "DeliveryEventsBy/Target/x"):
        assert anyone.get(f"/api/{path}").error == "invalid_token"


def test_whoever_is_accepted_is_kept_with_an_invitation(
    system: Client, anyone: Client, kept: Any, customer: str
) -> None:
    body = batch(record(customer, "Ann@Example.com", "886912344455"))
    assert statuses(system, body) == [(DISPATCH, "202")]
    (row,) = kept(system, customer)
    assert (row.dispatch_id, row.email, row.mobile) == (DISPATCH, "ann@example.com", "886912344455")
    survey = anyone.get(f"/api/SurveyByToken/{row.id}").json
    assert {response["questionId"] for response in survey["preFill"]} == {
        TEXTS["customer"],
        TEXTS["email"],
        TEXTS["mobile"],
    }
    (events,) = system.get(f"/api/DeliveryEventsBy/Target/{row.id}").json
    assert (events["target"], events["dispatchId"], events["location"]) == (row.id, DISPATCH, QUESTIONNAIRE)
    assert [event["action"] for event in events["events"]] == ["Accepted"]


def test_each_dispatch_has_its_own_status(system: Client, customer: str) -> None:
    good, bad = record(customer, "a@example.com"), record(customer, "nobody")
    body = [
        *batch(good, bad),
        *batch(good, dispatch="no such"),
        *batch(good, dispatch="asleep"),
        *batch(record(mobile="886912344455"), dispatch="paused"),
        *batch(bad, 5, record(mobile="886912344455"), dispatch="mail-only"),
        *batch(),
        {},
    ]
    reply = system.post("/API/dispatchrequest/", body)
    assert [status["dispatchStatus"] for status in reply.json["statusByDispatch"]] == ["206", *["400"] * 6]
    messages = [status["message"] for status in reply.json["statusByDispatch"]]
    assert "1 accepted, 1 refused" in messages[0]
    assert ["no such" in messages[1], "not live" in messages[2], "plan" in messages[3]] == [True] * 3
    dispatch_events = system.get(f"/api/DeliveryEventsBy/Target/{reply.json['batchId']}").json
    refused = {
        dispatch["dispatchId"]: [event["message"] for event in dispatch["events"]] for dispatch in dispatch_events
    }
    assert set(refused) == {DISPATCH, "mail-only"}
    assert len(refused["mail-only"]) == 3
    assert "nobody" not in str(dispatch_events)


def test_a_batch_that_comes_again_is_not_taken_twice(system: Client, kept: Any, customer: str) -> None:
    body = batch(record(customer, "a@example.com"), record(customer, "a@example.com"))
    first = system.post("/api/dispatchRequest", body, BatchID=f"batch-{customer}").json
    assert first["batchId"] == f"batch-{customer}"
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: statuses(system, body, BatchID=f"batch-{customer}"), range(4)))
    assert results == [[(DISPATCH, "202")]] * 4
    assert len(kept(system, customer)) == 2
    assert statuses(system, body, BatchID=f"another-{customer}") == [(DISPATCH, "202")]
    assert len(kept(system, customer)) == 4


def test_a_batch_name_that_is_used_again_for_others_loses_none_of_them(
    system: Client, kept: Any, customer: str
) -> None:
    for email in ("ann@example.com", "bob@example.com", "ann@example.com"):
        assert statuses(system, batch(record(customer, email)), BatchID=f"today-{customer}") == [(DISPATCH, "202")]
    assert sorted(row.email for row in kept(system, customer)) == ["ann@example.com", "bob@example.com"]


def test_a_batch_without_a_name_is_known_by_its_records(system: Client, kept: Any, customer: str) -> None:
    body = batch(record(customer, "a@example.com"))
    for _ in range(3):
        assert statuses(system, body) == [(DISPATCH, "202")]
    assert statuses(system, batch(record(customer, "b@example.com"))) == [(DISPATCH, "202")]
    assert len(kept(system, customer)) == 2


def test_a_call_is_known_whatever_batch_it_comes_in(system: Client, kept: Any, customer: str) -> None:
    question = {"text": "Call", "displayType": "Text", "questionTags": ["cc_CallId"], "displayLocation": ["elsewhere"]}
    call = system.post("/api/Questions/add", question).json["id"]
    for number in range(3):
        body = batch(record(customer, f"{number}@example.com", **{call: f"call-{customer}"}))
        assert statuses(system, body, BatchID=f"{customer}-{number}") == [(DISPATCH, "202")]
    assert len(kept(system, customer)) == 1


def test_a_customer_who_did_not_opt_in_gets_nothing(system: Client, kept: Any, customer: str) -> None:
    question = {"text": "Optin", "displayType": "Text", "questionTags": ["Optin"], "displayLocation": ["elsewhere"]}
    opt_in = system.post("/api/Questions/add", question).json["id"]
    status_by_text = {
        text: statuses(system, batch(record(customer, "a@example.com", **{opt_in: text})))[0][1] for text in "1nx"
    }
    assert status_by_text == {"1": "202", "n": "400", "x": "400"}
    assert len(kept(system, customer)) == 1


def test_names_may_be_in_any_case_and_one_stand_for_many(system: Client, kept: Any, customer: str) -> None:
    flat = [
        {"questionid": TEXTS["customer"], "INPUT": customer},
        {"questionId": TEXTS["email"], "input": "a@example.com"},
    ]
    assert statuses(system, {"dispatchid": DISPATCH, "prefill": flat}) == [(DISPATCH, "202")]
    number = [*record(customer), {"QuestionId": TEXTS["mobile"], "Input": 886912344455}]
    assert statuses(system, batch(number)) == [(DISPATCH, "202")]
    assert {(row.email, row.mobile) for row in kept(system, customer)} == {
        ("a@example.com", None),
        (None, "886912344455"),
    }


def test_personal_data_that_is_hashed_is_not_shown_by_the_invitation(
    system: Client, kept: Any, customer: str, hashed: str
) -> None:
    assert statuses(system, batch(record(customer, "a@example.com", **{hashed: "4711"}))) == [(DISPATCH, "202")]
    (row,) = kept(system, customer)
    prefilled = {
        response["questionId"]: response["textInput"]
        for response in system.get(f"/api/SurveyToken/Id/{row.id}").json["preFill"]
    }
    assert prefilled[hashed].startswith("sha512:")


def test_more_than_a_request_may_carry_is_refused(system: Client) -> None:
    for body in (batch(*[[]] * 18_001), batch() * 16):
        reply = system.post("/api/dispatchRequest", body)
        assert (reply.status, reply.error) == (413, "request_entity_too_large")
    assert system.post("/api/dispatchRequest", batch(*[[]] * 18_000)).status == 207


def test_what_is_no_batch_is_refused(system: Client, desktop: Client, anyone: Client) -> None:
    for body in (None, 5, [], "x", [5]):
        assert system.post("/api/dispatchRequest", body).error == "invalid_request"
    assert system.post("/api/dispatchRequest", batch(), BatchID="x" * 201).error == "invalid_request"
    assert desktop.post("/api/dispatchRequest", batch()).error == "insufficient_scope"
    assert anyone.post("/api/dispatchRequest", batch()).error == "invalid_token"
    assert anyone.as_basic("system", "system-pin").post("/api/dispatchRequest", batch()).status == 207


def test_neither_address_nor_number_reaches_the_log(system: Client, node: ServedNode) -> None:
    recipient = record("C-secret", "who.is.it@example.com", "886987654321")
    system.post("/api/dispatchRequest", batch(recipient, record("C-secret", "nobody at example"), 5))
    system.post("/api/dispatchRequest", batch(recipient, dispatch="who.is.it@example.com"))
    log = node.log.read_text()
    assert [word for word in ("who.is.it", "886987654321", "nobody at", "C-secret") if word in log] == []
