"""Calls on request and by themselves."""

import threading
import time
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from flask.testing import FlaskClient

from lab.calls.dialer import Dialer
from lab.desktop.parts import Parts
from lab.people import cast
from lab.people.customers import regulars
from tests.lab.conftest import basic

POD = "cc_CustomerId=C-1;Email=a&b@example.com;Mobile=886912000001"
ANN = cast.CAST[0]


def place(client: FlaskClient, **body: object) -> str:
    answer = client.post("/lab/calls", json={"agent": "1001", "podId": POD, "fromAddress": "886912000001"} | body)
    assert answer.status_code == 200
    return str(answer.get_json()["dialogId"])


def dialogs(client: FlaskClient, user: str = "1001") -> list[Element]:
    text = client.get(f"/finesse/api/User/{user}/Dialogs", headers=basic(user)).data
    return list(ElementTree.fromstring(text).iter("Dialog"))


def variables(dialog: Element) -> dict[str | None, str | None]:
    return {variable.findtext("name"): variable.findtext("value") for variable in dialog.iter("CallVariable")}


def test_a_call_on_request_stands_at_once_without_anyone_signed_in(client: FlaskClient) -> None:
    dialog_id = place(client)
    (dialog,) = dialogs(client)
    assert dialog.findtext("id") == dialog_id
    assert dialog.findtext("state") == "ACTIVE"
    assert dialog.findtext("fromAddress") == "886912000001"
    assert variables(dialog)["POD.ID"] == POD
    addresses = [participant.findtext("mediaAddress") for participant in dialog.iter("Participant")]
    assert addresses == ["2001", "886912000001"]


def test_calls_stand_beside_each_other_until_each_is_ended(client: FlaskClient) -> None:
    first, second = place(client), place(client, podId="C-2")
    assert [dialog.findtext("id") for dialog in dialogs(client)] == [first, second]
    assert client.delete(f"/lab/calls/{first}").status_code == 204
    assert [dialog.findtext("id") for dialog in dialogs(client)] == [second]
    assert client.delete(f"/lab/calls/{first}").status_code == 404


def test_a_call_carries_other_variables_from_one_moment_to_the_next(client: FlaskClient) -> None:
    call = place(client)
    client.post(f"/lab/calls/{call}/variables", json={"variables": {"callVariable1": "billing"}})
    (dialog,) = dialogs(client)
    assert variables(dialog) == {"callVariable1": "billing"}
    assert dialog.findtext("state") == "ACTIVE"


def test_calls_of_others_are_not_mine(client: FlaskClient) -> None:
    place(client)
    assert dialogs(client, "1002") == []


def test_variables_call_type_and_participants_can_be_given(client: FlaskClient) -> None:
    place(
        client,
        podId=None,
        variables={"callVariable3": "x"},
        callType="SUPERVISOR_MONITOR",
        participants=["2001", "2007"],
    )
    (dialog,) = dialogs(client)
    assert variables(dialog) == {"callVariable3": "x"}
    assert dialog.findtext("mediaProperties/callType") == "SUPERVISOR_MONITOR"
    assert [participant.findtext("mediaAddress") for participant in dialog.iter("Participant")] == [
        "2001",
        "2001",
        "2007",
    ]


def test_without_a_pod_id_only_the_number_tells(client: FlaskClient) -> None:
    place(client, podId=None)
    assert "POD.ID" not in variables(dialogs(client)[0])


def test_an_unknown_agent_gets_no_call_and_a_form_places_none(client: FlaskClient) -> None:
    assert client.post("/lab/calls", json={"agent": "4711"}).status_code == 404
    assert client.post("/lab/calls", data={"agent": "1001"}).status_code == 415


def test_a_waiting_desktop_hears_of_a_call_at_once(client: FlaskClient, parts: Parts) -> None:
    heard: list[float] = []

    def wait() -> None:
        parts.events.wait("1001", 0, 5)
        heard.append(time.monotonic())

    listener = threading.Thread(target=wait)
    listener.start()
    time.sleep(0.1)
    placed = time.monotonic()
    place(client)
    listener.join()
    assert heard[0] - placed < 3


def test_whoever_waits_is_let_go_when_the_lab_ends(parts: Parts) -> None:
    listener = threading.Thread(target=parts.events.wait, args=("1001", 0, 60))
    listener.start()
    parts.close()
    listener.join(5)
    assert not listener.is_alive()


def test_events_tell_a_call_coming_changing_and_going(client: FlaskClient, parts: Parts) -> None:
    call = parts.switchboard.place(ANN, "886912000001", {}, state="ALERTING")
    parts.switchboard.answer(call.id)
    parts.switchboard.hang_up(call.id)
    dialog_events = [event for event in parts.events.wait("1001", 0, 0) if "ialog" in event.topic]
    updates = [ElementTree.fromstring(event.xml) for event in dialog_events]
    assert [update.findtext("event") for update in updates] == ["POST", "PUT", "DELETE"]
    collection = "/finesse/api/User/1001/Dialogs"
    assert {event.topic for event in dialog_events} == {collection}
    sources = [update.findtext("source") for update in updates]
    assert sources == [collection, f"/finesse/api/Dialog/{call.id}", collection]
    assert updates[1].findtext("data/dialog/state") == "ACTIVE"


def test_the_state_follows_the_calls(parts: Parts) -> None:
    parts.floor.sign_in(ANN)
    assert parts.floor.state(ANN)[0] == "READY"
    call = parts.switchboard.place(ANN, "886912000001", {}, state="ALERTING")
    assert parts.floor.state(ANN)[0] == "RESERVED"
    parts.switchboard.answer(call.id)
    assert parts.floor.state(ANN)[0] == "TALKING"
    parts.switchboard.wrap_up(call.id)
    assert parts.floor.state(ANN)[0] == "WORK"
    parts.switchboard.hang_up(call.id)
    assert parts.floor.state(ANN)[0] == "READY"


def test_a_call_by_itself_rings_is_answered_wrapped_up_and_followed_by_another(parts: Parts) -> None:
    dialer = Dialer(parts)
    seen: list[str] = []
    for second in range(240):
        parts.floor.sign_in(ANN)
        dialer.tick(float(second))
        states = [call.agent_state for call in parts.switchboard.of("1001")]
        assert len(states) <= 1
        if states and (not seen or seen[-1] != states[0]):
            seen.append(states[0])
    assert seen[:4] == ["ALERTING", "ACTIVE", "WRAP_UP", "ALERTING"]


def test_the_first_call_by_itself_is_the_drawn_customers(parts: Parts) -> None:
    dialer = Dialer(parts)
    parts.floor.sign_in(ANN)
    for second in range(6):
        dialer.tick(float(second))
    (call,) = parts.switchboard.of("1001")
    assert call.variables["POD.ID"] == regulars()[0].pod_id
    assert call.variables["POD.ID"].startswith("cc_CustomerId=C-10042;Email=ann@example.com;Mobile=886912344455;")


def test_no_call_comes_by_itself_to_whom_is_away_or_not_ready(parts: Parts) -> None:
    dialer = Dialer(parts)
    parts.floor.sign_in(cast.CAST[1])
    parts.floor.choose(cast.CAST[1], "NOT_READY")
    parts.floor.sign_in(cast.CAST[-1])
    for second in range(120):
        dialer.tick(float(second))
    assert parts.switchboard.all() == []


def test_after_an_early_hang_up_the_next_call_still_comes(parts: Parts) -> None:
    dialer = Dialer(parts)
    placed = 0
    for second in range(120):
        parts.floor.sign_in(ANN)
        dialer.tick(float(second))
        for call in parts.switchboard.of("1001"):
            placed += parts.switchboard.hang_up(call.id)
    assert placed > 3
