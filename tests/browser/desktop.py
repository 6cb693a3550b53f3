"""A desktop in the browser: signed in, tabs switched, gadgets read; everything its console complained of."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Locator, Request, Route, expect

from tests.browser.labs import Lab

PASSWORD = "lab"
WAIT = 20_000

EVENTS = "/desktop/events"
CLOCK = Path(__file__).with_name("clock.js")

# A gadget that blocks the desktop is a fault (docs/cisco/finesse.md §1.2).
NOTHING_BLOCKS = """
for (const name of ["alert", "confirm", "prompt", "showModalDialog"]) {
  window[name] = () => console.error(`${name} blocks the desktop`);
}
"""

# Drawn at its new width, and once more at what that width asked for.
DRAWN = """() => new Promise((done) => {
  let left = 4;
  const draw = () => (left-- ? requestAnimationFrame(draw) : done());
  draw();
})"""


class Desktop:
    """One browser session on the lab's desktop."""

    def __init__(
        self,
        browser: Browser,
        lab: Lab,
        *,
        scheme: str = "light",
        language: str = "en",
        flavour: dict[str, str] | None = None,
        clock: bool = False,
    ) -> None:
        """`flavour`: parameters of the desktop page, such as library=10.5; `clock`: `put_forward` can be called."""
        self.lab = lab
        self.language = language
        self.flavour = flavour or {}
        self.faults: list[str] = []
        self.allowed_faults: list[str] = []
        self.asked: list[Request] = []
        self.under_way: set[Request] = set()
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.add_init_script(NOTHING_BLOCKS)
        if clock:
            self.context.add_init_script(path=CLOCK)
        self.page = self.context.new_page()
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._sent)
        self.page.on("requestfinished", lambda request: self.under_way.discard(request))
        self.page.on("requestfailed", lambda request: self.under_way.discard(request))

    def sign_in(self, user: str, password: str = PASSWORD) -> "Desktop":
        page = self.page
        page.goto(f"{self.lab.desktop}/desktop?{urlencode(self.flavour)}")
        page.select_option("#language", self.language)
        page.fill("#userId", user)
        page.fill("#password", password)
        page.click("#signIn")
        return self

    def attribute(self, **attributes: str) -> "Desktop":
        """Attributes of the gadgets' elements in the layout, as Finesse has them from 12.6(2)."""

        def give(route: Route) -> None:
            answer = route.fetch()
            if not answer.ok:
                return route.fulfill(response=answer)
            session = answer.json()
            for tab in session.get("tabs", ()):
                for gadget in tab["gadgets"]:
                    gadget["attributes"] |= attributes
            return route.fulfill(response=answer, body=json.dumps(session))

        self.page.route(re.compile(r"/desktop/session\b"), give)
        return self

    def tab(self, name: str) -> None:
        self.page.click(f"[data-tab={name}]")

    def gadget(self, name: str) -> FrameLocator:
        """The inside of a gadget: cej, cea-agent or cea-team."""
        return self.page.frame_locator(f"iframe[data-gadget={name}]")

    @property
    def journey(self) -> FrameLocator:
        return self.gadget("cej")

    def sees_frame(self) -> None:
        """Wait until CEJ's frame is shown: Finesse hides it until its hub has connected."""
        expect(self.page.locator("iframe[data-gadget=cej]")).to_be_visible(timeout=WAIT)

    def sees_customer(self, name: str) -> Locator:
        """Wait until CEJ shows this customer; its list of answers."""
        self.sees_frame()
        expect(self.journey.locator(".customer h2")).to_contain_text(name, timeout=WAIT)
        return self.journey.locator("li.answer")

    def sees(self, words: str) -> None:
        """Wait until CEJ says this."""
        self.sees_frame()
        expect(self.journey.locator(".message-title").get_by_text(words, exact=True)).to_be_visible(timeout=WAIT)

    def sees_call(self, state: str) -> None:
        """Wait until CEJ says how the call stands, by the locale's key."""
        expect(self.journey.locator(f".call[data-call={state}]")).to_be_visible(timeout=WAIT)

    def widen(self, gadget: str, width: str) -> None:
        """Give the gadget's pane this width, as CSS has it, and wait until it is drawn."""
        frame = self.page.locator(f"iframe[data-gadget={gadget}]")
        frame.evaluate("(frame, width) => { frame.style.width = width; }", width)
        self.gadget(gadget).locator("html").evaluate(DRAWN)

    def rest(self, seconds: float) -> None:
        """Let time pass, while what the browser does is still heard."""
        self.page.wait_for_timeout(seconds * 1000)

    def put_forward(self, seconds: float) -> None:
        """Put the browser's clock forward: each timer that falls due rings once, and what it does is heard.

        Timers that what is under way will set are waited for: one that is set afterwards would not ring.
        """
        self.settle()
        forward = f"putForward({round(seconds * 1000)})"
        # Documents that are loaded later have the same clock.
        self.context.add_init_script(forward)
        for frame in self.page.frames:
            frame.evaluate(forward)
        self.settle()

    def settle(self) -> None:
        """Wait until every request has been answered but for those that are held, and what that leads to is done."""
        self.rest(0.3)
        for _ in range(100):
            if not self.under_way:
                break
            self.rest(0.1)
        self.rest(0.1)

    def hold(self, address: str | re.Pattern[str]) -> list[Route]:
        """Requests that are not answered from now on, until the test does."""
        held: list[Route] = []

        def keep(route: Route) -> None:
            self.under_way.discard(route.request)
            held.append(route)

        self.page.route(address, keep)
        return held

    def questions(self, path: str) -> int:
        """How often the browser has asked our service for this path."""
        self.rest(0.05)
        places = [urlsplit(request.url) for request in self.asked if request.method != "OPTIONS"]
        return sum(f"{place.scheme}://{place.netloc}" == self.lab.service and place.path == path for place in places)

    def allow_faults(self, *words: str) -> None:
        """The browser complains with one of these words of what the test does to it, now or later."""
        self.allowed_faults += words

    def unexpected_faults(self) -> list[str]:
        return [fault for fault in self.faults if not any(word in fault for word in self.allowed_faults)]

    def close(self) -> None:
        self.context.close()

    def _sent(self, request: Request) -> None:
        self.asked.append(request)
        # What happens on the desktop is told in one answer that never ends.
        if urlsplit(request.url).path != EVENTS:
            self.under_way.add(request)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.type}: {message.text} {message.location.get('url', '')}".rstrip())
