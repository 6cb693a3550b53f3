"""Batches as CVP posts them: any shape is taken once and kept, or refused with its reason, or kept as it is."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from experience.dispatch import dispatches, unaddressed, unread_bodies
from experience.dispatch import recipients as kept
from experience.dispatch.accepting import taken_records
from experience.dispatch.events import delivery_events
from experience.dispatch.files import read_dispatch
from experience.surveys.survey_tokens import invitations
from foundation.db.database import Database
from tests.support.answering import QUESTIONNAIRE, TEXTS
from tests.support.scripted_finesse import basic
from tests.support.services import Service, settings_for

DISPATCH = f"""
id: d
name: After a call
questionnaire_name: {QUESTIONNAIRE}
default_of_call_types: [5001]
delivery_plan: {{id: p, name: p, schedule: [{{on_channel: email, text_body: x}}, {{on_channel: sms, text_body: x}}]}}
"""
PATH = "/cherrypoint/surveydispatch"
WHO = {"Authorization": basic("admin", "word")}


@pytest.fixture(scope="module")
def started(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("batches") / "data"
    credential = {"cloudconnect_username": "admin", "cloudconnect_password": "word"}
    with Service(settings_for(data, ["http://127.0.0.1:1"], phone_region="TW", **credential), template) as service:
        keep_dispatch(database_of(service))
        yield service


@pytest.fixture
def service(started: Service) -> Service:
    forget(database_of(started))
    return started


@pytest.fixture
def client(service: Service) -> Iterator[FlaskClient]:
    with service.app.test_client() as opened:
        yield opened


@pytest.fixture
def database(service: Service) -> Database:
    return database_of(service)


def database_of(service: Service) -> Database:
    database: Database = service.app.extensions["pulse"]["database"]
    return database


def keep_dispatch(database: Database, text: str = DISPATCH) -> None:
    read = read_dispatch(text)
    with database.write() as connection:
        dispatches.keep(database, connection, "dispatch", [read.dispatch])
        dispatches.keep(database, connection, "plan", [read.plan])


def post(client: FlaskClient, body: object, path: str = PATH, **headers: str) -> TestResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    more = {name.replace("_", "-"): text for name, text in headers.items()}
    return client.post(path, data=content, headers={"Content-Type": "application/json", **WHO, **more})


def recipients(database: Database) -> list[tuple[str | None, str | None]]:
    with database.read() as connection:
        return sorted(
            map(tuple, connection.execute(select(kept.recipients.c.email, kept.recipients.c.mobile))), key=str
        )


def known(database: Database) -> dict[str, str]:
    """What the one invitation knows, by the names of its questions."""
    with database.read() as connection:
        (document,) = connection.execute(select(invitations.c.document)).scalars()
    names = {question: name for name, question in TEXTS.items()}
    return {
        names[response["questionId"]]: response["textInput"]
        for response in json.loads(document)["preFill"]
        if response["questionId"] in names
    }


CUT = "cc_CustomerId=C-1;Email=ann@example.com;note="


@pytest.mark.parametrize("path", [PATH, "/cherrypoint/surveyendpoint", "/CherryPoint//SurveyDispatch/"])
def test_a_batch_is_kept_before_it_is_acknowledged(service: Service, database: Database, path: str) -> None:
    client = FlaskClient(service.app, service.app.response_class)
    item = {"dispatchId": "d", "POD.ID": "cc_CustomerId=C-1;Email=ann@example.com;Optin=yes"}
    answer = post(client, [item | {"CxSurveyInfo": "AG=6001|SG=7|PQ=8|AGT=5001"}], path)
    assert (answer.status_code, answer.get_json()["accepted"]) == (202, 1)
    assert recipients(database) == [("ann@example.com", None)]
    assert known(database) == {"customer": "C-1", "email": "ann@example.com", "agent": "6001", "team": "5001"}


def test_only_the_administrator_may_post(client: FlaskClient, database: Database) -> None:
    assert client.post(PATH, json=[{"dispatchId": "d", "Email": "a@example.com"}]).status_code == 401
    wrong = {"Authorization": basic("admin", "guess")}
    assert client.post(PATH, json=[{"dispatchId": "d", "Email": "a@example.com"}], headers=wrong).status_code == 401
    assert recipients(database) == []


@pytest.mark.parametrize(
    "body",
    [
        [{"DispatchID": "d", "PreFill": [[{"QuestionId": TEXTS["email"], "Input": "ann@example.com"}]]}],
        {"DISPATCHID": "d", "prefill": [{"questionid": TEXTS["email"], "INPUT": "ann@example.com"}]},
        {"dispatchId": "d", "eMail": "ann@example.com"},
        [{"dispatch_id": "d", "Email_ID": "ann@example.com", "mobile": None}],
        {"dispatchId": "d", "requests": [{"Email": "ann@example.com"}]},
        {"batch": {"dispatchId": "d", "items": {"item": [{"customer": {"email": "ann@example.com"}}]}}},
        {"dispatchId": "d", "PreFill": [{"Email": "ann@example.com"}]},
        {"callType": 5001, "pod": {"id": "Email=ann@example.com"}},
        b"dispatchId=d&POD.ID=Email%3Dann%40example.com",
        b'payload={"dispatchId":"d","Email":"ann@example.com"}',
        b"<?xml version='1.0' encoding='utf-8'?><b><dispatchId>d</dispatchId><i><Email>ann@example.com</Email></i></b>",
        b"\xef\xbb\xbf" + json.dumps(json.dumps([{"dispatchId": "d", "Email": "ann@example.com"}])).encode(),
        json.dumps([{"dispatchId": "d", "Email": "ann@example.com"}]).encode("utf-16"),
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_any_shape_names_its_recipient(
    client: FlaskClient, database: Database, body: object, content_type: str
) -> None:
    answer = post(client, body, Content_Type=content_type)
    assert (answer.status_code, answer.get_json()) == (202, answer.get_json() | {"accepted": 1, "waiting": 0})
    assert recipients(database) == [("ann@example.com", None)]


@pytest.mark.parametrize(
    ("pod", "accepted"),
    [
        ("Email=a@example.com", 1),
        ("Email=a@example.com;Optin=Yes;", 1),
        ("Email=a@example.com;Optin=1", 1),
        ("Email=a@example.com;Optin=", 0),
        ("Email=a@example.com;Optin=no", 0),
        (CUT + "x" * (119 - len(CUT)), 1),
        (CUT + "x" * (120 - len(CUT)), 0),
        (CUT + "x" * (112 - len(CUT)) + ";Optin=", 0),
        (CUT + "x" * (111 - len(CUT)) + ";Optin=y", 1),
        (CUT + "電" * 25, 0),
    ],
)
def test_who_did_not_opt_in_or_was_cut_off_is_not_asked(
    client: FlaskClient, database: Database, pod: str, accepted: int
) -> None:
    assert len((CUT + "電" * 25).encode()) == 120
    answer = post(client, [{"dispatchId": "d", "POD.ID": pod}])
    assert answer.status_code == (202 if accepted else 207)
    assert len(recipients(database)) == accepted


def test_a_no_beside_a_yes_is_a_no(client: FlaskClient, database: Database) -> None:
    body = {"dispatchId": "d", "Optin": "yes", "POD.ID": "Email=a@example.com;Optin=no"}
    answer = post(client, body)
    assert answer.get_json()["items"] == [
        {"position": 0, "status": 400, "state": "refused", "reason": "the customer did not opt in"}
    ]
    assert recipients(database) == []


def test_a_team_that_may_be_cut_off_is_not_taken(client: FlaskClient, database: Database) -> None:
    info = "AG=6001|SG=7|PQ=8|AGT="
    post(client, {"dispatchId": "d", "Email": "a@example.com", "CxSurveyInfo": info + "5" * (50 - len(info))})
    assert known(database) == {"email": "a@example.com", "agent": "6001"}


def test_each_item_has_its_status(client: FlaskClient, database: Database) -> None:
    items = [
        {"dispatchId": "d", "Email": "a@example.com"},
        {"Email": "b@example.com"},
        {"dispatchId": "not here", "Email": "c@example.com"},
        {"dispatchId": "d", "Email": "username@email.com", "Mobile": "1234567890"},
        5,
    ]
    answer = post(client, items)
    assert answer.status_code == 207
    states = [(item["status"], item["state"]) for item in answer.get_json()["items"]]
    assert states == [(202, "accepted"), (202, "waiting"), (202, "waiting"), (400, "refused"), (400, "refused")]
    assert recipients(database) == [("a@example.com", None)]
    with database.read() as connection:
        assert unaddressed.count(connection) == 2


def test_a_repeat_is_known_whatever_batch_and_shape_it_comes_in(client: FlaskClient, database: Database) -> None:
    call = {"dispatchId": "d", "callId": "GUID-1", "Email": "a@example.com"}
    for body in ([call], {"items": [call]}, [call | {"CxSurveyInfo": "AG=1|SG=2|PQ=3|AGT=4"}]):
        assert post(client, body).status_code == 202
    named = {"dispatchId": "d", "Email": "b@example.com"}
    for batch in ("one", "one", "two"):
        post(client, [named, named], BatchID=batch)
    for _ in range(2):
        post(client, {"dispatchId": "d", "Email": "c@example.com"})
        post(client, {"Email": "d@example.com"})
    emails = [email for email, _ in recipients(database)]
    assert emails == ["a@example.com", *["b@example.com"] * 4, "c@example.com"]
    with database.read() as connection:
        assert unaddressed.count(connection) == 1


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"5", b"[]", b"[{", b"\xff\xfe\xff", b"<a><b></a>", b"<a/>", b'[1,"x"]']
)
def test_what_is_no_batch_is_kept_for_the_administrator(client: FlaskClient, database: Database, body: bytes) -> None:
    for _ in range(2):
        answer = post(client, body)
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
        assert answer.get_json()["code"] == "unreadable_batch"
    with database.read() as connection:
        (kept,) = unread_bodies.every(connection)
        assert unread_bodies.content(connection, kept.id) == body
    assert (kept.path, kept.times, kept.size) == (PATH, 2, len(body))


def test_unread_bodies_are_few_and_cut(client: FlaskClient, database: Database) -> None:
    for number in range(unread_bodies.MOST_KEPT + 3):
        post(client, b"no batch %d" % number)
    post(client, b"x" * (unread_bodies.LARGEST_KEPT + 1))
    with database.read() as connection:
        kept = unread_bodies.every(connection)
        assert len(unread_bodies.content(connection, kept[0].id) or b"") == unread_bodies.LARGEST_KEPT
    assert (len(kept), kept[0].size) == (unread_bodies.MOST_KEPT, unread_bodies.LARGEST_KEPT + 1)


def test_more_than_a_batch_may_carry_is_refused_as_a_whole(client: FlaskClient, database: Database) -> None:
    answer = post(client, [{"dispatchId": "d", "callId": number} for number in range(18_001)])
    assert (answer.status_code, answer.get_json()["code"]) == (413, "batch_too_large")
    assert recipients(database) == []


def _flat(number: int, spelling: Callable[[str], str]) -> dict[str, Any]:
    return {
        spelling("dispatchId"): "d",
        spelling("callId"): f"call-{number}",
        spelling("Email"): f"{number}@example.com",
    }


def _public(number: int, spelling: Callable[[str], str]) -> dict[str, Any]:
    responses = [{spelling("QuestionId"): TEXTS["email"], spelling("Input"): f"{number}@example.com"}]
    return {spelling("DispatchID"): "d", spelling("callId"): f"call-{number}", spelling("PreFill"): [responses]}


def _pod(number: int, spelling: Callable[[str], str]) -> dict[str, Any]:
    pod = f"cc_CustomerId=C-{number};{spelling('Email')}={number}@example.com;Optin=yes"
    return {"outer": {spelling("callId"): f"call-{number}", "items": [{"callTypeId": "5001", spelling("POD.ID"): pod}]}}


def _cut(number: int, spelling: Callable[[str], str]) -> dict[str, Any]:
    pod = f"cc_CustomerId=C-{number};Email=cut-{number}@example.com;note=".ljust(120, "x")
    return {spelling("dispatchId"): "d", spelling("callId"): f"call-{number}", "POD.ID": pod}


def _homeless(number: int, spelling: Callable[[str], str]) -> dict[str, Any]:
    return {spelling("callId"): f"call-{number}", spelling("Email"): f"{number}@example.com"}


SHAPES = {"accepted": (_flat, _public, _pod), "refused": (_cut,), "waiting": (_homeless,)}
SPELLINGS: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper)


@given(kinds=st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, max_size=8), seed=st.integers(0, 2**16))
@settings(max_examples=40)
def test_any_mixture_order_and_repeats_reach_each_recipient_once(started: Service, kinds: list[str], seed: int) -> None:
    database, dice = database_of(started), random.Random(seed)
    forget(database)
    sent = [
        dice.choice(SHAPES[kind])(number, dice.choice(SPELLINGS))
        for number, kind in enumerate(kinds)
        for _ in range(dice.randint(1, 3))
    ]
    dice.shuffle(sent)
    states: list[str] = []
    with started.app.test_client() as client:
        while sent:
            size = dice.randint(1, len(sent))
            body = sent[:size] if dice.random() < 0.7 else {"requests": sent[:size]}
            answer = post(client, body).get_json()
            states += [item["state"] for item in answer.get("items", [{"state": "accepted"}] * size)]
            assert answer["accepted"] + answer["waiting"] + answer["refused"] == size
            del sent[:size]
    by_kind = {kind: [f"{n}@example.com" for n, other in enumerate(kinds) if other == kind] for kind in SHAPES}
    assert [email for email, _ in recipients(database)] == sorted(by_kind["accepted"])
    with database.read() as connection:
        assert unaddressed.count(connection) == len(by_kind["waiting"])
        refused = connection.execute(select(delivery_events).where(delivery_events.c.action == "Refused")).all()
    assert len(refused) == states.count("refused")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["dispatchId", "PreFill", "POD.ID", "CxSurveyInfo", "Email", "QuestionId", "Input", "x\0"])
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(body=JUNK.map(lambda junk: json.dumps(junk).encode()) | st.binary(max_size=60) | st.text().map(str.encode))
@settings(max_examples=150)
def test_no_body_is_a_mistake_of_ours(started: Service, body: bytes) -> None:
    with started.app.test_client() as client:
        assert post(client, body).status_code in {202, 207, 400}


def forget(database: Database) -> None:
    with database.write() as connection:
        for table in (
            *(taken_records, kept.recipients, delivery_events, invitations, unaddressed.unaddressed_items),
            unread_bodies.unread_bodies,
        ):
            connection.execute(delete(table))


def test_nothing_personal_reaches_the_log(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    post(client, [{"dispatchId": "d", "Email": "ann@example.com"}, {"Email": "ann@example.com", "dispatchId": "ann@"}])
    post(client, {"dispatchId": "d", "Email": "ann@", "Optin": "no", "callId": "ann@"}, BatchID="ann@")
    post(client, b"ann@example.com")
    out, err = capfd.readouterr()
    assert "batch_items_wait" in out + err
    assert "batch_unread" in out + err
    assert "ann@" not in out + err


def test_what_becomes_of_recipients_is_counted(client: FlaskClient) -> None:
    post(client, [{"dispatchId": "d", "Email": "a@example.com"}, {"Email": "b@example.com"}, 5])
    metrics = client.get("/metrics").text
    for state in ("accepted", "waiting", "refused"):
        assert f'pulse_batch_items_total{{state="{state}"}}' in metrics
    assert "pulse_batch_items_waiting 1.0" in metrics
