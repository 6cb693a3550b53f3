"""CEA's agents: sorted by any column, few answers marked, each opened in place, nothing moving under the pointer."""

import csv
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, Route, expect

from tests.browser.analytics import FEW, LONG, agents, cell, many, number, of_teams, open_agent, ranked, refresh
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

Open = Callable[..., Desktop]


def test_the_table_sorts_by_a_column_with_the_keyboard(desktop: Open) -> None:
    gadget = of_teams(desktop())
    expect(gadget.locator("thead th.nps-cell")).to_have_attribute("aria-sort", "descending")
    for column in ("responses", "nps", "csat", "ces"):
        sorts_both_ways(gadget, column)


def sorts_both_ways(gadget: FrameLocator, column: str) -> None:
    """The most first, and when it is asked again the least; agents with few answers aside."""
    head = gadget.locator(f"thead th.{column}-cell button")
    order = gadget.locator(f"thead th.{column}-cell")
    head.press("Enter")
    expect(order).to_have_attribute("aria-sort", "descending")
    expect(gadget.locator("th[aria-sort=descending], th[aria-sort=ascending]")).to_have_count(1)
    figures = [number(cell(gadget, agent, column).inner_text()) for agent in ranked(gadget)]
    assert figures == sorted(figures, reverse=True)
    head.press("Enter")
    expect(order).to_have_attribute("aria-sort", "ascending")
    assert [number(cell(gadget, agent, column).inner_text()) for agent in ranked(gadget)] == sorted(figures)
    expect(head).to_be_focused()


def test_the_table_sorts_by_every_other_column_too(desktop: Open) -> None:
    gadget = of_teams(desktop())
    for column in ("name", "spread", "change"):
        head = gadget.locator(f"thead th.{column}-cell")
        head.locator("button").click()
        expect(head).to_have_attribute("aria-sort", re.compile("ascending|descending"))
        first = ranked(gadget)
        head.locator("button").click()
        assert set(ranked(gadget)) == set(first), column
        assert ranked(gadget) != first, column


@pytest.mark.parametrize(("language", "word"), [("en", "few"), ("zh-TW", "樣本太少")])
def test_few_answers_are_marked_as_few_and_not_ranked(desktop: Open, language: str, word: str) -> None:
    gadget = of_teams(desktop(language=language))
    expect(gadget.locator("tr.few")).to_have_count(1)
    for column in ("nps", "csat", "ces"):
        expect(cell(gadget, FEW, column)).to_have_text(word)
        gadget.locator(f"thead th.{column}-cell button").click()
        assert agents(gadget)[-1] == FEW
        gadget.locator(f"thead th.{column}-cell button").click()
        assert agents(gadget)[-1] == FEW


def test_an_agent_opens_in_place_and_the_way_back_is_in_the_same_spot(desktop: Open) -> None:
    gadget = of_teams(desktop())
    agent = agents(gadget)[3]
    button = gadget.locator(f"tr[data-agent='{agent}'] button")
    spot = button.bounding_box()
    open_agent(gadget, agent)
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(gadget.locator(f"tr[data-detail='{agent}'] .trend-plot")).to_be_visible()
    opened = button.bounding_box()
    assert spot
    assert opened
    assert (opened["x"], opened["y"]) == (spot["x"], spot["y"])
    button.click()
    expect(gadget.locator("tr.detail")).to_have_count(0)


def test_escape_closes_an_agent_and_leaves_the_focus_on_the_name(desktop: Open) -> None:
    gadget = of_teams(desktop())
    button = open_agent(gadget, agents(gadget)[1])
    gadget.locator("tr.detail [data-trend=ces]").focus()
    gadget.locator("tr.detail [data-trend=ces]").press("Escape")
    expect(gadget.locator("tr.detail")).to_have_count(0)
    expect(button).to_be_focused()


@pytest.mark.parametrize(("language", "name"), [("en", "Agent 6067"), ("zh-TW", "座席 6067")])
def test_an_agent_whom_nobody_knows_has_a_number(desktop: Open, lab: Lab, language: str, name: str) -> None:
    lab.bring_in(*(answer("C-unknown", nps=9, comment="By somebody new.", agent="6067") for _ in range(6)))
    gadget = of_teams(desktop(language=language))
    expect(gadget.locator("tr[data-agent='6067'] button")).to_have_text(name, timeout=LONG)
    expect(gadget.locator(".comment-by button").filter(has_text=name).first).to_be_visible(timeout=LONG)


def test_rows_stay_under_the_pointer_while_their_numbers_change(desktop: Open, lab: Lab) -> None:
    one = desktop(clock=True)
    gadget = of_teams(one)
    gadget.locator("th.responses-cell button").click()
    before = agents(gadget)
    last = ranked(gadget)[-1]
    answers = number(cell(gadget, last, "responses").inner_text())
    row = gadget.locator(f"tr[data-agent='{last}']")
    row.hover()
    spot = row.bounding_box()
    many(lab, 150, nps=9, agent=last, team="5002" if last > "6006" else "5001")
    refresh(one)
    expect(cell(gadget, last, "responses")).to_have_text(str(int(answers) + 150), timeout=LONG)
    assert agents(gadget) == before
    assert row.bounding_box() == spot
    gadget.locator("h2").hover()
    expect(gadget.locator("tr[data-agent]").first).to_have_attribute("data-agent", last)


def test_focus_and_scroll_stay_while_figures_refresh(desktop: Open, lab: Lab) -> None:
    one = desktop(clock=True)
    gadget = of_teams(one)
    name = gadget.locator(f"tr[data-agent='{agents(gadget)[5]}'] button")
    name.focus()
    scroll = gadget.locator(".comments-scroll")
    scroll.evaluate("box => { box.scrollTop = 120; }")
    base = gadget.locator(".tile[data-metric=nps] .tile-base")
    before = base.inner_text()
    lab.bring_in(answer("C-focus", nps=10, comment="Just now."))
    refresh(one)
    expect(base).not_to_have_text(before, timeout=LONG)
    expect(name).to_be_focused()
    assert scroll.evaluate("box => box.scrollTop") == 120


def test_the_csv_has_the_rows_of_the_team_that_is_shown(desktop: Open) -> None:
    one = desktop()
    gadget = of_teams(one)
    gadget.get_by_role("button", name="Support").click()
    expect(gadget.locator("tr[data-agent='6002']")).to_have_count(0, timeout=LONG)
    page = one.page.url
    with one.page.expect_download() as saved:
        gadget.get_by_role("button", name="CSV").click()
    assert re.fullmatch(r"pulse_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.csv", saved.value.suggested_filename)
    rows = list(csv.DictReader(saved.value.path().read_text("utf-8-sig").splitlines()))
    assert {row["id"] for row in rows if row["row"] == "agent"} == set(agents(gadget))
    expect(gadget.locator(".footer")).to_contain_text("Saved as pulse_")
    assert one.page.url == page


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The file was not saved"), ("zh-TW", "檔案未儲存：無法連線至客戶體驗服務。請再試一次。")],
)
def test_a_csv_that_cannot_be_fetched_is_told_in_words(desktop: Open, language: str, words: str) -> None:
    one = desktop(language=language)
    gadget = of_teams(one)
    one.page.route("**/gadgets/pulse.csv*", refuse)
    gadget.get_by_role("button", name="CSV").click()
    expect(gadget.locator(".footer [role=status]")).to_contain_text(words, timeout=LONG)
    one.allow_faults("ERR_CONNECTION_REFUSED")


def refuse(route: Route) -> None:
    route.abort("connectionrefused")
