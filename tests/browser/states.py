"""Every state that a gadget can be in, and how a person gets there: for axe, for screenshots, for the eye."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Frame, Route, expect

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

LONG = 20_000
UNHAPPY, NEVER_ANSWERED, SHARED_NUMBER = "C-10042", "C-99999", "886955010077"


@dataclass(frozen=True, slots=True)
class State:
    """`reach` brings the desktop of `user` there; where `noisy`, the browser itself complains of what fails.

    Where `clock`, it puts the browser's clock forward.
    """

    name: str
    user: str
    tab: str
    gadget: str
    reach: Callable[[Desktop, Lab], object]
    noisy: bool = False
    clock: bool = False

    def enter(self, desktop: Desktop, lab: Lab) -> Frame:
        """The gadget's frame, in this state."""
        if self.noisy:
            self.reach(desktop, lab)
            desktop.sign_in(self.user).tab(self.tab)
            shows(desktop, self.gadget, "problem")
        else:
            desktop.sign_in(self.user).tab(self.tab)
            self.reach(desktop, lab)
        handle = desktop.page.wait_for_selector(f"iframe[data-gadget={self.gadget}]")
        frame = handle.content_frame() if handle else None
        assert frame is not None
        return frame


def shows(desktop: Desktop, gadget: str, state: str) -> None:
    expect(desktop.gadget(gadget).locator(f".gadget[data-state={state}]")).to_be_visible(timeout=LONG)


def idle(desktop: Desktop, _lab: Lab) -> None:
    shows(desktop, "cej", "idle")


def unhappy(desktop: Desktop, lab: Lab) -> None:
    lab.call("1001", f"cc_CustomerId={UNHAPPY}")
    desktop.sees_customer(UNHAPPY)


def happy(desktop: Desktop, lab: Lab) -> None:
    lab.bring_in(answer("C-happy", nps=10, comment="Quick, kind, and it worked the first time."))
    lab.call("1001", "cc_CustomerId=C-happy")
    desktop.sees_customer("C-happy")


def never_answered(desktop: Desktop, lab: Lab) -> None:
    lab.call("1001", f"cc_CustomerId={NEVER_ANSWERED}")
    desktop.sees_customer(NEVER_ANSWERED)


def nobody(desktop: Desktop, lab: Lab) -> None:
    lab.call("1001", "", from_address="2002")
    shows(desktop, "cej", "unknown")


def shared(desktop: Desktop, lab: Lab) -> None:
    lab.call("1001", "", from_address=SHARED_NUMBER)
    shows(desktop, "cej", "journey")


def ended(desktop: Desktop, lab: Lab) -> None:
    unhappy(desktop, lab)
    lab.end_calls()
    expect(desktop.journey.locator("[data-call=ended]")).to_be_visible(timeout=LONG)


def on_hold(desktop: Desktop, lab: Lab) -> None:
    call = lab.call("1001", f"cc_CustomerId={UNHAPPY}")
    lab.move(call, "hold")
    desktop.sees_customer(UNHAPPY)
    expect(desktop.journey.locator("[data-call=HELD]")).to_be_visible(timeout=LONG)


def wrapping_up(desktop: Desktop, lab: Lab) -> None:
    call = lab.call("1001", f"cc_CustomerId={UNHAPPY}")
    desktop.sees_customer(UNHAPPY)
    lab.move(call, "wrapup")
    expect(desktop.journey.locator("[data-call=WRAP_UP]")).to_be_visible(timeout=LONG)


def monitoring(desktop: Desktop, lab: Lab) -> None:
    lab.move(lab.call("1001", f"cc_CustomerId={UNHAPPY}"), "monitor", by="1101")
    shows(desktop, "cej", "monitoring")


def waiting(desktop: Desktop, lab: Lab) -> None:
    desktop.page.route("**/gadgets/journey?*", lambda _route: None)
    lab.call("1001", f"cc_CustomerId={UNHAPPY}")
    shows(desktop, "cej", "loading")


def unreachable(desktop: Desktop, lab: Lab) -> None:
    desktop.page.route(f"{lab.service}/gadgets/session", lambda route: route.abort())
    lab.call("1001", f"cc_CustomerId={UNHAPPY}")


def refused(desktop: Desktop, lab: Lab) -> None:
    def refuse(route: Route) -> None:
        if route.request.method == "OPTIONS":
            return route.fallback()
        problem = '{"title": "no", "status": 401, "code": "invalid_credentials"}'
        headers = {"Access-Control-Allow-Origin": lab.desktop, "Content-Type": "application/problem+json"}
        return route.fulfill(status=401, body=problem, headers=headers)

    desktop.page.route(f"{lab.service}/gadgets/session", refuse)
    lab.call("1001", f"cc_CustomerId={UNHAPPY}")


def own_figures(desktop: Desktop, _lab: Lab) -> None:
    figures(desktop, "cea-agent")


def team_figures(desktop: Desktop, _lab: Lab) -> None:
    figures(desktop, "cea-team")


def single_team(desktop: Desktop, _lab: Lab) -> None:
    figures(desktop, "cea-team")
    gadget = desktop.gadget("cea-team")
    gadget.get_by_role("button", name="Support").click()
    expect(gadget.locator("tr[data-agent='6002']")).to_have_count(0, timeout=LONG)


def agent_opened(desktop: Desktop, _lab: Lab) -> None:
    figures(desktop, "cea-team")
    gadget = desktop.gadget("cea-team")
    gadget.locator("tr[data-agent='6001'] button").first.click()
    expect(gadget.locator("tr[data-detail='6001']")).to_be_visible(timeout=LONG)


def figures(desktop: Desktop, gadget: str) -> None:
    shows(desktop, gadget, "figures")
    expect(desktop.gadget(gadget).locator(".tile .score").first).not_to_be_empty(timeout=LONG)


JOURNEY = "1001", "home", "cej"
OWN = "1001", "myStatistics", "cea-agent"
TEAM = "1102", "teamData", "cea-team"
STATES = (
    State("journey-idle", *JOURNEY, idle),
    State("journey-waiting", *JOURNEY, waiting),
    State("journey-unhappy", *JOURNEY, unhappy),
    State("journey-happy", *JOURNEY, happy),
    State("journey-never-answered", *JOURNEY, never_answered),
    State("journey-nobody", *JOURNEY, nobody),
    State("journey-shared", *JOURNEY, shared),
    State("journey-ended", *JOURNEY, ended),
    State("journey-on-hold", *JOURNEY, on_hold),
    State("journey-wrap-up", *JOURNEY, wrapping_up),
    State("journey-monitoring", "1101", "home", "cej", monitoring),
    State("journey-unreachable", *JOURNEY, unreachable, noisy=True),
    State("journey-refused", *JOURNEY, refused, noisy=True),
    State("figures-own", *OWN, own_figures),
    State("figures-teams", *TEAM, team_figures),
    State("figures-one-team", *TEAM, single_team),
    State("figures-agent-opened", *TEAM, agent_opened),
    State("figures-unreachable", *TEAM, unreachable, noisy=True),
    State("figures-refused", *TEAM, refused, noisy=True),
)
