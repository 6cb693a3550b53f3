"""Every state of both gadgets, in both languages, on small panes and large: axe finds nothing, nothing is cut off.

With SCREENS=FOLDER each is drawn there too, to be looked at.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Frame

from tests.browser import analytics_states
from tests.browser.desktop import Desktop
from tests.browser.labs import REPOSITORY, Lab
from tests.browser.states import WALKS, State, Walk

Open = Callable[..., Desktop]
Scheme = Literal["light", "dark"]
SCREENS = os.environ.get("SCREENS")
WIDTHS = (300, 640, 1200)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# Colours and structure depend on the pane, not on the language: axe looks at the smallest and the largest pane in both
# schemes, each of these in one of the two languages. Both languages are drawn on every pane.
CHECKED_IN: dict[tuple[int, Scheme], str] = {
    (300, "light"): "zh-TW",
    (300, "dark"): "en",
    (1200, "light"): "en",
    (1200, "dark"): "zh-TW",
}
# A scheme changes colours alone: what axe says of structure and sizes in the light holds for the same pane in the dark.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
AXE = (REPOSITORY / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
# A gadget is a part of the desktop's page: that page, not each gadget, has the one main landmark and the first heading.
OPTIONS = {
    "resultTypes": ["violations"],
    # Style sheets and recordings are not fetched for rules of recordings, which no gadget has, and of experiments.
    "preload": False,
    "rules": {"landmark-one-main": {"enabled": False}, "page-has-heading-one": {"enabled": False}},
}
WORDS = REPOSITORY / "static" / "gadgets" / "locales" / "en.json"
KEYS = """(groups) => {
  const key = new RegExp(`\\\\b(?:${groups.join("|")})\\\\.[a-zA-Z_.]*[a-zA-Z_]\\\\b`, "g");
  const labels = [...document.querySelectorAll("[aria-label], [title]")];
  const words = labels.flatMap((element) => [element.ariaLabel, element.title]);
  return [document.body.innerText, ...words].flatMap((text) => text?.match(key) ?? []);
}"""
RUN = """async (options) => {
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""


@pytest.mark.parametrize("language", ["en", "zh-TW"])
@pytest.mark.parametrize("walk", (*WALKS, *analytics_states.WALKS), ids=lambda walk: walk.name)
def test_every_state_is_accessible_and_fits(walk: Walk, language: str, desktop: Open, lab: Lab) -> None:
    one = desktop(language=language, clock=walk.clock)
    one.page.set_viewport_size({"width": 1400, "height": 3200})
    walk.begin(one, lab)
    violations: list[str] = []
    for state in walk.states:
        frame = state.enter(one, lab)
        if not frame.evaluate("() => 'axe' in window"):
            frame.evaluate(AXE)
        violations += [f"{state.name}, {violation}" for violation in look(one, state, frame, language)]
    assert violations == []


def look(one: Desktop, state: State, frame: Frame, language: str) -> list[str]:
    """What is wrong with a state on any pane; afterwards the pane is as it was."""
    violations: list[str] = []
    for width in WIDTHS:
        one.widen(state.gadget, f"{width}px")
        violations += [*overflow(frame, width), *keys_without_words(frame)]
        for scheme in SCHEMES:
            is_checked = language == CHECKED_IN.get((width, scheme))
            if is_checked or SCREENS:
                one.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if is_checked:
                violations += complaints(frame, f"{width} {scheme}", of_colours=scheme == "dark")
            draw(one, state, f"{width}-{scheme}-{language}")
    one.page.emulate_media(color_scheme="light", forced_colors="active", reduced_motion="reduce")
    if language == "en":
        violations += complaints(frame, "forced colours", of_colours=True)
    draw(one, state, f"1200-forced-{language}")
    one.page.emulate_media(color_scheme="light", forced_colors="none", reduced_motion="no-preference")
    one.widen(state.gadget, "")
    return violations


def overflow(frame: Frame, width: int) -> list[str]:
    page: Any = "document.documentElement"
    wide, pane = frame.evaluate(f"() => [{page}.scrollWidth, {page}.clientWidth]")
    return [f"{wide} px wide in a pane of {pane}, which is to be {width}"] if wide > pane else []


def keys_without_words(frame: Frame) -> list[str]:
    """A key of the locale files that stands where its words should: seen, or read out."""
    keys: list[str] = frame.evaluate(KEYS, list(json.loads(WORDS.read_text("utf-8"))))
    return [f"no words for {key}" for key in keys]


def complaints(frame: Frame, pane: str, *, of_colours: bool) -> list[str]:
    violations: list[str] = frame.evaluate(RUN, OPTIONS | ({"runOnly": OF_COLOURS} if of_colours else {}))
    return [f"{pane}: {violation}" for violation in violations]


def draw(desktop: Desktop, state: State, variant: str) -> None:
    if SCREENS:
        path = Path(SCREENS) / f"{state.name}-{variant}.png"
        desktop.page.locator(f"iframe[data-gadget={state.gadget}]").screenshot(path=path)
