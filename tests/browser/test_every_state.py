"""Every state of both gadgets, in both languages, on small panes and large: axe finds nothing, nothing is cut off.

With SCREENS=FOLDER each is drawn there too, to be looked at.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Frame

from tests.browser import analytics_states
from tests.browser.desktop import Desktop
from tests.browser.labs import REPOSITORY, Lab
from tests.browser.states import STATES, State

Open = Callable[..., Desktop]
Scheme = Literal["light", "dark"]
# Colours and structure depend on the pane, not on the language: axe looks at each pane in one of the two.
PANES: dict[int, dict[Scheme, str]] = {
    300: {"light": "zh-TW", "dark": "en"},
    640: {"light": "en", "dark": "zh-TW"},
    1200: {"light": "zh-TW", "dark": "en"},
}
AXE = (REPOSITORY / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
# A gadget is a part of the desktop's page: that page, not each gadget, has the one main landmark and the first heading.
OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"landmark-one-main": {"enabled": False}, "page-has-heading-one": {"enabled": False}},
}
# Drawn at its new width, and once more at what that width asked for.
SETTLED = """() => new Promise((done) => {
  let left = 4;
  const draw = () => (left-- ? requestAnimationFrame(draw) : done());
  draw();
})"""
RUN = """async (options) => {
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""


@pytest.mark.parametrize("language", ["en", "zh-TW"])
@pytest.mark.parametrize("state", (*STATES, *analytics_states.STATES), ids=lambda state: state.name)
def test_a_state_is_accessible_and_fits(state: State, language: str, desktop: Open, lab: Lab) -> None:
    person = desktop(language=language, clock=state.clock)
    person.page.set_viewport_size({"width": 1400, "height": 3200})
    frame = state.enter(person, lab)
    frame.evaluate(AXE)
    violations: list[str] = []
    for width, schemes in PANES.items():
        narrow(person, state.gadget, width)
        violations += overflow(frame, width)
        for scheme, checked in schemes.items():
            person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if language == checked:
                violations += complaints(frame, f"{width} {scheme}")
            draw(person, state, f"{width}-{scheme}-{language}")
    person.page.emulate_media(color_scheme="light", forced_colors="active", reduced_motion="reduce")
    if language == "en":
        violations += complaints(frame, "forced colours")
    draw(person, state, f"1200-forced-{language}")
    if state.noisy:
        person.faults.clear()
    assert violations == []


def narrow(desktop: Desktop, gadget: str, width: int) -> None:
    """Give the gadget's pane this width, and wait until it is drawn."""
    frame = desktop.page.locator(f"iframe[data-gadget={gadget}]")
    frame.evaluate("(frame, width) => { frame.style.width = `${width}px`; }", width)
    desktop.gadget(gadget).locator("html").evaluate(SETTLED)


def overflow(frame: Frame, width: int) -> list[str]:
    page: Any = "document.documentElement"
    wide, pane = frame.evaluate(f"() => [{page}.scrollWidth, {page}.clientWidth]")
    return [f"{wide} px wide in a pane of {pane}, which is to be {width}"] if wide > pane else []


def complaints(frame: Frame, pane: str) -> list[str]:
    violations: list[str] = frame.evaluate(RUN, OPTIONS)
    return [f"{pane}: {violation}" for violation in violations]


def draw(desktop: Desktop, state: State, variant: str) -> None:
    folder = os.environ.get("SCREENS")
    if folder:
        path = Path(folder) / f"{state.name}-{variant}.png"
        desktop.page.locator(f"iframe[data-gadget={state.gadget}]").screenshot(path=path)
