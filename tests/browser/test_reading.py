"""What people need to read a gadget: stillness, their direction of writing, room for long names and large numbers."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.analytics import LONG, comments, of_teams
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

Open = Callable[..., Desktop]
ARABIC = "مرحبا، الخدمة كانت ممتازة جدا (شكرا) 123!"
UNBROKEN = "maximiliane.alexandra.von.und.zu.hohenlohe@customer-service.test"
TOUCHING = """columns => {
  const boxes = columns.map((column) => {
    const range = document.createRange();
    range.selectNodeContents(column);
    return range.getBoundingClientRect();
  });
  return boxes.filter((box, place) => place && box.top === boxes[0].top && box.left < boxes[place - 1].right).length
    + boxes.filter((box) => box.height > 16).length;
}"""


def motion(place: Locator) -> tuple[str, str]:
    """How a place moves by itself, and how long it takes to change."""
    found: list[str] = place.evaluate(
        "place => { const { animationName, transitionDuration } = getComputedStyle(place);"
        " return [animationName, transitionDuration]; }"
    )
    return found[0], found[1]


@pytest.mark.parametrize(("wish", "moves"), [("no-preference", True), ("reduce", False)])
def test_nothing_moves_for_people_who_asked_for_stillness(
    desktop: Open, lab: Lab, wish: Literal["no-preference", "reduce"], moves: bool
) -> None:
    supervisor = desktop()
    supervisor.page.emulate_media(reduced_motion=wish)
    supervisor.page.route("**/gadgets/journey?*", lambda _route: None)
    gadget = of_teams(supervisor)
    supervisor.page.route("**/gadgets/pulse?*", lambda _route: None)
    gadget.get_by_role("button", name="7 days").click()
    expect(gadget.locator("[aria-busy=true]")).to_be_attached()
    assert (motion(gadget.locator(".tiles").first)[1] != "0s") is moves
    lab.call("1102", "cc_CustomerId=C-10042")
    supervisor.tab("home")
    bone = supervisor.journey.locator(".bone").first
    expect(bone).to_be_visible(timeout=LONG)
    assert (motion(bone)[0] != "none") is moves


def test_a_comment_is_set_in_the_direction_of_its_own_writing(desktop: Open, lab: Lab) -> None:
    lab.bring_in(answer("C-arabic", nps=9, comment=f"{ARABIC}\nThank you!"))
    supervisor = desktop()
    gadget = of_teams(supervisor, "1101")
    lab.call("1101", "cc_CustomerId=C-arabic")
    said = comments(gadget).filter(has_text=ARABIC).locator(".comment")
    expect(said).to_be_visible(timeout=LONG)
    assert gaps(said) == {"arabic": "right", "english": "left"}
    supervisor.tab("home")
    supervisor.sees_customer("C-arabic")
    assert gaps(supervisor.journey.locator(".comment").first) == {"arabic": "right", "english": "left"}


def gaps(comment: Locator) -> dict[str, str]:
    """At which edge of its paragraph the first line stands, and the last."""
    found: dict[str, str] = comment.evaluate(
        """place => {
          const range = document.createRange();
          range.selectNodeContents(place);
          const lines = [...range.getClientRects()].filter((line) => line.width > 1);
          const { left } = place.getBoundingClientRect();
          const edge = (line) => (line.left - left > 1 ? "right" : "left");
          return { arabic: edge(lines[0]), english: edge(lines.at(-1)) };
        }"""
    )
    return found


@pytest.mark.parametrize(("language", "rate"), [("en", 0.317), ("zh-TW", 0.317), ("zh-TW", None)])
def test_long_names_and_large_numbers_fit_the_smallest_pane_and_a_middle_one(
    desktop: Open, language: str, rate: float | None
) -> None:
    supervisor = desktop(language=language)
    supervisor.page.route("**/gadgets/pulse?*", partial(grown, rate))
    gadget = of_teams(supervisor)
    expect(gadget.get_by_role("button", name=UNBROKEN)).to_be_visible(timeout=LONG)
    for pixels in (300, 640):
        supervisor.widen("cea-team", f"{pixels}px")
        assert gadget.locator(".agents").evaluate("box => box.scrollWidth <= box.clientWidth")
        assert gadget.locator("[data-metric=ces] .column-count").evaluate_all(TOUCHING) == 0


def grown(rate: float | None, route: Route) -> None:
    """The figures of a thousand agents, one of them without a name but the one she signs in with."""
    answered = route.fetch()
    if not answered.ok or route.request.method != "GET":
        return route.fulfill(response=answered)
    pulse: dict[str, Any] = answered.json()
    for figure in pulse["metrics"].values():
        figure["counts"] = {value: count * 1357 for value, count in figure["counts"].items()}
    pulse |= {"invited": 41_000, "invitedAnswered": 12_997, "responseRate": rate, "optedOut": 1_200}
    for agent in pulse.get("agents", [])[:1]:
        agent["name"] = UNBROKEN
    return route.fulfill(response=answered, body=json.dumps(pulse))
