"""Single sign-on: Bearer tokens that rotate while desktops stay signed in, and that REST takes instead of passwords."""

import pytest
import urllib3
from flask.testing import FlaskClient
from playwright.sync_api import expect

from lab.desktop.parts import Parts
from lab.finesse.sso import Tokens
from tests.lab.conftest import Desk, Vendor, basic
from tests.lab.gadget_files import PLAIN_XML, PROBE_XML

ASK = "() => finesse.utilities.Utilities.getAuthHeaderString(finesse.gadget.Config)"

CHANGED = """async (body, first) => {
  while (ASK === first) await new Promise((done) => setTimeout(done, 50));
  return ASK;
}"""


def bearer(client: FlaskClient, user: str = "1001", password: str = "lab") -> dict[str, str]:
    token = client.post("/desktop/sso/token", json={}, headers=basic(user, password)).get_json()
    return {"Authorization": f"Bearer {token['token']}"}


def switch(client: FlaskClient, on: bool = True, seconds: float = 60) -> None:
    assert client.post("/lab/sso", json={"on": on, "seconds": seconds}).status_code == 200


def test_a_token_is_its_persons_and_no_one_elses(client: FlaskClient) -> None:
    switch(client)
    headers = bearer(client)
    assert client.get("/finesse/api/User/1001", headers=headers).status_code == 200
    assert client.get("/finesse/api/User/1002", headers=headers).status_code == 401


def test_while_it_is_on_a_password_is_for_the_sign_in_and_for_administrators(client: FlaskClient) -> None:
    switch(client)
    assert client.get("/finesse/api/User/1001", headers=basic("1001")).status_code == 401
    assert client.get("/finesse/api/User/1001", headers=basic("administrator")).status_code == 200
    assert client.post("/desktop/sso/token", json={}, headers=basic("1001", "wrong")).status_code == 401
    assert b"<systemAuthMode>SSO<" in client.get("/finesse/api/SystemInfo").data
    headers = bearer(client)
    switch(client, on=False)
    assert client.get("/finesse/api/User/1001", headers=headers).status_code == 401
    assert client.get("/finesse/api/User/1001", headers=basic("1001")).status_code == 200


def test_the_old_token_is_taken_for_a_while_after_the_new_one_came_and_then_no_more() -> None:
    now = [0.0]
    tokens = Tokens(lambda: now[0])
    tokens.switch(True, 60.0)
    first = tokens.grant("1001")
    assert first.rotate_after == 60.0
    now[0] = 60.0
    second = tokens.refresh(first.refresh_token)
    assert second is not None
    now[0] = 79.0
    assert (tokens.account(first.token), tokens.account(second.token)) == ("1001", "1001")
    now[0] = 81.0
    assert (tokens.account(first.token), tokens.account(second.token)) == (None, "1001")
    assert tokens.refresh("made up") is None


def test_a_lab_without_single_sign_on_gives_no_token(client: FlaskClient) -> None:
    assert client.post("/desktop/sso/token", json={}, headers=basic("1001")).get_json() == {"token": None}


@pytest.fixture
def gadgets(vendor: Vendor) -> None:
    vendor.put("/probe.xml", PROBE_XML)
    vendor.put("/other.xml", PLAIN_XML)


@pytest.mark.usefixtures("gadgets")
def test_the_token_rotates_under_a_desktop_and_the_library_gives_the_newest(
    desk: Desk, parts: Parts, node_urls: tuple[str, str]
) -> None:
    parts.accounts.tokens.switch(True, 6.0)
    desk.sign_in("1001")
    probe = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(probe.locator("#dialogs")).to_have_text("load 0;")
    first = probe.locator("body").evaluate(ASK)
    assert first.startswith("Bearer ")
    assert probe.locator("body").evaluate(CHANGED.replace("ASK", f"({ASK})()"), first).startswith("Bearer ")
    assert probe.locator("body").evaluate("() => String(finesse.gadget.Config.authorization)") == "undefined"
    urllib3.request("POST", f"{desk.url}/lab/calls", json={"agent": "1001", "podId": "C-1", "fromAddress": "8869"})
    expect(probe.locator("#dialogs")).to_contain_text("add 8869 C-1;")
    desk.page.reload()
    expect(probe.locator("#dialogs")).to_have_text("load 1;")
    urllib3.request("POST", f"{desk.url}/lab/failover", json={"jitterSeconds": 0})
    desk.page.wait_for_url(f"{node_urls[1]}/desktop?*")
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")
    expect(probe.locator("#dialogs")).to_have_text("load 1;")
    assert desk.errors == []


@pytest.mark.usefixtures("gadgets")
def test_a_desktop_that_is_open_when_it_is_switched_on_goes_on_with_a_token(desk: Desk) -> None:
    desk.sign_in("1001")
    probe = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(probe.locator("#dialogs")).to_have_text("load 0;")
    urllib3.request("POST", f"{desk.url}/lab/sso", json={"on": True, "seconds": 60})
    header = probe.locator("body").evaluate(CHANGED.replace("ASK", f"({ASK})()"), "Basic MTAwMTpsYWI=")
    assert header.startswith("Bearer ")
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")
