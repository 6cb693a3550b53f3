"""A desktop in the browser: signed in, tabs switched, gadgets read; everything its console complained of."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Locator, Request, Route, expect

from tests.browser.labs import Lab

PASSWORD = "lab"
WAIT = 20_000

CLOCK = Path(__file__).with_name("clock.js")

# A gadget that blocks the desktop is a fault (docs/cisco/finesse.md §1.2).
NOTHING_BLOCKS = """
for (const name of ["alert", "confirm", "prompt", "showModalDialog"]) {
  window[name] = () => console.error(`${name} blocks the desktop`);
}
"""


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
        self.requests: list[Request] = []
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.add_init_script(NOTHING_BLOCKS)
        if clock:
            self.context.add_init_script(path=CLOCK)
        self.page = self.context.new_page()
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request))

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

    def sees_customer(self, name: str) -> Locator:
        """Wait until CEJ shows this customer; its list of answers."""
        expect(self.journey.locator(".customer h2")).to_contain_text(name, timeout=WAIT)
        return self.journey.locator("li.answer")

    def sees(self, words: str) -> None:
        """Wait until CEJ says this."""
        expect(self.journey.locator(".message-title").get_by_text(words, exact=True)).to_be_visible(timeout=WAIT)

    def sees_call(self, state: str) -> None:
        """Wait until CEJ says how the call stands, by the locale's key."""
        expect(self.journey.locator(f".call[data-call={state}]")).to_be_visible(timeout=WAIT)

    def rest(self, seconds: float) -> None:
        """Let time pass, while what the browser does is still heard."""
        self.page.wait_for_timeout(seconds * 1000)

    def put_forward(self, seconds: float) -> None:
        """Put the browser's clock forward: each timer that falls due rings once, and what it does is heard.

        Timers that what is under way will set are waited for: one that is set afterwards would not ring.
        """
        self.rest(1)
        forward = f"putForward({round(seconds * 1000)})"
        # Documents that are loaded later have the same clock.
        self.context.add_init_script(forward)
        for frame in self.page.frames:
            frame.evaluate(forward)
        self.rest(1)

    def questions(self, path: str) -> int:
        """How often the browser has asked our service for this path."""
        self.rest(0.05)
        places = [urlsplit(request.url) for request in self.requests if request.method != "OPTIONS"]
        return sum(f"{place.scheme}://{place.netloc}" == self.lab.service and place.path == path for place in places)

    def close(self) -> None:
        self.context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.type}: {message.text} {message.location.get('url', '')}".rstrip())
