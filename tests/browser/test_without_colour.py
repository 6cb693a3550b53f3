"""Who does not tell red, amber and green apart tells the bands apart all the same: by lightness, by shape, by words."""

import base64
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.analytics import of_teams
from tests.browser.desktop import Desktop

Open = Callable[..., Desktop]
BANDS = ("detractor", "passive", "promoter")
VISIONS = ("none", "deuteranopia", "protanopia", "tritanopia", "achromatopsia")
# Between the two fills without a pattern, as WCAG reckons contrast; the third is striped.
LEAST_CONTRAST = 1.8
# The stripes of one fill against each other.
LEAST_STRIPES = 1.8

# Relative luminance of each pixel of a picture.
LUMINANCES = """async (data) => {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const { data: bytes } = canvas.getImageData(0, 0, picture.width, picture.height);
  const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const found = [];
  for (let at = 0; at < bytes.length; at += 4)
    found.push(0.2126 * linear(bytes[at]) + 0.7152 * linear(bytes[at + 1]) + 0.0722 * linear(bytes[at + 2]));
  return found;
}"""


def luminances(blank: Page, fill: Locator) -> list[float]:
    """Of the inside of a fill: its edges are rounded, and mixed with what lies beside them."""
    box = fill.bounding_box()
    assert box
    inside = FloatRect(x=box["x"] + 4, y=box["y"] + 2, width=box["width"] - 8, height=box["height"] - 4)
    picture = fill.page.screenshot(clip=inside)
    return sorted(blank.evaluate(LUMINANCES, base64.b64encode(picture).decode()))


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fills_of_bands_differ_in_lightness_or_pattern_whatever_colours_are_seen(desktop: Open, scheme: str) -> None:
    opened = desktop(scheme=scheme)
    gadget = of_teams(opened)
    blank = opened.context.new_page()
    opened.page.bring_to_front()
    sight = opened.context.new_cdp_session(opened.page)
    bar = gadget.locator(".tile[data-metric=nps] .spread")
    bar.scroll_into_view_if_needed()
    for vision in VISIONS:
        sight.send("Emulation.setEmulatedVisionDeficiency", {"type": vision})
        seen = {band: luminances(blank, bar.locator(f".{band}")) for band in BANDS}
        steps = {band: contrast(values[0], values[-1]) for band, values in seen.items()}
        assert steps["passive"] > LEAST_STRIPES, vision
        assert max(steps["detractor"], steps["promoter"]) < 1.1, vision
        assert contrast(seen["detractor"][0], seen["promoter"][0]) > LEAST_CONTRAST, vision
    blank.close()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["All", "detractors", "passives", "promoters"]), ("zh-TW", ["全部", "批評者", "中立者", "推薦者"])],
)
def test_comments_are_filtered_by_words(desktop: Open, language: str, words: list[str]) -> None:
    gadget = of_teams(desktop(language=language))
    choices = gadget.locator(".bands button")
    assert [name.strip() for name in choices.all_inner_texts()] == words
    expect(choices.locator("svg")).to_have_count(3)


def test_a_rows_spread_says_its_numbers(desktop: Open) -> None:
    gadget = of_teams(desktop())
    row = gadget.locator("tr[data-agent]:not(.few)").first
    shown = [int(count) for count in row.locator(".spread-counts span").all_inner_texts()]
    label = row.locator(".spread-box").get_attribute("aria-label") or ""
    told = re.fullmatch(r"(\d+) detractors?, (\d+) passives?, (\d+) promoters?", label)
    assert told
    assert shown == [int(count) for count in told.groups()]
