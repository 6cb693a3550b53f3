"""/gadgets/journey: answers of the customer on a call, for the person in that call (docs/api.md, Journey)."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from foundation.keys import Seal, signing_keys
from gadgets.journey.caller import Caller
from gadgets.journey.routes import REFERENCE_SECONDS, References
from gadgets.signin.person import Person
from tests.support.answering import answer
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import ADMINISTRATOR, Account, ScriptedFinesse, basic, dialog
from tests.support.services import Service
from tests.support.signed_in import make_person

RIGHT = basic("ann", "right")
POD = "cc_CustomerId=C-10042;Email=ann@example.com;Mobile=886912344455;"
START = datetime(2026, 11, 1, 3, 12, 44, 500_000, tzinfo=UTC)


@pytest.fixture
def ann(finesse: ScriptedFinesse) -> Person:
    """Ann, signed in, with calls 1 (a customer) and 2 (nobody known)."""
    finesse.add(Account("1001", "ann"))
    finesse.dialogs["1001"] = [dialog("1", {"POD.ID": POD}), dialog("2", {}, caller="2002", agents=("2001", "2002"))]
    return make_person(cluster=finesse.base)


def on_call(
    service: Service, who: Person, dialog_id: str = "1", credential: str = RIGHT, more: str = ""
) -> TestResponse:
    return service.get(f"/gadgets/journey?dialogId={dialog_id}{more}", who, X_Finesse_Authorization=credential)


def shown(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.data
    assert response.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = json.loads(response.data)
    return body


def test_a_call_shows_its_customers_answers_newest_first(service: Service, ann: Person) -> None:
    for day, nps in enumerate((9, 7, 3)):
        service.take(
            answer(
                id=f"a{day}",
                at=START + timedelta(days=day),
                nps=nps,
                csat=day + 2,
                comment=f"<b>{day}</b>" if day else None,
                customer="C-10042",
                agent="6001",
                team="5001",
                mobile="886912344455",
                email="Ann@Example.com",
            )
        )
    service.take(answer(customer="C-10043", nps=10))
    body = shown(on_call(service, ann))
    assert body["customer"] == {
        "customerId": "C-10042",
        "email": "a…@example.com",
        "mobile": "…4455",
        "knownBy": "customerId",
    }
    assert body["summary"] == {
        "responses": 3,
        "first": "2026-11-01T03:12:44Z",
        "last": "2026-11-03T03:12:44Z",
        "nps": {"last": 3, "mean": 6.3},
        "csat": {"last": 4, "mean": 3.0},
        "ces": {"last": None, "mean": None},
    }
    assert [one["id"] for one in body["responses"]] == ["a2", "a1", "a0"]
    assert body["next"] is None
    assert "sharedBy" not in body
    newest = body["responses"][0]
    assert newest == {
        "id": "a2",
        "respondedAt": "2026-11-03T03:12:44Z",
        "channel": "sms",
        "questionnaire": "Post call survey",
        "scores": {"nps": 3, "csat": 4},
        "scales": {"nps": [0, 10], "csat": [1, 5]},
        "band": "detractor",
        "answers": newest["answers"],
        "comment": "<b>2</b>",
        "agentId": "6001",
        "agentName": None,
        "teamId": "5001",
        "teamName": "Team 5001",
    }


def test_what_was_answered_is_told_and_prefills_are_not(service: Service, ann: Person) -> None:
    service.take(
        answer(
            nps=3, ces=7, customer="C-10042", agent="6001", team="5001", mobile="886912344455", email="ann@example.com"
        )
    )
    body = shown(on_call(service, ann))
    told = body["responses"][0]["answers"]
    assert [(one["question"], one["kind"], one["value"], one["of"]) for one in told] == [
        ("How likely are you to recommend us?", "scale", 3, [0, 10]),
        ("How easy was it to get your issue solved?", "scale", 7, [1, 7]),
    ]
    text = json.dumps(body)
    assert "886912344455" not in text
    assert "ann@example.com" not in text


def test_each_answer_names_its_metric_and_scale_whatever_their_values(service: Service, ann: Person) -> None:
    """CSAT and CES of the same value are told apart, and what has a score's or the comment's value is no score."""
    service.take(answer(csat=4, ces=4, comment="4", customer="C-10042", agent="6001", team="5001"))
    newest = shown(on_call(service, ann))["responses"][0]
    assert newest["scales"] == {"csat": [1, 5], "ces": [1, 7]}
    assert [(each["value"], each.get("metric"), each.get("comment")) for each in newest["answers"]] == [
        (4, "csat", None),
        (4, "ces", None),
        ("4", None, True),
    ]


def test_the_agent_who_was_learned_is_named(service: Service, finesse: ScriptedFinesse, ann: Person) -> None:
    service.take(answer(nps=3, customer="C-10042", agent="6001"))
    assert service.sign_in("1001").status_code == 200
    assert shown(on_call(service, ann))["responses"][0]["agentName"] == "Ann Lee"


def test_a_customer_who_never_answered_has_an_empty_journey(service: Service, ann: Person) -> None:
    body = shown(on_call(service, ann))
    assert body["customer"]["customerId"] == "C-10042"
    assert body["customerRef"]
    assert (body["responses"], body["next"], body["summary"]["responses"]) == ([], None, 0)
    assert body["summary"]["first"] is None


def test_a_call_without_a_customer_shows_none(service: Service, ann: Person) -> None:
    body = shown(on_call(service, ann, "2"))
    assert (body["customer"], body["customerRef"], body["responses"], body["next"]) == (None, None, [], None)
    assert body["summary"]["responses"] == 0


def test_the_own_extension_is_no_customer(service: Service, finesse: ScriptedFinesse, ann: Person) -> None:
    finesse.dialogs["1001"] = [dialog("1", {}, caller="20012001", called="8000", agents=())]
    service.take(answer(nps=1, mobile="20012001"))
    who = make_person(cluster=finesse.base, extension="20012001")
    assert shown(on_call(service, who))["customer"] is None


def test_a_call_of_someone_else_is_no_dialog(service: Service, finesse: ScriptedFinesse, ann: Person) -> None:
    finesse.add(Account("1002", "bob"))
    finesse.dialogs["1002"] = [dialog("9", {"POD.ID": POD})]
    assert_problem(on_call(service, ann, "9"), 404, "no_dialog")
    assert_problem(on_call(service, ann, "nonsense"), 404, "no_dialog")
    finesse.dialogs["1001"] = []
    assert_problem(on_call(service, ann, "1"), 404, "no_dialog")


@pytest.mark.parametrize(
    "credential", [basic("1002", "right"), basic(*ADMINISTRATOR), basic("", "right"), "Bearer of-bob"]
)
def test_only_the_persons_own_credential_reads_dialogs(
    service: Service, finesse: ScriptedFinesse, ann: Person, credential: str
) -> None:
    finesse.add(Account("1002", "bob"))
    finesse.bearers["of-bob"] = "1002"
    answer = on_call(service, ann, credential=credential)
    assert answer.status_code in {401, 403}
    assert_problem(answer, answer.status_code, "not_your_user" if answer.status_code == 403 else "invalid_credentials")
    assert not [one for one in finesse.seen if one.authorization == basic(*ADMINISTRATOR)]


def test_a_bearer_reads_dialogs_too(service: Service, finesse: ScriptedFinesse, ann: Person) -> None:
    finesse.bearers["good"] = "1001"
    assert shown(on_call(service, ann, credential="Bearer good"))["customer"]["customerId"] == "C-10042"


def test_without_a_finesse_credential_there_is_no_dialog(
    service: Service, finesse: ScriptedFinesse, ann: Person
) -> None:
    assert_problem(service.get("/gadgets/journey?dialogId=1", ann), 401, "invalid_credentials")
    assert finesse.seen == []


def test_a_monitored_call_shows_no_customer(service: Service, finesse: ScriptedFinesse, ann: Person) -> None:
    finesse.dialogs["1001"].append(dialog("3", {"POD.ID": POD}, call_type="SUPERVISOR_MONITOR"))
    assert_problem(on_call(service, ann, "3"), 409, "monitoring")


def test_a_number_of_several_customers_is_told_as_shared(
    service: Service, finesse: ScriptedFinesse, ann: Person
) -> None:
    finesse.dialogs["1001"] = [dialog("1", {}, caller="886912344455"), dialog("2", {"POD.ID": "Email=ann@example.com"})]
    for customer in ("C-1", "C-2", "C-3"):
        service.take(answer(nps=1, customer=customer, mobile="886912344455", email="ann@example.com", comment="mine"))
    for call in ("1", "2"):
        body = shown(on_call(service, ann, call))
        assert body["sharedBy"] == 3
        assert (body["responses"], body["next"], body["summary"]["responses"]) == ([], None, 0)
        assert "mine" not in json.dumps(body)


def test_a_number_of_one_customer_shows_the_answers(service: Service, finesse: ScriptedFinesse, ann: Person) -> None:
    finesse.dialogs["1001"] = [dialog("1", {}, caller="+886 912 344 455")]
    service.take(
        answer(id="a1", nps=1, customer="C-1", mobile="886912344455"), answer(id="a2", nps=1, mobile="886912344455")
    )
    body = shown(on_call(service, ann))
    assert body["customer"]["knownBy"] == "mobile"
    assert {one["id"] for one in body["responses"]} == {"a1", "a2"}
    assert "sharedBy" not in body


def test_pages_follow_each_other_through_the_reference(service: Service, ann: Person) -> None:
    service.take(
        *(answer(id=f"a{n:02}", at=START + timedelta(hours=n), nps=n % 11, customer="C-10042") for n in range(25))
    )
    body = shown(on_call(service, ann))
    assert len(body["responses"]) == 20
    found = [one["id"] for one in body["responses"]]
    path = f"/gadgets/journey?customerRef={body['customerRef']}"
    page = shown(service.get(f"{path}&before={body['next']}", ann))
    found += [one["id"] for one in page["responses"]]
    assert found == [f"a{n:02}" for n in reversed(range(25))]
    assert page["next"] is None
    assert page["summary"]["responses"] == 25


def test_the_limit_is_kept(service: Service, ann: Person) -> None:
    service.take(*(answer(nps=5, customer="C-10042") for _ in range(120)))
    for size in (1, 7, 100):
        assert len(shown(on_call(service, ann, more=f"&limit={size}"))["responses"]) == size
    for limit in ("0", "101", "-1", "1e1", "a", "", "1.0", "00000100000", "０", "9" * 5000):
        assert_problem(on_call(service, ann, more=f"&limit={limit}"), 400, "bad_request")


@pytest.mark.parametrize("before", ["garbage", "", "a", "-", "é", "MTIz", "A" * 5000, "LTE6"])
def test_a_cursor_that_we_did_not_give_is_refused(service: Service, ann: Person, before: str) -> None:
    reference = shown(on_call(service, ann))["customerRef"]
    assert_problem(service.get(f"/gadgets/journey?customerRef={reference}&before={before}", ann), 400, "bad_cursor")


@pytest.mark.parametrize(
    "query", ["", "?dialogId=", "?customerRef=", "?dialogId=1&customerRef=x", "?dialogId=&customerRef="]
)
def test_either_a_call_or_a_reference_is_named(service: Service, ann: Person, query: str) -> None:
    assert_problem(service.get(f"/gadgets/journey{query}", ann, X_Finesse_Authorization=RIGHT), 400, "bad_request")


def test_a_reference_is_for_one_person(service: Service, finesse: ScriptedFinesse, ann: Person) -> None:
    path = f"/gadgets/journey?customerRef={shown(on_call(service, ann))['customerRef']}"
    assert service.get(path, ann).status_code == 200
    for other in (make_person("1002", cluster=finesse.base), make_person("1001", cluster="https://other:8445")):
        assert_problem(service.get(path, other), 404, "no_customer_ref")


def test_a_reference_is_opaque_and_cannot_be_changed(service: Service, ann: Person) -> None:
    reference = shown(on_call(service, ann))["customerRef"]
    assert set(reference) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
    for place in range(0, len(reference), 7):
        other = reference[:place] + ("A" if reference[place] != "A" else "B") + reference[place + 1 :]
        assert_problem(service.get(f"/gadgets/journey?customerRef={other}", ann), 404, "no_customer_ref")


@pytest.mark.parametrize("reference", ["x", "é", "AAAA", "A" * 4000, "..", "%00", "=", "eyJhbGciOiJub25lIn0.e30."])
def test_garbage_is_no_reference(service: Service, ann: Person, reference: str) -> None:
    assert_problem(service.get(f"/gadgets/journey?customerRef={reference}", ann), 404, "no_customer_ref")


def test_a_reference_ends_after_thirty_minutes(service: Service, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert REFERENCE_SECONDS == 1800
    real = time.time
    with monkeypatch.context() as earlier:
        earlier.setattr(time, "time", lambda: real() - 1799)
        young = shown(on_call(service, ann))
        earlier.setattr(time, "time", lambda: real() - 1862)
        old = shown(on_call(service, ann))
    assert service.get(f"/gadgets/journey?customerRef={young['customerRef']}", ann).status_code == 200
    assert_problem(service.get(f"/gadgets/journey?customerRef={old['customerRef']}", ann), 404, "no_customer_ref")


def test_a_reference_carries_on_after_the_call(service: Service, finesse: ScriptedFinesse, ann: Person) -> None:
    reference = shown(on_call(service, ann))["customerRef"]
    finesse.dialogs["1001"] = []
    service.take(answer(id="later", nps=1, customer="C-10042"))
    body = shown(service.get(f"/gadgets/journey?customerRef={reference}", ann))
    assert [one["id"] for one in body["responses"]] == ["later"]


def test_references_of_an_older_key_still_open(
    start: Callable[..., Service], finesse: ScriptedFinesse, ann: Person
) -> None:
    old, new = "an old key that is long enough to be one", "a new key that is long enough to be one"
    reference = shown(on_call(start(secret_key=(old,)), ann))["customerRef"]
    both, only_new = start(secret_key=(new, old)), start(secret_key=(new,))
    assert both.get(f"/gadgets/journey?customerRef={reference}", ann).status_code == 200
    assert_problem(only_new.get(f"/gadgets/journey?customerRef={reference}", ann), 404, "no_customer_ref")


@pytest.mark.parametrize("dialog_id", ["1", "2", "3", "9"])
@pytest.mark.parametrize("credential", [RIGHT, basic("1002", "right"), ""])
def test_a_call_may_be_named_in_the_body_too(
    service: Service, finesse: ScriptedFinesse, ann: Person, dialog_id: str, credential: str
) -> None:
    """So that the address, which a browser asks leave for, stays the same; the answer and every refusal does too."""
    finesse.dialogs["1001"].append(dialog("3", {"POD.ID": POD}, call_type="SUPERVISOR_MONITOR"))
    service.take(answer(id="a1", nps=9, customer="C-10042"))
    asked = on_call(service, ann, dialog_id, credential)
    told = service.post("/gadgets/journey", {"dialogId": dialog_id}, ann, X_Finesse_Authorization=credential)
    assert (told.status_code, told.headers["Cache-Control"]) == (asked.status_code, asked.headers["Cache-Control"])
    one, other = json.loads(told.data), json.loads(asked.data)
    if told.status_code == 200:
        assert bool(one.pop("customerRef")) == bool(other.pop("customerRef"))
    assert one == other


def test_customers_are_named_freely_only_where_that_is_allowed(service: Service, ann: Person) -> None:
    assert_problem(service.post("/gadgets/journey", {"customerId": "C-1"}, ann), 403, "by_dialog_only")


def test_where_allowed_a_customer_may_be_named(start: Callable[..., Service], ann: Person) -> None:
    service = start(journey_access="any", phone_region="TW")
    service.take(answer(id="a1", nps=1, customer="C-1", mobile="0912344455", email="ann@example.com"))
    for named in ({"customerId": "C-1"}, {"mobile": "+886 912 344 455"}, {"email": "ANN@example.com"}):
        body = shown(service.post("/gadgets/journey", named, ann))
        assert [one["id"] for one in body["responses"]] == ["a1"]
        assert body["customer"]["knownBy"] == next(iter(named))
        assert shown(service.get(f"/gadgets/journey?customerRef={body['customerRef']}", ann))["responses"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "C-1",
        {"customerId": ""},
        {"customerId": 1},
        {"customerId": None},
        {"name": "x"},
        {"customerId": "C" * 321},
        {"dialogId": ""},
        {"dialogId": 1},
        {"dialogId": "1", "customerId": "C-1"},
        {"customerRef": "x"},
    ],
)
def test_a_customer_is_named_by_one_text(start: Callable[..., Service], ann: Person, body: object) -> None:
    service = start(journey_access="any")
    assert_problem(service.post("/gadgets/journey", body, ann), 400, "bad_request")
    two = {"customerId": "C-1", "mobile": "886912344455"}
    assert_problem(service.post("/gadgets/journey", two, ann), 400, "bad_request")


def test_a_placeholder_names_nobody_there_either(start: Callable[..., Service], ann: Person) -> None:
    body = shown(start(journey_access="any").post("/gadgets/journey", {"mobile": "1234567890"}, ann))
    assert body["customer"] is None


def test_references_keep_what_they_were_given(service: Service) -> None:
    references = References(Seal(signing_keys(service.settings), "customer"))
    customer = Caller("C=;10042 陳", "+886912344455", "ann@example.com")
    assert references.read(make_person(), references.give(make_person(), customer)) == customer
