"""The stand-in CVP: what it asks for after a call, when it posts, and how little it cares what becomes of it."""

import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from lab.calls.dialer import Dialer
from lab.cvp.call_server import BATCH_SECONDS
from lab.cvp.cloud_connect import CloudConnect
from lab.cvp.items import Item
from lab.desktop.parts import Parts
from lab.people import cast
from lab.people.customers import customers

POD = "cc_CustomerId=C-1;Email=a@example.com;Mobile=886912000001;cc_language=en-us;Optin=yes;"
SALES, SUPPORT = "1001", "1007"


@dataclass
class Posted:
    """Stands for Cloud Connect: keeps what is posted."""

    batches: list[list[Item]] = field(default_factory=list)
    now: float = 1000.0

    def post(self, items: Sequence[Item]) -> str:
        self.batches.append(list(items))
        return "202"


@pytest.fixture
def posted(parts: Parts) -> Posted:
    """The lab's call server, with a clock and a Cloud Connect of the test."""
    posted = Posted()
    parts.call_server.post, parts.call_server.clock = posted.post, lambda: posted.now
    return posted


def place(client: FlaskClient, agent: str = SALES, **more: Any) -> str:
    body = {"agent": agent, "podId": POD, "fromAddress": "886912000001"} | more
    return str(client.post("/lab/calls", json=body).get_json()["dialogId"])


def hang_up(client: FlaskClient, dialog_id: str) -> None:
    assert client.delete(f"/lab/calls/{dialog_id}").status_code == 204


def move(client: FlaskClient, dialog_id: str, word: str, **body: Any) -> str:
    return str(client.post(f"/lab/calls/{dialog_id}/{word}", json=body).get_json()["dialogId"])


def collected(parts: Parts, posted: Posted) -> list[Item]:
    parts.call_server.flush()
    return [item for batch in posted.batches for item in batch]


def test_an_item_is_written_as_cce_writes_it(client: FlaskClient, parts: Parts, posted: Posted) -> None:
    hang_up(client, place(client))
    (item,) = collected(parts, posted)
    guid = item.pop("callGUID")
    assert len(guid) == 32 and set(guid) <= set("0123456789ABCDEF")
    assert item == {"dispatchId": "lab-email", "POD.ID": POD, "CxSurveyInfo": "AG=6001|SG=5011|PQ=|AGT=5001"}


def test_a_pod_id_is_cut_off_at_120_characters_and_optin_goes_first(
    client: FlaskClient, parts: Parts, posted: Posted
) -> None:
    hang_up(client, place(client, podId=f"cc_CustomerId={'9' * 100};Optin=yes;"))
    (item,) = collected(parts, posted)
    assert item["POD.ID"] == f"cc_CustomerId={'9' * 100};Optin"


def test_every_customer_of_the_lab_fits_into_a_pod_id() -> None:
    assert max(len(customer.pod_id) for customer in customers()) < 120


def test_a_batch_leaves_after_a_minute_or_when_there_are_a_hundred(
    client: FlaskClient, parts: Parts, posted: Posted
) -> None:
    hang_up(client, place(client))
    posted.now += BATCH_SECONDS - 1
    hang_up(client, place(client))
    parts.call_server.tick()
    assert posted.batches == []
    posted.now += 1
    parts.call_server.tick()
    assert [len(batch) for batch in posted.batches] == [2]
    for _ in range(101):
        hang_up(client, place(client))
    parts.call_server.tick()
    assert [len(batch) for batch in posted.batches] == [2, 100, 1]


def test_the_minute_begins_with_the_first_call_that_waits(client: FlaskClient, parts: Parts, posted: Posted) -> None:
    posted.now += BATCH_SECONDS * 10
    hang_up(client, place(client))
    parts.call_server.tick()
    assert posted.batches == []


def test_one_survey_a_call_with_the_agent_whom_it_was_transferred_to(
    client: FlaskClient, parts: Parts, posted: Posted
) -> None:
    call = place(client)
    consult = move(client, call, "consult", to="1002")
    transferred = move(client, consult, "transfer")
    assert parts.call_server.waiting() == 0
    hang_up(client, transferred)
    (item,) = collected(parts, posted)
    assert item["CxSurveyInfo"] == "AG=6002|SG=5011|PQ=|AGT=5001"


def test_a_conference_gets_one_survey_when_its_last_agent_leaves(
    client: FlaskClient, parts: Parts, posted: Posted
) -> None:
    call = place(client)
    consult = move(client, call, "consult", to="1002")
    move(client, consult, "conference")
    hang_up(client, call)
    assert parts.call_server.waiting() == 0
    hang_up(client, consult)
    (item,) = collected(parts, posted)
    assert item["CxSurveyInfo"].startswith("AG=6002|")


def test_a_customer_who_hangs_up_is_asked_once_though_the_agents_still_write(
    client: FlaskClient, parts: Parts, posted: Posted
) -> None:
    call = place(client)
    consult = move(client, call, "consult", to="1002")
    move(client, consult, "conference")
    move(client, call, "wrapup")
    assert parts.call_server.waiting() == 1
    move(client, consult, "wrapup")
    hang_up(client, call)
    hang_up(client, consult)
    assert len(collected(parts, posted)) == 1


def test_a_listening_supervisor_changes_nothing(client: FlaskClient, parts: Parts, posted: Posted) -> None:
    call = place(client)
    listening = move(client, call, "monitor", by="1101")
    hang_up(client, listening)
    assert parts.call_server.waiting() == 0
    listening = move(client, call, "monitor", by="1101")
    move(client, call, "barge", by="1101")
    hang_up(client, call)
    assert parts.call_server.waiting() == 0
    hang_up(client, listening)
    assert len(collected(parts, posted)) == 1


@pytest.mark.parametrize(
    "call",
    [
        {"agent": SUPPORT},
        {"state": "ALERTING"},
        {"podId": None},
        {"variables": {}},
        {"variables": {"user.microapp.isPostCallSurvey": "n"}},
        {"toAddress": "886912000001", "fromAddress": ""},
        {"callType": "OUT"},
    ],
    ids=["no survey", "unanswered", "no POD.ID", "survey unset", "survey off", "dialled by the agent", "no queue"],
)
def test_cvp_asks_for_no_survey_after(client: FlaskClient, parts: Parts, posted: Posted, call: dict[str, Any]) -> None:
    hang_up(client, place(client, **call))
    assert collected(parts, posted) == []


def test_calls_by_themselves_get_surveys_too(parts: Parts, posted: Posted) -> None:
    dialer = Dialer(parts)
    parts.floor.sign_in(cast.CAST[0])
    for second in range(240):
        parts.floor.seen(cast.CAST[0])
        dialer.tick(float(second))
    assert collected(parts, posted)


def test_a_call_type_gets_another_survey_by_control(client: FlaskClient, parts: Parts, posted: Posted) -> None:
    answer = client.post("/lab/cvp", json={"callTypes": {"5022": "lab-sms", "5021": None}})
    assert [call_type["dispatchId"] for call_type in answer.get_json()["callTypes"]] == [None, "lab-sms"]
    hang_up(client, place(client, SALES))
    hang_up(client, place(client, SUPPORT))
    assert [item["dispatchId"] for item in collected(parts, posted)] == ["lab-sms"]


@pytest.mark.parametrize(("fault", "posts"), [(None, 1), ("lose", 0), ("repeat", 2)])
def test_a_batch_is_lost_or_repeated_on_request(
    client: FlaskClient, posted: Posted, fault: str | None, posts: int
) -> None:
    client.post("/lab/cvp", json={"fault": fault})
    hang_up(client, place(client))
    (batch,) = client.post("/lab/cvp/flush", json={}).get_json()["batches"]
    assert batch["items"] == 1
    assert batch["answers"] == (["202"] * posts or ["lost"])
    assert len(posted.batches) == posts
    assert client.get("/lab/cvp").get_json()["waiting"] == 0


@pytest.mark.parametrize(
    "body", [{"fault": "explode"}, {"callTypes": {"1": "lab-sms"}}, {"callTypes": ["5021"]}, {"callTypes": None}]
)
def test_a_control_that_asks_for_what_there_is_not_changes_nothing(client: FlaskClient, body: dict[str, Any]) -> None:
    before = client.get("/lab/cvp").get_json()
    assert client.post("/lab/cvp", json=body).status_code == 400
    assert client.get("/lab/cvp").get_json() == before


@dataclass
class Listener:
    """A web server in place of Cloud Connect's: what it was sent, and what it answers."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    status: int = 202


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()

    @Request.application
    def take(request: Request) -> Response:
        request.get_data()
        listener.requests.append(request)
        return Response(status=listener.status)

    server = make_server("127.0.0.1", 0, take, threaded=True)
    listener.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield listener
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_batch_goes_to_cloud_connect_with_its_administrators_credential(listener: Listener) -> None:
    items = [{"dispatchId": "d", "POD.ID": POD}]
    assert CloudConnect(listener.url).post(items) == "202"
    (request,) = listener.requests
    assert (request.method, request.path) == ("POST", "/cherrypoint/surveydispatch")
    assert request.authorization is not None
    assert (request.authorization.username, request.authorization.password) == ("admin", "lab")
    assert request.get_json() == items


def test_whatever_is_answered_or_not_is_noted_and_forgotten(listener: Listener) -> None:
    listener.status = 503
    assert CloudConnect(listener.url).post([]) == "503"
    assert len(listener.requests) == 1
    assert CloudConnect("http://127.0.0.1:1").post([]) == "no answer"


def test_cvp_gives_up_on_a_cloud_connect_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert CloudConnect(base, timeout=0.2).post([]) == "no answer"
        assert CloudConnect(base)._timeout.total == 10
