"""Hold, consult, transfer, conference, wrap-up, monitoring and barge-in: dialogs and events as Finesse has them."""

from typing import Any
from xml.etree.ElementTree import Element, tostring

import pytest
from defusedxml import ElementTree
from flask.testing import FlaskClient

from lab.desktop.parts import Parts
from lab.people import cast
from tests.lab.conftest import basic

POD = "cc_CustomerId=C-1;Email=a@example.com;Mobile=886912000001"
NUMBER = "886912000001"
AGENT, COLLEAGUE, SUPERVISOR = "2001", "2002", "2101"


class Phones:
    """The switchboard as its controls move it, and what each person's events tell."""

    def __init__(self, client: FlaskClient, parts: Parts) -> None:
        self.client = client
        self.parts = parts

    def do(self, path: str, **body: Any) -> str:
        answer = self.client.post(f"/lab/calls{path}", json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_json()["dialogId"])

    def place(self, **body: Any) -> str:
        return self.do("", **({"agent": "1001", "podId": POD, "fromAddress": NUMBER} | body))

    def listed(self, user: str) -> dict[str, Element]:
        """The dialogs that the REST side answers, by id."""
        text = self.client.get(f"/finesse/api/User/{user}/Dialogs", headers=basic(user)).data
        return {dialog.findtext("id", ""): dialog for dialog in ElementTree.fromstring(text).iter("Dialog")}

    def updates(self, user: str) -> list[tuple[str, str, Element]]:
        """Event, topic and dialog of each notification about calls, in order."""
        changes = []
        for event in self.parts.events.wait(user, 0, 0):
            root = ElementTree.fromstring(event.xml)
            dialog = root.find("data/dialogs/Dialog")
            dialog = root.find("data/dialog") if dialog is None else dialog
            if dialog is not None:
                changes.append((root.findtext("event", ""), event.topic, dialog))
        return changes

    def variables(self, user: str) -> dict[str, str]:
        """What a desktop that heard every event believes, by id."""
        believed: dict[str, str] = {}
        for event, topic, dialog in self.updates(user):
            dialog_id = dialog.findtext("id", "")
            assert topic == f"/finesse/api/User/{user}/Dialogs"
            assert (dialog_id in believed) == (event != "POST")
            believed[dialog_id] = inner(dialog)
            if event == "DELETE":
                assert dialog.findtext("state") == "DROPPED"
                del believed[dialog_id]
        return believed


def inner(dialog: Element) -> str:
    return "".join(tostring(child, "unicode") for child in dialog)


def parties(dialog: Element) -> dict[str, str]:
    return {
        participant.findtext("mediaAddress", ""): participant.findtext("state", "")
        for participant in dialog.iter("Participant")
    }


def agents(dialog: Element) -> set[str]:
    """Who has the mark by which Finesse tells agents; actions tell nothing."""
    parties = {
        party.findtext("mediaAddress", ""): party.findtext("mediaAddressType") for party in dialog.iter("Participant")
    }
    return {address for address, mark in parties.items() if mark == "AGENT_DEVICE"}


def actions(dialog: Element, address: str) -> list[str | None]:
    for participant in dialog.iter("Participant"):
        if participant.findtext("mediaAddress") == address:
            return [action.text for action in participant.iter("action")]
    raise AssertionError(f"{address} takes no part")


def pod(dialog: Element) -> str | None:
    names = {variable.findtext("name"): variable.findtext("value") for variable in dialog.iter("CallVariable")}
    return names.get("POD.ID")


def call_type(dialog: Element) -> str | None:
    return dialog.findtext("mediaProperties/callType")


@pytest.fixture
def phones(client: FlaskClient, parts: Parts) -> Phones:
    return Phones(client, parts)


def test_a_held_call_waits_and_comes_back(phones: Phones) -> None:
    call = phones.place()
    phones.do(f"/{call}/hold")
    dialog = phones.listed("1001")[call]
    assert (dialog.findtext("state"), parties(dialog)) == ("ACTIVE", {AGENT: "HELD", NUMBER: "ACTIVE"})
    assert actions(dialog, AGENT) == ["RETRIEVE", "DROP"]
    assert phones.parts.floor.state(cast.CAST[0])[0] == "HOLD"
    phones.do(f"/{call}/retrieve")
    assert parties(phones.listed("1001")[call]) == {AGENT: "ACTIVE", NUMBER: "ACTIVE"}
    assert [event for event, _, _ in phones.updates("1001")] == ["POST", "PUT", "PUT"]


def test_a_consult_call_is_dialled_rings_and_is_answered_while_the_customer_waits(phones: Phones) -> None:
    call = phones.place()
    consult = phones.do(f"/{call}/consult", to="1002")
    seen = [(event, dialog.findtext("id"), dialog.findtext("state")) for event, _, dialog in phones.updates("1001")]
    assert seen[1:] == [
        ("PUT", call, "ACTIVE"),
        ("POST", consult, "INITIATING"),
        *(("PUT", consult, state) for state in ("INITIATED", "ALERTING", "ACTIVE")),
    ]
    heard = [(event, dialog.findtext("state")) for event, _, dialog in phones.updates("1002")]
    assert heard == [("POST", "ALERTING"), ("PUT", "ACTIVE")]


def test_consult_and_held_call_name_each_other_and_the_colleague_sees_no_customer_yet(phones: Phones) -> None:
    call = phones.place()
    consult = phones.do(f"/{call}/consult", to="1002")
    mine = phones.listed("1001")
    assert parties(mine[call]) == {AGENT: "HELD", NUMBER: "ACTIVE"}
    assert mine[call].findtext("associatedDialogUri") == f"/finesse/api/Dialog/{consult}"
    assert mine[consult].findtext("associatedDialogUri") == f"/finesse/api/Dialog/{call}"
    (theirs,) = phones.listed("1002").values()
    assert inner(theirs) == inner(mine[consult])
    assert (theirs.findtext("fromAddress"), theirs.findtext("toAddress")) == (AGENT, COLLEAGUE)
    assert (call_type(theirs), pod(theirs)) == ("CONSULT", None)
    assert actions(theirs, AGENT) == ["HOLD", "DROP", "TRANSFER", "CONFERENCE"]
    assert actions(theirs, COLLEAGUE) == ["HOLD", "DROP"]


def test_a_consult_call_carries_the_customers_data_when_asked_to(phones: Phones) -> None:
    consult = phones.do(f"/{phones.place()}/consult", to="1002", withData=True)
    assert pod(phones.listed("1002")[consult]) == POD


def test_a_colleague_who_is_only_rung_cannot_be_given_the_call(phones: Phones) -> None:
    call = phones.place()
    consult = phones.do(f"/{call}/consult", to="1002", ringSeconds=30)
    assert parties(phones.listed("1002")[consult]) == {AGENT: "INITIATED", COLLEAGUE: "ALERTING"}
    assert phones.client.post(f"/lab/calls/{call}/transfer", json={}).status_code == 409
    phones.do(f"/{consult}/answer")
    phones.do(f"/{call}/transfer")


def test_a_consult_call_that_ends_gives_the_customer_back(phones: Phones) -> None:
    call = phones.place()
    consult = phones.do(f"/{call}/consult", to="1002")
    assert phones.client.delete(f"/lab/calls/{consult}").status_code == 204
    assert phones.listed("1002") == {}
    assert phones.listed("1001")[call].findtext("associatedDialogUri") == ""
    phones.do(f"/{call}/retrieve")
    assert parties(phones.listed("1001")[call])[AGENT] == "ACTIVE"


def test_toggling_between_customer_and_colleague_holds_the_other(phones: Phones) -> None:
    call = phones.place()
    consult = phones.do(f"/{call}/consult", to="1002")
    phones.do(f"/{call}/retrieve")
    mine = phones.listed("1001")
    assert (parties(mine[call])[AGENT], parties(mine[consult])[AGENT]) == ("ACTIVE", "HELD")


def test_the_colleague_can_hold_too(phones: Phones) -> None:
    consult = phones.do(f"/{phones.place()}/consult", to="1002")
    phones.do(f"/{consult}/hold", by="1002")
    assert parties(phones.listed("1001")[consult]) == {AGENT: "ACTIVE", COLLEAGUE: "HELD"}
    assert phones.client.post(f"/lab/calls/{consult}/hold", json={"by": "1003"}).status_code == 409


@pytest.mark.parametrize("named", ["call", "consult"])
def test_a_transfer_ends_the_agents_dialogs_and_makes_the_colleagues_the_customers(phones: Phones, named: str) -> None:
    call = phones.place()
    consult = phones.do(f"/{call}/consult", to="1002")
    assert phones.do(f"/{call if named == 'call' else consult}/transfer") == consult
    assert phones.listed("1001") == {}
    (theirs,) = phones.listed("1002").values()
    assert theirs.findtext("id") == consult
    assert (theirs.findtext("fromAddress"), theirs.findtext("toAddress")) == (NUMBER, COLLEAGUE)
    assert parties(theirs) == {COLLEAGUE: "ACTIVE", NUMBER: "ACTIVE"}
    assert (call_type(theirs), pod(theirs), theirs.findtext("associatedDialogUri")) == ("TRANSFER", POD, "")
    ended = [dialog for event, _, dialog in phones.updates("1001") if event == "DELETE"]
    assert [dialog.findtext("id") for dialog in ended] == [consult, call]
    assert pod(ended[0]) is None


def test_a_conference_is_one_dialog_of_three_for_each_agent(phones: Phones) -> None:
    call = phones.place()
    consult = phones.do(f"/{call}/consult", to="1002")
    assert phones.do(f"/{call}/conference") == call
    (mine,), (theirs,) = phones.listed("1001").values(), phones.listed("1002").values()
    assert (mine.findtext("id"), theirs.findtext("id")) == (call, consult)
    for dialog in (mine, theirs):
        assert parties(dialog) == dict.fromkeys((AGENT, NUMBER, COLLEAGUE), "ACTIVE")
        assert (call_type(dialog), pod(dialog), dialog.findtext("fromAddress")) == ("CONFERENCE", POD, NUMBER)
        assert agents(dialog) == {AGENT, COLLEAGUE}
        assert actions(dialog, NUMBER) == ["HOLD", "DROP"]


def test_who_leaves_a_conference_leaves_the_customer_with_the_other(phones: Phones) -> None:
    call = phones.place()
    consult = phones.do(f"/{call}/consult", to="1002")
    phones.do(f"/{call}/conference")
    phones.client.delete(f"/lab/calls/{call}")
    assert phones.listed("1001") == {}
    assert parties(phones.listed("1002")[consult]) == {COLLEAGUE: "ACTIVE", NUMBER: "ACTIVE"}


def test_wrap_up_is_while_the_dialog_still_stands(phones: Phones) -> None:
    call = phones.place()
    phones.do(f"/{call}/wrapup")
    dialog = phones.listed("1001")[call]
    assert (dialog.findtext("state"), parties(dialog)) == ("ACTIVE", {AGENT: "WRAP_UP", NUMBER: "DROPPED"})
    assert phones.parts.floor.state(cast.CAST[0])[0] == "WORK"


def test_a_listening_supervisor_gets_a_dialog_without_the_customer(phones: Phones) -> None:
    call = phones.place()
    listening = phones.do(f"/{call}/monitor", by="1101")
    (dialog,) = phones.listed("1101").values()
    assert (dialog.findtext("id"), call_type(dialog)) == (listening, "SUPERVISOR_MONITOR")
    assert (dialog.findtext("fromAddress"), dialog.findtext("toAddress")) == (SUPERVISOR, AGENT)
    assert parties(dialog) == {SUPERVISOR: "ACTIVE", AGENT: "ACTIVE"}
    assert NUMBER not in inner(dialog)
    assert pod(dialog) is None
    assert [event for event, _, _ in phones.updates("1001")] == ["POST"]


def test_barging_in_makes_the_listening_dialog_a_conference_with_the_calls_variables(phones: Phones) -> None:
    call = phones.place()
    listening = phones.do(f"/{call}/monitor", by="1101")
    assert phones.do(f"/{call}/barge", by="1101") == listening
    (dialog,) = phones.listed("1101").values()
    assert (dialog.findtext("id"), call_type(dialog), pod(dialog)) == (listening, "CONFERENCE", POD)
    assert parties(dialog) == dict.fromkeys((SUPERVISOR, AGENT, NUMBER), "ACTIVE")
    assert set(parties(phones.listed("1001")[call])) == {SUPERVISOR, AGENT, NUMBER}
    assert [event for event, _, _ in phones.updates("1101")] == ["POST", "PUT"]


def test_nobody_barges_in_without_listening_first(phones: Phones) -> None:
    call = phones.place()
    assert phones.client.post(f"/lab/calls/{call}/barge", json={"by": "1101"}).status_code == 409


def test_the_listener_goes_with_the_call(phones: Phones) -> None:
    call = phones.place()
    phones.do(f"/{call}/monitor", by="1101")
    phones.client.delete(f"/lab/calls/{call}")
    assert phones.listed("1101") == {}


def test_the_call_stays_when_the_listener_goes(phones: Phones) -> None:
    call = phones.place()
    phones.client.delete(f"/lab/calls/{phones.do(f'/{call}/monitor', by='1101')}")
    assert (set(phones.listed("1001")), phones.listed("1101")) == ({call}, {})


def test_a_dialled_number_is_where_the_call_goes_to(phones: Phones) -> None:
    call = phones.place(podId=None, fromAddress="", toAddress="0912000001", callType="OUT", state="INITIATED")
    dialog = phones.listed("1001")[call]
    assert (dialog.findtext("fromAddress"), dialog.findtext("toAddress")) == (AGENT, "0912000001")
    assert dialog.findtext("mediaProperties/dialedNumber") == "0912000001"
    assert (call_type(dialog), dialog.findtext("state")) == ("OUT", "INITIATED")
    assert phones.parts.floor.state(cast.CAST[0])[0] == "TALKING"
    phones.do(f"/{call}/answer")
    assert parties(phones.listed("1001")[call]) == {AGENT: "ACTIVE", "0912000001": "ACTIVE"}


def test_events_and_rest_agree_at_every_step(phones: Phones) -> None:
    users = ("1001", "1002", "1101")

    def agree() -> None:
        for user in users:
            assert phones.variables(user) == {key: inner(dialog) for key, dialog in phones.listed(user).items()}

    call = phones.place()
    second = phones.place(podId="C-2")
    steps = [
        (f"/{call}/monitor", {"by": "1101"}),
        (f"/{call}/consult", {"to": "1002"}),
        (f"/{call}/retrieve", {}),
        (f"/{call}/hold", {}),
        (f"/{call}/conference", {}),
        (f"/{call}/barge", {"by": "1101"}),
        (f"/{second}/consult", {"to": "1101"}),
        (f"/{second}/transfer", {}),
        (f"/{call}/wrapup", {}),
    ]
    agree()
    for path, body in steps:
        phones.do(path, **body)
        agree()
    for remaining in phones.parts.switchboard.all():
        phones.parts.switchboard.hang_up(remaining.id)
        agree()
    assert phones.parts.switchboard.all() == []


@pytest.mark.parametrize(
    "word", ["hold", "retrieve", "wrapup", "consult", "transfer", "conference", "monitor", "barge"]
)
def test_a_control_of_a_call_that_is_not_there_says_so(client: FlaskClient, word: str) -> None:
    body = {"to": "1002", "by": "1101"}
    assert client.post(f"/lab/calls/4711/{word}", json=body).status_code == 404
    assert client.post(f"/lab/calls/4711/{word}", data=body).status_code == 415


def test_a_call_cannot_be_moved_in_a_way_that_makes_no_sense(phones: Phones) -> None:
    call = phones.place()
    for path, body in (("transfer", {}), ("conference", {}), ("consult", {"to": "1001"}), ("monitor", {"by": "1001"})):
        assert phones.client.post(f"/lab/calls/{call}/{path}", json=body).status_code == 409
    assert phones.client.post(f"/lab/calls/{call}/consult", json={"to": "4711"}).status_code == 404


def test_all_calls_can_be_ended_at_once(phones: Phones) -> None:
    call = phones.place()
    phones.do(f"/{call}/consult", to="1002")
    assert phones.client.delete("/lab/calls").status_code == 204
    assert (phones.listed("1001"), phones.listed("1002")) == ({}, {})
