"""The desktop page in a real browser, with a gadget that reports what it meets."""

import json
import re
import time

import pytest
import urllib3
from playwright.sync_api import expect

from lab.desktop.parts import Parts
from lab.people import cast
from tests.lab.conftest import Desk, Vendor
from tests.lab.gadget_files import PLAIN_XML, PROBE_XML

POD = "cc_CustomerId=C-10042;Email=ann@example.com;Mobile=886912344455;cc_language=zh-tw;Optin=yes;"


@pytest.fixture(autouse=True)
def gadgets(vendor: Vendor) -> None:
    vendor.put("/probe.xml", PROBE_XML)
    vendor.put("/other.xml", PLAIN_XML)


def place(url: str, agent: str = "1001", **more: str) -> str:
    body = json.dumps({"agent": agent, "podId": POD, "fromAddress": "886912344455", **more})
    answer = urllib3.request("POST", f"{url}/lab/calls", body=body, headers={"Content-Type": "application/json"})
    return str(answer.json()["dialogId"])


def hang_up(url: str, dialog_id: str) -> None:
    assert urllib3.request("DELETE", f"{url}/lab/calls/{dialog_id}").status == 204


def test_a_call_reaches_the_strip_and_the_gadget_and_leaves_both(desk: Desk) -> None:
    desk.sign_in("1001")
    probe = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(probe.locator("#dialogs")).to_have_text("load 0;")
    placed_at = time.time()
    dialog_id = place(desk.url)
    expect(probe.locator("#dialogs")).to_have_text(f"load 0;add 886912344455 {POD};")
    assert float(probe.locator("#seen").inner_text().rstrip(";")) / 1000 - placed_at < 3
    expect(desk.page.locator("#calls li")).to_contain_text("C-10042 · 886912344455")
    expect(desk.page.locator("#agentState")).to_have_value("TALKING")
    hang_up(desk.url, dialog_id)
    expect(probe.locator("#dialogs")).to_contain_text("delete;")
    expect(desk.page.locator("#calls li")).to_have_count(0)
    assert desk.errors == []


def test_a_call_that_stands_at_load_fires_load_and_no_add(desk: Desk) -> None:
    place(desk.url)
    desk.sign_in("1001")
    probe = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(probe.locator("#dialogs")).to_have_text("load 1;")
    desk.page.reload()
    expect(probe.locator("#dialogs")).to_have_text("load 1;")
    expect(desk.page.locator("#calls li")).to_have_count(1)


def test_a_ringing_call_changes_to_active(desk: Desk) -> None:
    desk.sign_in("ann")
    probe = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(probe.locator("#dialogs")).to_have_text("load 0;")
    desk.page.click("#placeCall")
    expect(desk.page.locator("#calls li")).to_have_attribute("data-state", "ALERTING")
    expect(probe.locator("#dialogs")).to_contain_text("change ACTIVE;")
    desk.page.click("[data-hang-up]")
    expect(probe.locator("#dialogs")).to_contain_text("delete;")


def test_the_hub_connects_before_deferred_and_module_scripts(desk: Desk) -> None:
    desk.sign_in("1001")
    probe = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(probe.locator("#log")).to_have_text("hub;deferred;module;")
    expect(probe.locator("#config")).to_have_text("1001,2001,5001,6001,en_US;")


def test_only_gadgets_of_the_tab_hear_that_it_is_active(desk: Desk) -> None:
    desk.sign_in("1102", "/desktop?tab=teamData")
    other = desk.page.frame_locator("iframe[data-gadget=other]")
    expect(other.locator("p")).to_have_text("plain")
    probe = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(probe.locator("#tabs")).to_have_text("")
    desk.page.click("[data-tab=home]")
    expect(probe.locator("#tabs")).to_contain_text("home;")


def test_height_is_ignored_on_a_hidden_tab(desk: Desk) -> None:
    desk.sign_in("1001")
    expect(desk.page.frame_locator("iframe[data-gadget=other]").locator("p")).to_have_text("plain")
    frame = desk.page.locator("iframe[data-gadget=other]")
    ask = "frame => { frame.contentWindow.gadgets.window.adjustHeight(432); return frame.style.height; }"
    assert frame.evaluate(ask) == "200px"
    desk.page.click("[data-tab=myStatistics]")
    assert frame.evaluate(ask) == "432px"


def test_a_reload_stays_signed_in_and_signing_out_does_not(desk: Desk, parts: Parts) -> None:
    desk.sign_in("1001")
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")
    desk.page.reload()
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")
    desk.page.click("#signOut")
    expect(desk.page.locator("#userId")).to_be_visible()
    assert "LOGOUT" in parts.floor.user(cast.CAST[0])


def test_a_wrong_password_is_told_and_a_fifth_one_locks(desk: Desk) -> None:
    for _ in range(4):
        desk.sign_in("1001", password="wrong")
        expect(desk.page.locator("#signInFault")).to_have_text("The user id or the password is wrong.")
    desk.sign_in("1001", password="wrong")
    expect(desk.page.locator("#signInFault")).to_have_text("The account is locked for five minutes.")


def test_the_language_asked_for_reaches_page_and_gadget(desk: Desk) -> None:
    desk.page.goto(f"{desk.url}/desktop")
    desk.page.select_option("#language", "zh-TW")
    expect(desk.page.locator("#signIn")).to_have_text("登入")
    desk.page.fill("#userId", "1002")
    desk.page.fill("#password", "lab")
    desk.page.press("#password", "Enter")
    expect(desk.page.locator("#personName")).to_have_text("陳怡君")
    expect(desk.page.frame_locator("iframe[data-gadget=probe]").locator("#config")).to_contain_text("zh_TW")


def test_a_clock_that_is_wrong_is_told_to_the_gadgets_and_does_not_spoil_the_timer(desk: Desk) -> None:
    desk.page.clock.install(time=time.time() + 3600)
    desk.sign_in("1001")
    probe = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(probe.locator("#dialogs")).to_have_text("load 0;")
    drift = probe.locator("body").evaluate("() => finesse.gadget.Config.clientDriftInMillis")
    assert -3_660_000 < drift < -3_540_000
    place(desk.url)
    expect(desk.page.locator("#calls .timer")).to_have_text(re.compile(r"^[01]:\d\d$"))


def test_tabs_move_by_arrow_keys(desk: Desk) -> None:
    desk.sign_in("1001")
    desk.page.locator("[data-tab=home]").focus()
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.locator("[data-tab=myStatistics]")).to_be_focused()
    expect(desk.page.locator("[data-tab=myStatistics]")).to_have_attribute("aria-selected", "true")
    assert "tab=myStatistics" in desk.page.url
