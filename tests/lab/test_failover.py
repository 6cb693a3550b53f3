"""Failover: a node goes out of service, its desktops come to the other one, and nothing that matters is lost."""

import json

import pytest
import urllib3
from defusedxml import ElementTree
from flask.testing import FlaskClient
from playwright.sync_api import expect

from lab.desktop.moves import LIFE_SECONDS, Tickets
from lab.desktop.parts import Parts
from tests.lab.conftest import Desk, Vendor, basic
from tests.lab.gadget_files import PLAIN_XML, PROBE_XML

FIRST, SECOND = {"Host": "localhost:8445"}, {"Host": "localhost:8447"}


@pytest.fixture
def two_nodes(parts: Parts) -> None:
    parts.nodes.ports = (8445, 8447)


@pytest.fixture
def gadgets(vendor: Vendor) -> None:
    vendor.put("/probe.xml", PROBE_XML)
    vendor.put("/other.xml", PLAIN_XML)


def status(client: FlaskClient, node: dict[str, str]) -> str | None:
    return ElementTree.fromstring(client.get("/finesse/api/SystemInfo", headers=node).data).findtext("status")


def control(url: str, **body: object) -> dict[str, int | None]:
    nodes: dict[str, int | None] = urllib3.request("POST", f"{url}/lab/failover", json=body).json()
    return nodes


@pytest.mark.usefixtures("two_nodes")
def test_the_node_in_use_goes_out_of_service_and_the_next_time_the_other(client: FlaskClient) -> None:
    assert (status(client, FIRST), status(client, SECOND)) == ("IN_SERVICE", "IN_SERVICE")
    assert client.post("/lab/failover", json={}).get_json() == {"active": 8447, "out": 8445}
    assert (status(client, FIRST), status(client, SECOND)) == ("OUT_OF_SERVICE", "IN_SERVICE")
    assert client.post("/lab/failover", json={}).get_json() == {"active": 8445, "out": 8447}
    assert (status(client, FIRST), status(client, SECOND)) == ("IN_SERVICE", "OUT_OF_SERVICE")
    assert client.post("/lab/failover", json={"restore": True}).get_json() == {"active": 8445, "out": None}
    assert (status(client, FIRST), status(client, SECOND)) == ("IN_SERVICE", "IN_SERVICE")


@pytest.mark.usefixtures("two_nodes")
def test_a_node_out_of_service_answers_nothing_and_the_other_everything(client: FlaskClient) -> None:
    client.post("/lab/calls", json={"agent": "1001", "podId": "C-1"})
    client.post("/lab/failover", json={})
    for path in ("/User/1001", "/User/1001/Dialogs"):
        refused = client.get(f"/finesse/api{path}", headers=basic("1001") | FIRST)
        assert refused.status_code == 503
        assert ElementTree.fromstring(refused.data).findtext("ApiError/ErrorType") == "Service Unavailable"
        assert client.get(f"/finesse/api{path}", headers=basic("1001") | SECOND).status_code == 200
    assert b"C-1" in client.get("/finesse/api/User/1001/Dialogs", headers=basic("1001") | SECOND).data


@pytest.mark.usefixtures("two_nodes")
def test_system_info_names_both_nodes(client: FlaskClient) -> None:
    root = ElementTree.fromstring(client.get("/finesse/api/SystemInfo", headers=FIRST).data)
    assert [root.findtext(f"{node}/httpsPort") for node in ("primaryNode", "secondaryNode")] == ["8445", "8447"]


def test_a_lab_of_one_node_fails_over_to_nobody(client: FlaskClient) -> None:
    assert client.post("/lab/failover", json={}).status_code == 409


def test_a_ticket_is_good_once_and_not_for_long() -> None:
    now = [0.0]
    tickets = Tickets(lambda: now[0])
    first, second = tickets.give({"a": "1"}), tickets.give({"b": "2"})
    assert tickets.redeem(first) == {"a": "1"}
    assert tickets.redeem(first) is None
    now[0] = LIFE_SECONDS + 1
    assert tickets.redeem(second) is None


@pytest.mark.usefixtures("gadgets")
def test_a_desktop_moves_to_the_other_node_signed_in_with_its_call_tab_and_language(
    desk: Desk, node_urls: tuple[str, str]
) -> None:
    first, second = node_urls
    desk.sign_in("1001", "/desktop?tab=home&lang=zh-TW")
    placed = json.dumps({"agent": "1001", "podId": "C-1", "fromAddress": "886912000001"})
    urllib3.request("POST", f"{first}/lab/calls", body=placed, headers={"Content-Type": "application/json"})
    expect(desk.page.locator("#calls li")).to_have_count(1)
    desk.page.click("[data-tab=myStatistics]")
    control(first, jitterSeconds=0.2)
    desk.page.wait_for_url(f"{second}/desktop?*")
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")
    expect(desk.page.locator("#calls li")).to_have_count(1)
    expect(desk.page.locator("[data-tab=myStatistics]")).to_have_attribute("aria-selected", "true")
    expect(desk.page.locator("#signOut")).to_have_text("登出")
    probe = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(probe.locator("#dialogs")).to_have_text("load 1;")
    assert "ticket" not in desk.page.url
    # What was under way on the node that left is answered 503, which the browser tells of.
    assert [error for error in desk.errors if "503" not in error] == []


@pytest.mark.usefixtures("gadgets")
def test_the_next_failover_brings_the_desktop_back_and_a_reload_stays(desk: Desk, node_urls: tuple[str, str]) -> None:
    first, second = node_urls
    desk.sign_in("1001")
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")
    control(second, jitterSeconds=0)
    desk.page.wait_for_url(f"{second}/desktop?*")
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")
    control(second, jitterSeconds=0)
    desk.page.wait_for_url(f"{first}/desktop?*")
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")
    desk.page.reload()
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")


@pytest.mark.usefixtures("gadgets")
def test_who_signs_in_on_a_node_out_of_service_lands_on_the_other(desk: Desk, node_urls: tuple[str, str]) -> None:
    first, second = node_urls
    control(first, jitterSeconds=0)
    desk.sign_in("1001")
    desk.page.wait_for_url(f"{second}/desktop*")
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")
