"""The loop closes: a call ends, its customer is asked, answers, and both gadgets show it; by the mouse alone."""

from collections.abc import Callable, Iterator

import pytest
import urllib3
from playwright.sync_api import Page, expect

from tests.browser.desktop import WAIT, Desktop
from tests.browser.labs import Lab, started

COMMENT = "Nobody called me back."
CALLEE = "C-10042"
Open = Callable[..., Desktop]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab of its own, whose customers get their messages."""
    with started(tmp_path_factory.mktemp("lab")) as running:
        yield running


def call_and_hang_up(desktop: Desktop) -> None:
    """The strip's own buttons; the journey gadget reads the call meanwhile."""
    page = desktop.page
    page.select_option("#callee", label=CALLEE)
    page.click("#placeCall")
    row = page.locator("#calls li")
    expect(row).to_have_attribute("data-state", "ACTIVE", timeout=WAIT)
    desktop.sees_customer(CALLEE)
    hang_up(desktop)


def hang_up(desktop: Desktop) -> None:
    desktop.page.locator("#calls [data-hang-up]").click()
    expect(desktop.page.locator("#calls li")).to_have_count(0, timeout=WAIT)


def forget(lab: Lab) -> None:
    """What calls of other tests ended with: recipients that CVP notes, and messages."""
    lab.control("cvp/flush")
    urllib3.request("DELETE", f"{lab.desktop}/lab/inbox/messages")


def open_message(desktop: Desktop, channel: str) -> Page:
    """From the strip to the inbox, and the newest message of this channel there."""
    expect(desktop.page.locator("#inbox")).not_to_contain_text("(0)", timeout=WAIT)
    with desktop.context.expect_page() as caught:
        desktop.page.click("#inbox")
    inbox = caught.value
    inbox.locator("#messages button", has=inbox.locator(".channel", has_text=channel)).first.click(timeout=WAIT)
    expect(inbox.locator("#opened")).to_be_visible()
    return inbox


def survey_of(desktop: Desktop, inbox: Page, channel: str) -> Page:
    """The survey page behind the message's link."""
    is_mail = channel == "E-mail"
    content = inbox.frame_locator("#content iframe").locator("body") if is_mail else inbox.locator("#content")
    with desktop.context.expect_page() as caught:
        content.get_by_role("link").first.click()
    survey = caught.value
    survey.wait_for_url(f"{desktop.lab.service}/s/*")
    return survey


def answer(survey: Page, comment: str) -> None:
    """The three scales and the comment, then thanks."""
    for name, value in (("recommend", "2"), ("satisfied", "2"), ("easy", "3")):
        question = survey.locator("fieldset", has_text=name)
        question.locator("label", has=survey.locator(f"input[value='{value}']")).click()
    survey.locator("textarea").fill(comment)
    survey.get_by_role("button", name="Send answers").click()
    expect(survey.locator(".tick")).to_be_visible(timeout=WAIT)


@pytest.mark.parametrize(
    ("agent", "channel", "gadget"),
    [("1001", "E-mail", "cea-agent"), ("1007", "SMS", "cea-agent")],
    ids=["by CVP's batch and e-mail", "by the desktop's rule and SMS"],
)
def test_who_hangs_up_sees_what_the_customer_answers(desktop: Open, agent: str, channel: str, gadget: str) -> None:
    begin = desktop().sign_in(agent)
    begin.sees_frame()
    forget(begin.lab)
    call_and_hang_up(begin)
    if channel == "E-mail":
        expect(begin.page.locator("#sendSurveys")).not_to_contain_text("(0)", timeout=WAIT)
        begin.page.click("#sendSurveys")
    comment = f"{COMMENT} {channel}"
    answer(survey_of(begin, open_message(begin, channel), channel), comment)
    begin.page.bring_to_front()
    begin.page.click("#placeCall")
    expect(begin.sees_customer(CALLEE).first).to_contain_text(comment, timeout=WAIT)
    # Of a call that the strip placed nobody else knows: it would stand in the tests that follow.
    hang_up(begin)
    begin.tab("myStatistics")
    expect(begin.gadget(gadget).get_by_text(comment)).to_be_visible(timeout=WAIT)
