"""CEA: an agent's own figures, a supervisor's teams and each agent in them."""

import csv
from collections.abc import Callable

from playwright.sync_api import FrameLocator, expect

from tests.browser.analytics import LONG, refresh
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

Open = Callable[..., Desktop]


def figures(gadget: FrameLocator) -> list[str]:
    """NPS, CSAT and CES; a lab that has sent surveys shows their response rate, too."""
    scores = gadget.locator(".tile:not([data-metric=rate]) .score")
    expect(scores.first).not_to_be_empty(timeout=LONG)
    return scores.all_inner_texts()


def test_an_agent_sees_his_own_figures_alone(desktop: Open) -> None:
    agent = desktop().sign_in("1001")
    agent.tab("myStatistics")
    gadget = agent.gadget("cea-agent")
    assert len(figures(gadget)) == 3
    expect(gadget.get_by_role("heading", name="My customers say")).to_be_visible()
    expect(gadget.locator("table")).to_have_count(0)


def test_a_supervisor_sees_the_teams_and_each_agent_in_them(desktop: Open) -> None:
    supervisor = desktop().sign_in("1102")
    supervisor.tab("teamData")
    gadget = supervisor.gadget("cea-team")
    of_all = figures(gadget)
    for agent in range(6001, 6013):
        expect(gadget.locator(f"tr[data-agent='{agent}']")).to_be_visible()
    gadget.get_by_role("button", name="Support").click()
    expect(gadget.locator("tr[data-agent='6010']")).to_be_visible(timeout=LONG)
    expect(gadget.locator("tr[data-agent='6002']")).to_have_count(0)
    assert figures(gadget) != of_all


def test_a_supervisor_of_one_team_sees_no_agent_of_the_other(desktop: Open) -> None:
    supervisor = desktop().sign_in("1101")
    supervisor.tab("teamData")
    gadget = supervisor.gadget("cea-team")
    figures(gadget)
    expect(gadget.locator("tr[data-agent='6001']")).to_be_visible()
    expect(gadget.locator("tr[data-agent='6012']")).to_have_count(0)


def test_a_name_opens_that_agent_in_place(desktop: Open) -> None:
    supervisor = desktop().sign_in("1102")
    supervisor.tab("teamData")
    gadget = supervisor.gadget("cea-team")
    figures(gadget)
    name = gadget.locator("tr[data-agent='6001']").get_by_role("button", name="Ann Lee")
    name.click()
    expect(gadget.locator("tr[data-detail='6001']")).to_be_visible(timeout=LONG)
    name.click()
    expect(gadget.locator("tr[data-detail='6001']")).to_have_count(0)


def test_the_periods_count_different_answers(desktop: Open) -> None:
    agent = desktop().sign_in("1002")
    agent.tab("myStatistics")
    gadget = agent.gadget("cea-agent")
    figures(gadget)
    month = gadget.locator("[data-metric=nps] .tile-base").inner_text()
    gadget.get_by_role("button", name="90 days").click()
    expect(gadget.locator("[data-metric=nps] .tile-base")).not_to_have_text(month, timeout=LONG)


def test_a_new_answer_shows_without_a_reload(desktop: Open, lab: Lab) -> None:
    supervisor = desktop(clock=True).sign_in("1101")
    supervisor.tab("teamData")
    gadget = supervisor.gadget("cea-team")
    figures(gadget)
    base = gadget.locator("[data-metric=nps] .tile-base")
    before = base.inner_text()
    lab.bring_in(answer("C-fresh", nps=10))
    refresh(supervisor)
    expect(base).not_to_have_text(before, timeout=LONG)


def test_the_figures_can_be_saved_as_csv(desktop: Open) -> None:
    supervisor = desktop().sign_in("1102")
    supervisor.tab("teamData")
    gadget = supervisor.gadget("cea-team")
    figures(gadget)
    with supervisor.page.expect_download() as saved:
        gadget.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(saved.value.path().read_text("utf-8-sig").splitlines()))
    assert {row["row"] for row in rows} == {"total", "team", "agent"}
    assert sum(int(row["responses"]) for row in rows if row["row"] == "team") == int(rows[0]["responses"])


def test_the_pulse_speaks_traditional_chinese(desktop: Open) -> None:
    supervisor = desktop(language="zh-TW", scheme="dark").sign_in("1102")
    supervisor.tab("teamData")
    gadget = supervisor.gadget("cea-team")
    figures(gadget)
    expect(gadget.locator("body")).not_to_contain_text("Team feedback")
    expect(gadget.locator("body")).to_contain_text("團隊")
