"""CEA as a test meets it: a gadget with its figures shown, and what stands in it."""

from typing import Any

from playwright.sync_api import FrameLocator, Locator, Response, expect

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

LONG = 20_000
# Figures are asked for every 10 s, give or take 20 %.
POLL_SECONDS = 13
# The service keeps what it counted for a second, and what all its processes share for another.
COUNTED_SECONDS = 2.2
FEW = "6009"


def of_teams(desktop: Desktop, user: str = "1102") -> FrameLocator:
    """A supervisor's figures, on the screen."""
    return _shown(desktop.sign_in(user), "teamData", "cea-team")


def of_agent(desktop: Desktop, user: str = "1001") -> FrameLocator:
    """An agent's own figures, on the screen."""
    return _shown(desktop.sign_in(user), "myStatistics", "cea-agent")


def refresh(desktop: Desktop) -> None:
    """Let the figures on the screen be asked for again, when the service counts anew what it has been given."""
    desktop.rest(COUNTED_SECONDS)
    desktop.put_forward(POLL_SECONDS)


def again(desktop: Desktop, tab: str = "teamData", gadget: str = "cea-team") -> FrameLocator:
    """The same gadget after the desktop was loaded anew."""
    return _shown(desktop, tab, gadget)


def _shown(desktop: Desktop, tab: str, name: str) -> FrameLocator:
    desktop.tab(tab)
    gadget = desktop.gadget(name)
    expect(gadget.locator(".tile .score").first).not_to_be_empty(timeout=LONG)
    expect(gadget.locator(".comment-list[data-stale=false], .comments .message").first).to_be_visible(timeout=LONG)
    return gadget


def width(desktop: Desktop, name: str, pixels: int) -> None:
    frame = desktop.page.locator(f"iframe[data-gadget={name}]")
    frame.evaluate("(frame, width) => { frame.style.width = `${width}px`; }", pixels)
    desktop.page.wait_for_timeout(200)


def agents(gadget: FrameLocator) -> list[str]:
    """Ids of the agents, from the top."""
    agent_ids: list[str] = gadget.locator("tr[data-agent]").evaluate_all("rows => rows.map(row => row.dataset.agent)")
    return agent_ids


def ranked(gadget: FrameLocator) -> list[str]:
    """Ids of the agents who have answers enough to be ranked, from the top."""
    agent_ids: list[str] = gadget.locator("tr[data-agent]:not(.few)").evaluate_all(
        "rows => rows.map(row => row.dataset.agent)"
    )
    return agent_ids


def cell(gadget: FrameLocator, agent: str, column: str) -> Locator:
    return gadget.locator(f"tr[data-agent='{agent}'] .{column}-cell")


def number(text: str) -> float:
    """A figure as a person reads it."""
    return float(text.replace("\u2212", "-").replace(",", "").rstrip("%"))


def open_agent(gadget: FrameLocator, agent: str) -> Locator:
    """Opened in place; the button that opened it, which is also the way back."""
    button = gadget.locator(f"tr[data-agent='{agent}'] button")
    button.click()
    expect(gadget.locator(f"tr[data-detail='{agent}'] .score").first).to_be_visible(timeout=LONG)
    return button


def comments(gadget: FrameLocator) -> Locator:
    return gadget.locator(".comment-list[data-stale=false] li[data-comment]")


def is_pulse(answered: Response) -> bool:
    return "/gadgets/pulse?" in answered.url and answered.request.method == "GET"


def many(lab: Lab, count: int, **about: Any) -> None:
    """Answers that change the figures."""
    lab.bring_in(*(answer(f"C-many-{place}", **about) for place in range(count)))
