"""Long comments: three lines of each, and the rest by a button, in both gadgets and both languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.analytics import LONG, comments, of_teams
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

WORDS = {"en": ("more", "less"), "zh-TW": ("展開", "收合")}
SHORT = "Short and to the point."
TEXT = "She listened, looked it up, called me back the same day, and it has worked ever since. " * 8
Open = Callable[..., Desktop]


def lines(item: Locator) -> float:
    """How many of its lines a comment shows."""
    found: float = item.locator(".comment").evaluate(
        "place => place.clientHeight / parseFloat(getComputedStyle(place).lineHeight)"
    )
    return round(found, 1)


def opens_and_closes(desktop: Desktop, item: Locator, language: str) -> None:
    """By the keyboard alone."""
    more, less = WORDS[language]
    button = item.locator("button[aria-expanded]")
    expect(button).to_have_text(more)
    expect(button).to_have_attribute("aria-expanded", "false")
    assert lines(item) == 3
    button.focus()
    desktop.page.keyboard.press("Enter")
    expect(button).to_have_text(less)
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_be_focused()
    assert lines(item) > 3
    desktop.page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-expanded", "false")
    assert lines(item) == 3


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_a_long_comment_opens_and_closes_and_a_short_one_is_all_there(desktop: Open, lab: Lab, language: str) -> None:
    customer = f"C-long-{language}"
    lab.bring_in(answer(customer, nps=9, comment=f"{customer} {TEXT}"), answer(customer, nps=9, comment=SHORT))
    supervisor = desktop(language=language)
    gadget = of_teams(supervisor, "1101")
    item = comments(gadget).filter(has_text=customer)
    expect(item).to_be_visible(timeout=LONG)
    opens_and_closes(supervisor, item, language)
    expect(comments(gadget).filter(has_text=SHORT).first.locator("button[aria-expanded]")).to_have_count(0)
    lab.call("1101", f"cc_CustomerId={customer}")
    supervisor.tab("home")
    answers = supervisor.sees_customer(customer)
    supervisor.widen("cej", "640px")
    opens_and_closes(supervisor, answers.filter(has_text=TEXT[:20]), language)
    expect(answers.filter(has_text=SHORT).locator("button[aria-expanded]")).to_have_count(0)


def test_a_comment_has_the_button_only_where_it_does_not_fit(desktop: Open, lab: Lab) -> None:
    lab.bring_in(answer("C-middle", nps=9, comment=TEXT[:180]))
    agent = desktop().sign_in("1005")
    lab.call("1005", "cc_CustomerId=C-middle")
    item = agent.sees_customer("C-middle")
    button = item.locator("button[aria-expanded]")
    for width, count in (("1100px", 0), ("320px", 1), ("1100px", 0), ("320px", 1)):
        agent.widen("cej", width)
        expect(button).to_have_count(count)
    button.click()
    agent.widen("cej", "1100px")
    expect(button).to_have_count(0)
    agent.widen("cej", "320px")
    expect(button).to_have_text("less")
