"""The states of CEA beyond its figures: few answers, a reading, comments that wait, fail or are narrowed."""

import re

from playwright.sync_api import expect

from tests.browser.analytics import FEW, LONG, comments, open_agent, refresh
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer
from tests.browser.states import State, own_figures, team_figures


def few(desktop: Desktop, _lab: Lab) -> None:
    own_figures(desktop, _lab)
    expect(desktop.gadget("cea-agent").locator(".tile.few")).not_to_have_count(0)


def day_read(desktop: Desktop, lab: Lab) -> None:
    team_figures(desktop, lab)
    chart = desktop.gadget("cea-team").get_by_role("slider")
    chart.focus()
    chart.press("ArrowLeft")
    chart.press("PageDown")
    expect(desktop.gadget("cea-team").locator(".pointed")).to_be_visible()


def others_chosen(desktop: Desktop, lab: Lab) -> None:
    team_figures(desktop, lab)
    hold(desktop)
    desktop.gadget("cea-team").get_by_role("button", name=re.compile("^7 ")).click()
    expect(desktop.gadget("cea-team").locator("[aria-busy=true]")).to_be_visible()


def few_opened(desktop: Desktop, lab: Lab) -> None:
    team_figures(desktop, lab)
    gadget = desktop.gadget("cea-team")
    open_agent(gadget, FEW)
    expect(gadget.locator(".comment-list[data-stale=false], .comments .message").first).to_be_visible(timeout=LONG)
    # So few answers as the day has it: at most two comments, so one band at least has none.
    for band in ("detractor", "passive", "promoter"):
        gadget.locator(f"[data-band={band}]").click()
        expect(gadget.locator(f"[data-band={band}]")).to_have_attribute("aria-pressed", "true")
        if gadget.locator(".comments .message").is_visible():
            break
    gadget.locator("[data-trend=ces]").first.click()
    expect(gadget.locator(".comments .message")).to_be_visible(timeout=LONG)


def new_comments(desktop: Desktop, lab: Lab) -> None:
    team_figures(desktop, lab)
    gadget = desktop.gadget("cea-team")
    expect(comments(gadget)).not_to_have_count(0, timeout=LONG)
    comments(gadget).first.hover()
    lab.bring_in(answer("C-waits", nps=1, comment="Where is my refund?"))
    refresh(desktop)
    expect(gadget.locator(".arrivals button")).to_be_visible(timeout=LONG)
    hold(desktop)


def no_comments_to_be_had(desktop: Desktop, lab: Lab) -> None:
    team_figures(desktop, lab)
    gadget = desktop.gadget("cea-team")
    expect(comments(gadget)).not_to_have_count(0, timeout=LONG)
    desktop.page.route("**/gadgets/comments?*", lambda route: route.abort(), times=1)
    hold(desktop)
    gadget.locator("tr[data-agent='6001'] button").click()
    expect(gadget.locator(".comments [data-state=unreachable]")).to_be_visible(timeout=LONG)
    desktop.faults.clear()


def hold(desktop: Desktop) -> None:
    """No figures arrive any more: the state stays as it is."""
    desktop.page.route("**/gadgets/pulse?*", lambda _route: None)


TEAM = "1102", "teamData", "cea-team"
STATES = (
    State("figures-few", "1009", "myStatistics", "cea-agent", few),
    State("figures-day-read", *TEAM, day_read),
    State("figures-others-chosen", *TEAM, others_chosen),
    State("figures-few-opened", *TEAM, few_opened),
    State("comments-new", *TEAM, new_comments, clock=True),
    State("comments-unreachable", *TEAM, no_comments_to_be_had),
)
