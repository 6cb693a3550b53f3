"""A desktop in the browser: signed in, tabs switched, gadgets read; everything its console complained of."""

from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Locator, expect

from tests.browser.labs import Lab

PASSWORD = "lab"


class Desktop:
    """One browser session on the lab's desktop."""

    def __init__(self, browser: Browser, lab: Lab, *, scheme: str = "light", language: str = "en") -> None:
        self.lab = lab
        self.language = language
        self.faults: list[str] = []
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def sign_in(self, user: str, password: str = PASSWORD) -> "Desktop":
        page = self.page
        page.goto(f"{self.lab.desktop}/")
        page.select_option("#language", self.language)
        page.fill("#userId", user)
        page.fill("#password", password)
        page.click("#signIn")
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
        expect(self.journey.locator(".customer h2")).to_contain_text(name, timeout=20_000)
        return self.journey.locator("li.answer")

    def close(self) -> None:
        self.context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.type}: {message.text}")
