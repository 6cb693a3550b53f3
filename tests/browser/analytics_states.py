"""The states of CEA: figures of oneself, of teams, of an agent; a reading, comments that wait, fail or are narrowed."""

import re

from playwright.sync_api import expect

from tests.browser.analytics import FEW, LONG, comments, open_agent, refresh
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer
from tests.browser.states import OWN, TEAM, State, Walk, shows

# No figures arrive any more: the state stays as it is.
PULSE = "**/gadgets/pulse?*"


def own_figures(desktop: Desktop, _lab: Lab) -> None:
    figures(desktop, "cea-agent")


def today(desktop: Desktop, _lab: Lab) -> None:
    gadget = desktop.gadget("cea-agent")
    gadget.locator("[data-choice=today]").click()
    expect(gadget.locator(".trend-ends span")).to_have_count(1, timeout=LONG)


def explained(desktop: Desktop, _lab: Lab) -> None:
    gadget = desktop.gadget("cea-agent")
    gadget.locator(".tile[data-metric=ces] .explained").click()
    expect(gadget.locator(".tile[data-metric=ces] .explanation")).to_be_visible()


def few(desktop: Desktop, _lab: Lab) -> None:
    figures(desktop, "cea-agent")
    expect(desktop.gadget("cea-agent").locator(".tile.few")).not_to_have_count(0)


def team_figures(desktop: Desktop, _lab: Lab) -> None:
    figures(desktop, "cea-team")
    expect(comments(desktop.gadget("cea-team"))).not_to_have_count(0, timeout=LONG)


def figures(desktop: Desktop, gadget: str) -> None:
    shows(desktop, gadget, "figures")
    expect(desktop.gadget(gadget).locator(".tile .score").first).not_to_be_empty(timeout=LONG)


def day_read(desktop: Desktop, _lab: Lab) -> None:
    chart = desktop.gadget("cea-team").get_by_role("slider")
    chart.focus()
    chart.press("ArrowLeft")
    chart.press("PageDown")
    expect(desktop.gadget("cea-team").locator(".pointed")).to_be_visible()


def agent_opened(desktop: Desktop, _lab: Lab) -> None:
    gadget = desktop.gadget("cea-team")
    gadget.get_by_role("slider").press("Escape")
    open_agent(gadget, "6001")


def one_team(desktop: Desktop, _lab: Lab) -> None:
    gadget = desktop.gadget("cea-team")
    gadget.locator("tr[data-agent='6001'] button").click()
    expect(gadget.locator("tr.detail")).to_have_count(0)
    gadget.get_by_role("button", name="Support").click()
    expect(gadget.locator("tr[data-agent='6002']")).to_have_count(0, timeout=LONG)


def few_opened(desktop: Desktop, _lab: Lab) -> None:
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


def no_comments_to_be_had(desktop: Desktop, _lab: Lab) -> None:
    gadget = desktop.gadget("cea-team")
    gadget.locator("[data-band=all]").click()
    expect(gadget.locator("[data-band=all]")).to_have_attribute("aria-pressed", "true")
    desktop.page.route("**/gadgets/comments?*", lambda route: route.abort(), times=1)
    desktop.hold(PULSE)
    gadget.locator("tr[data-agent='6007'] button").click()
    expect(gadget.locator(".comments [data-state=unreachable]")).to_be_visible(timeout=LONG)


def new_comments(desktop: Desktop, lab: Lab) -> None:
    team_figures(desktop, lab)
    gadget = desktop.gadget("cea-team")
    comments(gadget).first.hover()
    lab.bring_in(answer("C-waits", nps=1, comment="Where is my refund?"))
    refresh(desktop)
    expect(gadget.locator(".arrivals button")).to_be_visible(timeout=LONG)
    desktop.hold(PULSE)


def others_chosen(desktop: Desktop, _lab: Lab) -> None:
    """Figures are held back since the state before."""
    desktop.gadget("cea-team").get_by_role("button", name=re.compile("^7 ")).click()
    expect(desktop.gadget("cea-team").locator("[aria-busy=true]")).to_be_visible()


WALKS = (
    Walk(
        "own",
        "1001",
        (
            State("figures-own", *OWN, own_figures),
            State("figures-today", *OWN, today),
            State("figures-explained", *OWN, explained),
        ),
    ),
    Walk("newcomer", "1009", (State("figures-few", *OWN, few),)),
    Walk(
        "supervisor",
        "1102",
        (
            State("figures-teams", *TEAM, team_figures),
            State("figures-day-read", *TEAM, day_read),
            State("figures-agent-opened", *TEAM, agent_opened),
            State("figures-one-team", *TEAM, one_team),
            State("figures-few-opened", *TEAM, few_opened),
            State("comments-unreachable", *TEAM, no_comments_to_be_had),
        ),
        faults=("ERR_FAILED",),
    ),
    Walk(
        "new-comments",
        "1102",
        (State("comments-new", *TEAM, new_comments), State("figures-others-chosen", *TEAM, others_chosen)),
        clock=True,
    ),
)
