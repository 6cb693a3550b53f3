"""CEA's figures: each with what it was before and how it spreads, and a trend that can be read."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.browser.analytics import LONG, number, of_agent, of_teams
from tests.browser.desktop import Desktop

Open = Callable[..., Desktop]
NPS, CSAT, CES = "[data-metric=nps]", "[data-metric=csat]", "[data-metric=ces]"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", r"((up|down|unchanged) from|previously) −?[\d.]+%?"), ("zh-TW", r"前期 −?[\d.]+%?( 上升| 下降| 持平)?")],
)
def test_a_figure_says_in_words_what_it_was_before(desktop: Open, language: str, words: str) -> None:
    gadget = of_teams(desktop(language=language))
    for metric in (NPS, CSAT, CES):
        expect(gadget.locator(f".tile{metric} .tile-base")).to_contain_text(re.compile(words))
        # An arrow or an equals sign, and its meaning for those who do not see it.
        expect(gadget.locator(f".tile{metric} .change > [aria-hidden=true]")).to_have_count(1)
        expect(gadget.locator(f".tile{metric} .change .unseen")).to_have_text(
            re.compile("up|down|unchanged|上升|下降|不變")
        )


def test_the_change_is_the_difference_to_the_period_before(desktop: Open) -> None:
    gadget = of_teams(desktop())
    score = number(gadget.locator(f".tile{CSAT} .score").inner_text())
    change = gadget.locator(f".tile{CSAT} .change")
    amount = number(change.locator("> [aria-hidden=true]").inner_text().split()[-1])
    before = re.search(r"(?:from|previously) ([\d.]+)%", gadget.locator(f".tile{CSAT} .tile-base").inner_text())
    assert before
    # A change that may be chance has its own sign, one that is not has an arrow.
    sign = {"up": 1, "down": -1, "same": 0, "chance": 1}[(change.get_attribute("class") or "").split()[-1]]
    assert round(score - number(before[1]), 1) == round(sign * amount, 1)


def test_nps_shows_how_many_promoters_passives_and_detractors_there_are(desktop: Open) -> None:
    gadget = of_teams(desktop())
    parts = gadget.locator(f".tile{NPS} .legend").inner_text()
    counts = [int(count) for count in re.findall(r"\d+", parts)]
    answers = re.search(r"(\d+) answers", gadget.locator(f".tile{NPS} .tile-base").inner_text())
    assert answers
    assert sum(counts) == int(answers[1])
    assert re.findall("detractors|passives|promoters", parts) == ["detractors", "passives", "promoters"]


def test_csat_and_ces_show_how_many_gave_each_value(desktop: Open) -> None:
    gadget = of_teams(desktop())
    for metric, values in ((CSAT, "12345"), (CES, "1234567")):
        tile = gadget.locator(f".tile{metric}")
        assert "".join(tile.locator(".column-value").all_inner_texts()) == values
        counts = [int(count) for count in tile.locator(".column-count").all_inner_texts()]
        answers = re.search(r"(\d+) answers", tile.locator(".tile-base").inner_text())
        assert answers
        assert sum(counts) == int(answers[1])
        listed = ", ".join(f"{value}: {count}" for value, count in zip(values, counts, strict=True))
        expect(tile.get_by_role("img")).to_have_attribute("aria-label", f"Answers by value: {listed}")


def caption(gadget: FrameLocator) -> str:
    return gadget.locator(".trend-head > span").first.inner_text()


def test_the_trend_is_read_with_the_pointer(desktop: Open) -> None:
    gadget = of_teams(desktop())
    name = caption(gadget)
    line = gadget.locator(".trend-plot")
    box = line.bounding_box()
    assert box
    line.hover(position={"x": box["width"] - 6, "y": 40})
    expect(gadget.locator(".pointed strong")).to_have_text(re.compile(r"NPS −?\d+ \(\d+ answers?\) · 7-day mean"))
    newest = caption(gadget)
    line.hover(position={"x": 60, "y": 40})
    expect(gadget.locator(".pointed")).not_to_have_text(newest)
    gadget.locator("h2").hover()
    assert caption(gadget) == name


def test_the_trend_is_read_with_a_finger_which_leaves_its_reading(desktop: Open) -> None:
    gadget = of_agent(desktop())
    line = gadget.locator(".trend-plot")
    middle = line.evaluate("line => line.getBoundingClientRect().left + line.clientWidth / 2")
    touch = {"pointerType": "touch", "clientX": middle, "bubbles": True}
    line.dispatch_event("pointerdown", touch)
    expect(gadget.locator(".pointed strong")).to_be_visible()
    line.dispatch_event("pointerleave", touch)
    expect(gadget.locator(".pointed strong")).to_be_visible()


def test_the_trend_is_read_with_the_arrow_keys_and_read_out(desktop: Open) -> None:
    gadget = of_teams(desktop())
    chart = gadget.get_by_role("slider")
    assert re.match(r"NPS from .+ to .+: began at .+, lowest .+, highest", chart.get_attribute("aria-label") or "")
    chart.focus()
    chart.press("ArrowLeft")
    newest = chart.get_attribute("aria-valuetext") or ""
    assert re.fullmatch(r".+: (NPS −?\d+ \(\d+ answers?\)|No answers)( · 7-day mean −?\d+ \(\d+ answers?\))?", newest)
    expect(gadget.locator(".pointed")).to_be_visible()
    chart.press("ArrowLeft")
    expect(chart).not_to_have_attribute("aria-valuetext", newest)
    chart.press("Home")
    expect(chart).to_have_attribute("aria-valuenow", "0")
    chart.press("PageUp")
    expect(chart).to_have_attribute("aria-valuenow", "7")
    chart.press("Escape")
    expect(gadget.locator(".pointed")).to_have_count(0)


def test_the_trend_shows_the_metric_that_is_picked(desktop: Open) -> None:
    gadget = of_teams(desktop())
    gadget.get_by_role("button", name="Show the trend of CSAT").click()
    expect(gadget.locator(".trend-head")).to_contain_text("CSAT, mean of 7 days")
    expect(gadget.get_by_role("slider")).to_have_attribute("aria-label", re.compile(r"^CSAT from .* began at [\d.]+%"))
    expect(gadget.locator("[data-trend=csat]")).to_have_attribute("aria-pressed", "true")


def test_a_period_without_answers_says_so_instead_of_zero(desktop: Open) -> None:
    gadget = of_agent(desktop().attribute(period="2020-01-01..2020-01-31"))
    assert gadget.locator(".tile .score").all_inner_texts() == ["–", "–", "–"]
    expect(gadget.locator(".trend")).to_contain_text("No answers in this period", timeout=LONG)
    expect(gadget.locator(".comments")).to_contain_text("No comments in this period")


def test_today_so_far_says_what_it_is_compared_with(desktop: Open) -> None:
    gadget = of_teams(desktop())
    gadget.locator("[data-choice=today]").click()
    expect(gadget.locator(".trend")).to_contain_text(
        re.compile(r"Today so far, compared with yesterday until \d+:\d\d")
    )
    expect(gadget.locator(".trend-ends span")).to_have_count(1)
    gadget.locator("[data-choice=yesterday]").click()
    expect(gadget.locator(".trend")).to_contain_text(re.compile(r"\w+ \d+, compared with \w+ \d+"))


@pytest.mark.parametrize("width", ["300px", "1200px"])
def test_a_metric_explains_itself_inside_the_pane_and_goes_by_escape(desktop: Open, width: str) -> None:
    opened = desktop()
    gadget = of_teams(opened)
    opened.widen("cea-team", width)
    for metric in (NPS, CSAT, CES):
        word = gadget.locator(f".tile{metric} .explained")
        word.press("Enter")
        explanation = gadget.locator(f".tile{metric} .explanation")
        expect(explanation).to_contain_text("95% margin")
        expect(explanation).to_be_visible()
        place = explanation.evaluate(
            "box => { const { left, right, top } = box.getBoundingClientRect();"
            " return [left, innerWidth - right, top - box.previousElementSibling.getBoundingClientRect().bottom]; }"
        )
        assert min(place) >= 0, place
        word.press("Escape")
        expect(explanation).not_to_be_visible()
        expect(word).to_be_focused()
