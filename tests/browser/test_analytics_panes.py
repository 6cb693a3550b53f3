"""CEA on every pane: 300 to 1,600 px, the maximised view, both languages; nothing cut off, everything in reach."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.browser.analytics import LONG, cell, of_agent, of_teams, open_agent, ranked
from tests.browser.desktop import Desktop

Open = Callable[..., Desktop]
WIDTHS = (300, 316, 460, 640, 860, 1200, 1600)

# Elements that stick out of the pane, but for those that are hidden on purpose or scroll in their own box.
CUT_OFF = """() => [...document.querySelectorAll('#pulse *')].filter((one) => {
  const box = one.getBoundingClientRect();
  const sticksOut = box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
  return sticksOut && !one.closest('.trend-plot, .trend-labels, .unseen, .legend-word');
}).map((one) => one.outerHTML.slice(0, 80))"""


def fits(gadget: FrameLocator) -> None:
    assert gadget.locator("html").evaluate("page => page.scrollWidth - page.clientWidth") == 0
    assert gadget.locator("body").evaluate(CUT_OFF) == []


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_nothing_is_cut_off_on_any_pane(desktop: Open, language: str) -> None:
    one = desktop(language=language)
    one.page.set_viewport_size({"width": 1900, "height": 1000})
    gadget = of_teams(one)
    open_agent(gadget, "6001")
    for pixels in WIDTHS:
        one.widen("cea-team", f"{pixels}px")
        fits(gadget)


def test_on_the_smallest_pane_every_metric_of_an_agent_can_be_had(desktop: Open) -> None:
    one = desktop()
    gadget = of_teams(one)
    one.widen("cea-team", "300px")
    agent = ranked(gadget)[0]
    for metric in ("nps", "csat", "ces"):
        gadget.locator(f"[data-trend={metric}]").click()
        expect(cell(gadget, agent, metric)).to_be_visible()
        expect(gadget.locator(f"th.{metric}-cell button")).to_be_visible()
    fits(gadget)


@pytest.mark.parametrize("user", ["1102", "1001"])
def test_the_maximised_view_shows_figures_and_comments_at_once(desktop: Open, user: str) -> None:
    one = desktop()
    one.page.set_viewport_size({"width": 1600, "height": 900})
    gadget = of_teams(one, user) if user > "1100" else of_agent(one, user)
    one.page.locator(".panel:visible .icon.maximise").click()
    expect(gadget.locator("html")).to_have_class("canvas bounded", timeout=LONG)
    view = gadget.locator("html").evaluate("() => innerHeight")
    for part, ratio in ((".tiles", 1), (".trend", 1), (".comments", 0.5)):
        expect(gadget.locator(part).first).to_be_in_viewport(ratio=ratio)
    assert gadget.locator(".comments").evaluate("side => side.clientHeight") <= view
    fits(gadget)


def test_a_tile_keeps_its_height_when_its_numbers_change(desktop: Open) -> None:
    gadget = of_teams(desktop())
    heights = [box.bounding_box() for box in gadget.locator(".tile").all()]
    gadget.get_by_role("button", name="7 days").click()
    expect(gadget.locator(".gadget")).to_have_attribute("aria-busy", "false", timeout=LONG)
    after = [box.bounding_box() for box in gadget.locator(".tile").all()]
    assert [box and box["height"] for box in after] == [box and box["height"] for box in heights]


def test_motion_is_left_out_for_those_who_ask(desktop: Open) -> None:
    one = desktop()
    one.page.emulate_media(reduced_motion="reduce")
    gadget = of_teams(one)
    gadget.locator(".score").first.evaluate("score => score.closest('.gadget').setAttribute('aria-busy', 'true')")
    moving = gadget.locator(".score").first.evaluate("score => getComputedStyle(score).transitionProperty")
    assert moving == "none"


def test_the_line_has_the_systems_colours_where_colours_are_forced(desktop: Open) -> None:
    one = desktop()
    one.page.emulate_media(forced_colors="active")
    gadget = of_teams(one)
    line = gadget.locator(".trend-plot").evaluate("line => getComputedStyle(line).getPropertyValue('--accent').trim()")
    assert line == "Highlight"
    ours = gadget.locator(".spread .promoter").first.evaluate("part => getComputedStyle(part).backgroundColor")
    system = gadget.locator("body").evaluate(
        "body => { const one = body.appendChild(document.createElement('i')); one.style.background = 'Highlight';"
        " const colour = getComputedStyle(one).backgroundColor; one.remove(); return colour; }"
    )
    assert ours == system
