"""The inbox page under a person's hand: mail that cannot do harm, an SMS as on a phone, links that open."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3
from playwright.sync_api import Browser, Page, Route, expect

from lab.desktop.parts import Parts
from lab.inbox.messages import Message
from tests.lab.conftest import Desk, Vendor
from tests.lab.gadget_files import PLAIN_XML, PROBE_XML

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
NUMBER = "+886912344455"
SURVEY = "/survey.html"
MAIL = """<!doctype html><html lang="en"><head><title>Survey</title></head><body>
<p id="words">How was it?</p><a href="{link}">Answer</a>
<script>document.getElementById("words").textContent = "a script ran"</script>
<img src="x:" alt="" onerror="parent.document.title = 'a handler ran'">
<a id="evil" href="javascript:parent.document.title='a link ran'">Evil</a>
</body></html>"""
Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, desktop_url: str) -> Iterator[Open]:
    contexts = []

    def begin(language: str = "en", width: int = 1100, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{desktop_url}/lab/inbox?lang={language}")
        return page

    yield begin
    for context in contexts:
        context.close()


def mail(link: str, unsubscribe: str = "") -> Message:
    return Message(
        channel="email",
        to="ann@example.com",
        text=f"How was it? {link}.",
        sender="Bora <survey@bora.com>",
        subject="Your call",
        html=MAIL.format(link=link),
        unsubscribe=unsubscribe,
        at="2026-11-20T03:12:44Z",
    )


def sms(text: str) -> Message:
    return Message("sms", NUMBER, text, at="2026-11-20T03:12:44Z")


def test_a_message_appears_without_a_reload_and_is_unread_until_it_is_opened(opened: Open, parts: Parts) -> None:
    page = opened()
    expect(page.locator("#noMessages")).to_be_visible()
    parts.inbox.take(sms("first"))
    expect(page.locator("#messages [data-unread]")).to_have_count(1)
    expect(page.locator("#noMessages")).to_be_hidden()
    parts.inbox.take(sms("second"))
    expect(page.locator("#messages .preview")).to_have_text(["second", "first"])
    page.get_by_role("button", name="first").press("Enter")
    expect(page.locator("#messages [data-unread]")).to_have_count(1)
    expect(page.locator("#messages [aria-current=true]")).to_contain_text("first")
    expect(page.locator("#subject")).to_be_focused()
    assert parts.inbox.unread() == 1


def test_no_script_of_a_mail_runs_and_its_link_opens_the_survey(opened: Open, parts: Parts, vendor: Vendor) -> None:
    link = vendor.put(SURVEY, "<title>Survey</title><script>document.title = String(opener)</script>", "text/html")
    parts.inbox.take(mail(link))
    page = opened()
    page.locator("#messages button").click()
    frame = page.frame_locator("#content iframe")
    expect(frame.locator("#words")).to_have_text("How was it?")
    with page.context.expect_page() as caught:
        frame.get_by_role("link", name="Answer").click()
    survey = caught.value
    survey.wait_for_url(link)
    expect(survey).to_have_title("null")
    frame.locator("#evil").click()
    page.wait_for_timeout(200)
    expect(frame.locator("#words")).to_have_text("How was it?")
    expect(page).to_have_title("Inbox")


def test_a_mail_opened_by_itself_runs_no_script_either(opened: Open, parts: Parts, desktop_url: str) -> None:
    parts.inbox.take(mail("https://example.com/s/abc"))
    page = opened()
    page.goto(f"{desktop_url}/lab/inbox/messages/1/html")
    expect(page.locator("#words")).to_have_text("How was it?")
    assert page.evaluate("origin") == "null"


def test_the_plain_text_of_a_mail_has_its_links_too(opened: Open, parts: Parts) -> None:
    parts.inbox.take(mail("https://example.com/s/abc"))
    page = opened()
    page.locator("#messages button").click()
    page.get_by_role("button", name="Plain text").click()
    expect(page.locator("#content pre")).to_have_text("How was it? https://example.com/s/abc.")
    expect(page.locator("#content a")).to_have_attribute("href", "https://example.com/s/abc")
    expect(page.get_by_role("button", name="Plain text")).to_have_attribute("aria-pressed", "true")


def test_an_sms_is_shown_as_on_a_phone_and_markup_in_it_is_text(opened: Open, parts: Parts, vendor: Vendor) -> None:
    link = vendor.put(SURVEY, "<title>Survey</title>", "text/html")
    parts.inbox.take(sms(f"<img src=x onerror=alert(1)> 請填問卷：{link}。謝謝"))
    page = opened()
    page.locator("#messages button").click()
    expect(page.locator(".phone .bubble")).to_have_text(f"<img src=x onerror=alert(1)> 請填問卷：{link}。謝謝")
    expect(page.locator("#views")).to_be_hidden()
    with page.context.expect_page() as caught:
        page.locator(".bubble a").click()
    caught.value.wait_for_url(link)


def test_one_click_unsubscribes_as_a_mail_program_does(opened: Open, parts: Parts) -> None:
    address = "https://example.com/s/abc/unsubscribe"
    parts.inbox.take(mail("https://example.com/", unsubscribe=address))
    page = opened()
    asked = []

    def answer(route: Route) -> None:
        asked.append((route.request.method, route.request.post_data))
        route.fulfill(body="")

    page.context.route(address, answer)
    page.locator("#messages button").click()
    with page.context.expect_page() as caught:
        page.get_by_role("button", name="Unsubscribe").click()
    caught.value.wait_for_url(address)
    assert asked == [("POST", "List-Unsubscribe=One-Click")]


def test_the_inbox_is_emptied(opened: Open, parts: Parts) -> None:
    parts.inbox.take(sms("hello"))
    page = opened()
    page.locator("#messages button").click()
    page.get_by_role("button", name="Empty the inbox").click()
    expect(page.locator("#noMessages")).to_be_visible()
    expect(page.locator("#chooseMessage")).to_be_visible()


def test_the_language_is_the_desktops_and_can_be_changed(opened: Open, parts: Parts) -> None:
    parts.inbox.take(sms("hello"))
    page = opened("zh-TW")
    expect(page.locator("#messages .channel")).to_have_text("簡訊")
    page.select_option("#language", "en")
    expect(page.locator("#messages .channel")).to_have_text("SMS")
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh-TW", "dark")])
@pytest.mark.parametrize("width", [300, 1100])
def test_nothing_is_wider_than_the_page_and_axe_finds_nothing(
    opened: Open, parts: Parts, width: int, language: str, scheme: str
) -> None:
    parts.inbox.take(mail("https://example.com/s/" + "abc" * 30, unsubscribe="https://example.com/u"))
    parts.inbox.take(sms("https://example.com/s/" + "abc" * 30))
    page = opened(language, width, scheme)
    for place in (1, 0):
        page.locator("#messages button").nth(place).click()
        expect(page.locator("#messages [aria-current=true]")).to_have_count(1)
        for part in ("html", ".top", "#list", "#message", "#content"):
            assert page.locator(part).evaluate("part => part.scrollWidth - part.clientWidth") <= 0, part
        page.evaluate(AXE.read_text("utf-8"))
        summarise = "({violations}) => violations.map(({id, nodes}) => [id, ...nodes.map((each) => each.html)])"
        assert page.evaluate(f"axe.run({{exclude: [['iframe']]}}).then({summarise})") == []


def test_the_desktops_strip_counts_surveys_and_messages_and_leads_to_the_inbox(
    desk: Desk, parts: Parts, vendor: Vendor
) -> None:
    vendor.put("/probe.xml", PROBE_XML)
    vendor.put("/other.xml", PLAIN_XML)
    parts.call_server.post = lambda items: "202"
    desk.sign_in("1001", "/desktop?lang=zh-TW")
    expect(desk.page.locator("#sendSurveys")).to_have_text("立即發送問卷 (0)")
    body = {"agent": "1001", "podId": "cc_CustomerId=C-10042", "fromAddress": "886912344455"}
    urllib3.request("POST", f"{desk.url}/lab/calls", json=body)
    desk.page.locator("#calls [data-hang-up]").click()
    expect(desk.page.locator("#sendSurveys")).to_have_text("立即發送問卷 (1)")
    desk.page.locator("#sendSurveys").click()
    expect(desk.page.locator("#sendSurveys")).to_have_text("立即發送問卷 (0)")
    parts.inbox.take(sms("您好"))
    expect(desk.page.locator("#inbox")).to_have_text("收件匣 (1)")
    with desk.page.context.expect_page() as caught:
        desk.page.locator("#inbox").click()
    expect(caught.value.locator("#messages .preview")).to_have_text("您好")
    expect(caught.value).to_have_title("收件匣")
    assert desk.errors == []
