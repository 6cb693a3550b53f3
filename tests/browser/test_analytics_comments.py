"""CEA's comments: beside the figures, filtered with everything else, never pushing away what is read."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, Route, expect

from tests.browser.analytics import FEW, LONG, comments, of_agent, of_teams, open_agent, refresh, width
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

Open = Callable[..., Desktop]


def names(gadget: FrameLocator) -> set[str]:
    return set(gadget.locator(".comment-by button").all_inner_texts())


def test_comments_stand_beside_the_table_with_their_scores(desktop: Open) -> None:
    gadget = of_teams(desktop())
    expect(comments(gadget)).to_have_count(20, timeout=LONG)
    expect(comments(gadget).first.locator(".chip")).not_to_have_count(0)
    expect(comments(gadget).first.locator(".chip").first).to_have_text(
        re.compile(r"(NPS|CSAT|CES) \d+, (detractor|passive|promoter)")
    )
    expect(comments(gadget).first.locator(".comment")).not_to_be_empty()
    table, side = gadget.locator(".agents").bounding_box(), gadget.locator(".comments").bounding_box()
    assert table
    assert side
    assert side["x"] >= table["x"] + table["width"] - 1


def test_on_a_narrow_pane_comments_stand_below_the_table(desktop: Open) -> None:
    supervisor = desktop()
    gadget = of_teams(supervisor)
    width(supervisor, "cea-team", 640)
    table, side = gadget.locator(".agents").bounding_box(), gadget.locator(".comments").bounding_box()
    assert table
    assert side
    assert side["y"] >= table["y"] + table["height"] - 1


def test_comments_follow_the_team_the_agent_and_the_period(desktop: Open) -> None:
    gadget = of_teams(desktop())
    gadget.get_by_role("button", name="Sales").click()
    expect(gadget.locator("tr[data-agent='6010']")).to_have_count(0, timeout=LONG)
    expect(comments(gadget)).not_to_have_count(0, timeout=LONG)
    assert names(gadget) <= set(gadget.locator("tr[data-agent] button").all_inner_texts())
    open_agent(gadget, "6003")
    expect(gadget.locator(".comments h3")).to_have_text(re.compile("Comments.*Tom Becker"))
    expect(comments(gadget)).not_to_have_count(0, timeout=LONG)
    expect(gadget.locator(".comment-by button")).to_have_count(0)
    gadget.get_by_role("button", name="90 days").click()
    expect(gadget.locator(".earlier button")).to_be_visible(timeout=LONG)


def test_comments_are_narrowed_to_who_is_unhappy(desktop: Open) -> None:
    gadget = of_teams(desktop())
    gadget.get_by_role("button", name="detractors").click()
    expect(gadget.get_by_role("button", name="detractors")).to_have_attribute("aria-pressed", "true")
    assert comments(gadget).count() < 20
    for comment in comments(gadget).all():
        expect(comment.locator(".chip").first).to_contain_text("detractor")
    before = comments(gadget).count()
    gadget.locator(".earlier button").click()
    expect(comments(gadget).nth(before)).to_be_visible(timeout=LONG)


def test_earlier_comments_come_below_those_that_are_there(desktop: Open) -> None:
    gadget = of_teams(desktop())
    expect(comments(gadget)).to_have_count(20, timeout=LONG)
    first = comments(gadget).first.get_attribute("data-comment")
    gadget.get_by_role("button", name="Earlier comments").click()
    expect(comments(gadget)).to_have_count(40, timeout=LONG)
    assert comments(gadget).first.get_attribute("data-comment") == first
    times = gadget.locator(".comment-item time").evaluate_all("all => all.map(each => each.dateTime)")
    assert times == sorted(times, reverse=True)


def test_an_agent_reads_the_comments_about_himself_alone(desktop: Open) -> None:
    gadget = of_agent(desktop(), "1002")
    expect(comments(gadget)).not_to_have_count(0, timeout=LONG)
    expect(gadget.locator(".comment-by button")).to_have_count(0)


def test_a_name_beside_a_comment_opens_that_agent_in_the_table(desktop: Open) -> None:
    gadget = of_teams(desktop())
    button = gadget.locator(".comment-by button").first
    name = button.inner_text()
    button.click()
    way_back = gadget.locator("tr[data-agent] button[aria-expanded=true]")
    expect(way_back).to_have_text(name)
    expect(way_back).to_be_focused()


def test_new_comments_wait_while_somebody_reads(desktop: Open, lab: Lab) -> None:
    supervisor = desktop(clock=True)
    gadget = of_teams(supervisor, "1101")
    first = comments(gadget).first
    words = first.locator(".comment").inner_text()
    first.hover()
    lab.bring_in(answer("C-new-comment", nps=2, comment="Nobody has called back since."))
    refresh(supervisor)
    arrived = gadget.get_by_role("button", name="1 new comment")
    expect(arrived).to_be_visible(timeout=LONG)
    assert first.locator(".comment").inner_text() == words
    arrived.click()
    expect(first.locator(".comment")).to_have_text("Nobody has called back since.")
    expect(arrived).to_have_count(0)


def test_new_comments_come_by_themselves_when_nobody_reads(desktop: Open, lab: Lab) -> None:
    supervisor = desktop(clock=True)
    gadget = of_teams(supervisor, "1101")
    lab.bring_in(answer("C-new-comment-2", nps=9, comment="Thank you for the quick help today."))
    refresh(supervisor)
    expect(comments(gadget).first).to_contain_text("Thank you for the quick help today.", timeout=LONG)


@pytest.mark.parametrize(("language", "words"), [("en", "No comments in this period"), ("zh-TW", "這段期間沒有留言")])
def test_no_comments_are_told(desktop: Open, language: str, words: str) -> None:
    gadget = of_agent(desktop(language=language).attribute(period="2020-01-01..2020-01-31"), "1001")
    expect(gadget.locator(".comments")).to_contain_text(words, timeout=LONG)


def test_comments_that_cannot_be_had_cost_themselves_alone(desktop: Open) -> None:
    supervisor = desktop()
    supervisor.page.route("**/gadgets/comments*", refuse)
    gadget = of_teams(supervisor)
    expect(gadget.locator(".comments")).to_contain_text("Customer experience cannot be reached", timeout=LONG)
    expect(gadget.locator(f"tr[data-agent='{FEW}']")).to_be_visible()
    supervisor.page.unroute("**/gadgets/comments*")
    gadget.locator(".comments").get_by_role("button", name="Retry").click()
    expect(comments(gadget)).not_to_have_count(0, timeout=LONG)
    supervisor.faults.clear()


def refuse(route: Route) -> None:
    route.abort("connectionrefused")
