"""A new call in CEJ: nobody's answers under another one's call, and a gadget that does not jump meanwhile."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Frame, expect

from tests.browser.desktop import WAIT, Desktop
from tests.browser.labs import Lab

ANN = "cc_CustomerId=C-10042"
WEI = "cc_CustomerId=C-10001"
SKELETON = ".skeleton"
Open = Callable[..., Desktop]

# Timers of 150 ms ring when the test says so.
PATIENCE = """
  const { setTimeout } = window;
  window.patient = [];
  window.setTimeout = (call, delay, ...facts) =>
    (delay === 150 ? window.patient.push(call) : setTimeout(call, delay, ...facts));
"""

# What is on the screen at each frame that is drawn: the gadget's height, that of its frame, and what it shows.
FILM = """() => {
  window.film = [];
  const look = () => {
    const words = document.querySelector("section.gadget").innerText;
    const state = document.querySelector("section.gadget").dataset.state;
    const drawn = Math.ceil(document.getElementById("pulse").getBoundingClientRect().height);
    const skeleton = document.querySelector(".skeleton") !== null;
    window.film.push({ state, drawn, frame: window.innerHeight, skeleton, ann: words.includes("C-10042") });
    requestAnimationFrame(look);
  };
  look();
}"""


def frame_of(agent: Desktop) -> Frame:
    handle = agent.page.wait_for_selector("iframe[data-gadget=cej]")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame


def film(frame: Frame) -> list[dict[str, Any]]:
    pictures: list[dict[str, Any]] = frame.evaluate("window.film")
    return pictures


def heights(pictures: list[dict[str, Any]], of: str) -> list[int]:
    """One after the other, each as long as it lasts."""
    found = [picture[of] for picture in pictures]
    return [height for place, height in enumerate(found) if place == 0 or height != found[place - 1]]


def ring(frame: Frame) -> None:
    frame.evaluate("window.patient.splice(0).forEach((call) => call())")


def test_while_the_next_customer_is_looked_up_the_gadget_stays_as_high_as_it_was(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1001")
    first = lab.call("1001", ANN)
    agent.sees_customer("C-10042")
    agent.settle()
    frame = frame_of(agent)
    frame.evaluate(FILM)
    late = agent.hold("**/gadgets/journey?*")
    lab.hang_up(first)
    lab.call("1001", WEI)
    expect(agent.journey.locator(SKELETON)).to_be_visible(timeout=WAIT)
    agent.rest(0.5)
    for route in late:
        route.continue_()
    agent.sees_customer("C-10001")
    agent.settle()
    pictures = film(frame)
    for of in ("drawn", "frame"):
        found = heights(pictures, of)
        assert len(found) <= 2, found
    assert any(picture["skeleton"] for picture in pictures)
    assert not any(picture["ann"] for picture in pictures if picture["state"] == "loading")
    held: str = frame.evaluate("document.querySelector('pulse-journey').style.height")
    assert held == ""


def test_an_answer_that_comes_soon_shows_no_outline_of_one(desktop: Open, lab: Lab) -> None:
    agent = desktop()
    agent.context.add_init_script(PATIENCE)
    agent.sign_in("1002")
    agent.sees("No call")
    first = lab.call("1002", ANN)
    agent.sees_customer("C-10042")
    frame = frame_of(agent)
    frame.evaluate(FILM)
    lab.hang_up(first)
    agent.sees_call("ended")
    second = lab.call("1002", WEI)
    agent.sees_customer("C-10001")
    ring(frame)
    assert not any(picture["skeleton"] for picture in film(frame))
    agent.hold("**/gadgets/journey?*")
    lab.hang_up(second)
    lab.call("1002", ANN)
    loading = agent.journey.locator("section[data-state=loading]")
    expect(loading).to_be_visible(timeout=WAIT)
    agent.rest(0.5)
    expect(agent.journey.locator(SKELETON)).to_have_count(0)
    expect(loading).not_to_contain_text("C-10001")
    ring(frame)
    expect(agent.journey.locator(SKELETON)).to_be_visible()


def test_the_customer_from_before_a_reload_is_not_shown_under_a_new_call(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1003")
    first = lab.call("1003", ANN)
    agent.sees_customer("C-10042")
    lab.hang_up(first)
    agent.sees_call("ended")
    agent.page.reload()
    agent.sees_call("ended")
    agent.sees_customer("C-10042")
    agent.hold("**/gadgets/journey?*")
    lab.call("1003", WEI)
    expect(agent.journey.locator("section[data-state=loading]")).to_be_visible(timeout=WAIT)
    expect(agent.journey.get_by_text("C-10042")).to_have_count(0)
