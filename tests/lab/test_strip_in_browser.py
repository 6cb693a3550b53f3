"""The call strip under a person's hand: every way a call can go, on a small pane and for a screen reader too."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from playwright.sync_api import Browser, Locator, expect

from tests.lab.conftest import Desk, Vendor
from tests.lab.gadget_files import PLAIN_XML, PROBE_XML

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
Open = Callable[..., Desk]


@pytest.fixture
def opened(browser: Browser, desktop_url: str, vendor: Vendor) -> Iterator[Open]:
    """Opens desktops of several people at once."""
    vendor.put("/probe.xml", PROBE_XML)
    vendor.put("/other.xml", PLAIN_XML)
    contexts = []

    def begin(user: str, **options: Any) -> Desk:
        context = browser.new_context(**options)
        contexts.append(context)
        desk = Desk(context.new_page(), desktop_url)
        desk.page.set_default_timeout(15_000)
        desk.page.on("pageerror", lambda error: desk.errors.append(str(error)))
        desk.sign_in(user)
        expect(desk.page.locator("#callStrip")).to_be_visible()
        return desk

    yield begin
    for context in contexts:
        context.close()


def place(desk: Desk, agent: str = "1001") -> None:
    body = {"agent": agent, "podId": "cc_CustomerId=C-10042", "fromAddress": "886912344455"}
    urllib3.request("POST", f"{desk.url}/lab/calls", json=body)


def rows(desk: Desk) -> Locator:
    return desk.page.locator("#calls li")


def press(desk: Desk, name: str, row: int = 0) -> None:
    rows(desk).nth(row).locator(f"[data-action={name}]").click()


def test_hold_and_retrieve_are_offered_in_turn(opened: Open) -> None:
    desk = opened("1001")
    place(desk)
    press(desk, "hold")
    expect(rows(desk)).to_have_attribute("data-state", "HELD")
    expect(rows(desk).locator("[data-action=hold]")).to_have_count(0)
    expect(desk.page.locator("#agentState")).to_have_value("HOLD")
    press(desk, "retrieve")
    expect(rows(desk)).to_have_attribute("data-state", "ACTIVE")


def test_a_consulted_colleague_is_given_the_customer(opened: Open) -> None:
    agent, colleague = opened("1001"), opened("1002")
    place(agent)
    agent.page.select_option("#colleague", "1002")
    press(agent, "consult")
    expect(rows(colleague)).to_contain_text("2001")
    expect(rows(agent).nth(1)).to_contain_text("2002")
    press(colleague, "answer")
    press(agent, "transfer", row=1)
    expect(rows(agent)).to_have_count(0)
    expect(rows(colleague)).to_contain_text("C-10042 · 886912344455")
    assert agent.errors + colleague.errors == []


def test_a_conference_shows_the_customer_to_both(opened: Open) -> None:
    agent, colleague = opened("1001"), opened("1002")
    place(agent)
    agent.page.select_option("#colleague", "1002")
    press(agent, "consult")
    press(colleague, "answer")
    press(agent, "conference", row=1)
    for desk in (agent, colleague):
        expect(rows(desk)).to_have_count(1)
        expect(rows(desk)).to_contain_text("C-10042")


def test_a_supervisor_listens_and_barges_in_and_an_agent_cannot(opened: Open) -> None:
    supervisor, agent = opened("1101"), opened("1001")
    expect(agent.page.locator("#monitor")).to_be_hidden()
    supervisor.page.select_option("#colleague", "1001")
    supervisor.page.click("#monitor")
    expect(supervisor.page.locator("#callNote")).to_have_text("Nothing to listen to there")
    place(agent)
    expect(rows(agent)).to_have_count(1)
    supervisor.page.click("#monitor")
    expect(rows(supervisor)).to_contain_text("Monitoring")
    expect(rows(supervisor)).not_to_contain_text("C-10042")
    press(supervisor, "barge")
    expect(rows(supervisor)).to_contain_text("C-10042")


def test_the_focus_stays_on_the_row_when_its_actions_change(opened: Open) -> None:
    desk = opened("1001")
    place(desk)
    rows(desk).locator("[data-action=hold]").press("Enter")
    expect(rows(desk).locator("[data-action=retrieve]")).to_be_focused()


@pytest.mark.parametrize(("language", "words"), [("en", ("Customer", "Colleague")), ("zh-TW", ("客戶", "同事"))])
def test_whom_each_list_is_of_can_be_read_and_heard(opened: Open, language: str, words: tuple[str, str]) -> None:
    desk = opened("1102")
    desk.page.goto(f"{desk.url}/desktop?lang={language}")
    for word, name in zip(words, ("#callee", "#colleague"), strict=True):
        expect(desk.page.locator(name)).to_have_accessible_name(word)
        label = desk.page.locator(f"label[for={name[1:]}]")
        expect(label).to_have_text(word)
        box = label.bounding_box()
        assert box and box["width"] > 20, "the label is for eyes too"


def test_every_button_of_a_call_says_which_call_it_is_for(opened: Open) -> None:
    desk = opened("1001")
    place(desk)
    expect(rows(desk)).to_have_count(1)
    for action, word in (("hold", "Hold"), ("consult", "Consult"), ("wrapup", "Wrap up")):
        button = rows(desk).locator(f"[data-action={action}]")
        expect(button).to_have_text(word)
        expect(button).to_have_accessible_name(f"{word} C-10042 · 886912344455")
    expect(rows(desk).locator("[data-hang-up]")).to_have_accessible_name("Hang up C-10042 · 886912344455")


def test_a_person_can_fail_over(opened: Open, node_urls: tuple[str, str]) -> None:
    desk = opened("1001")
    desk.page.click("#failOver")
    desk.page.wait_for_url(f"{node_urls[1]}/desktop?*")
    expect(desk.page.locator("#personName")).to_have_text("Ann Lee")


@pytest.mark.parametrize("language", ["en", "zh-TW"])
@pytest.mark.parametrize("width", [316, 640, 1200])
def test_nothing_is_wider_than_the_page_and_axe_finds_nothing(opened: Open, width: int, language: str) -> None:
    desk = opened("1101", viewport={"width": width, "height": 800})
    page = desk.page
    page.goto(f"{desk.url}/desktop?lang={language}&frame=multitab")
    place(desk, "1101")
    place(desk, "1101")
    expect(rows(desk)).to_have_count(2)
    page.select_option("#colleague", "1002")
    press(desk, "consult")
    expect(rows(desk)).to_have_count(3)
    for part in ("html", "#callStrip", "#tabs", ".top", "#panels"):
        assert page.locator(part).evaluate("part => part.scrollWidth - part.clientWidth") <= 0, part
    page.add_script_tag(path=AXE)
    summarise = "({violations}) => violations.map(({id, nodes}) => [id, ...nodes.map((each) => each.html)])"
    violations = page.evaluate(f"axe.run({{exclude: [['iframe']]}}).then({summarise})")
    assert violations == []
