"""Every state that a gadget can be in, and the walks on which a person gets there: for axe and for the eye."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Frame, Route, expect

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

LONG = 20_000
UNHAPPY, NEVER_ANSWERED, SHARED_NUMBER = "C-10042", "C-99999", "886955010077"


@dataclass(frozen=True, slots=True)
class State:
    """`reach` brings a desktop there, from the state before it in its walk; `tab` and `gadget` are where it is seen."""

    name: str
    tab: str
    gadget: str
    reach: Callable[[Desktop, Lab], object]

    def enter(self, desktop: Desktop, lab: Lab) -> Frame:
        """The gadget's frame, in this state."""
        desktop.tab(self.tab)
        self.reach(desktop, lab)
        handle = desktop.page.wait_for_selector(f"iframe[data-gadget={self.gadget}]")
        frame = handle.content_frame() if handle else None
        assert frame is not None
        return frame


@dataclass(frozen=True, slots=True)
class Walk:
    """States that one desktop of `user` comes through, one after the other.

    `before` is done before the sign-in; `faults` are what the browser then complains of; `clock`: a state puts it
    forward.
    """

    name: str
    user: str
    states: tuple[State, ...]
    before: Callable[[Desktop, Lab], object] | None = None
    faults: tuple[str, ...] = ()
    clock: bool = False

    def begin(self, desktop: Desktop, lab: Lab) -> None:
        desktop.allow_faults(*self.faults)
        if self.before:
            self.before(desktop, lab)
        desktop.sign_in(self.user)


def shows(desktop: Desktop, gadget: str, state: str) -> None:
    expect(desktop.gadget(gadget).locator(f".gadget[data-state={state}]")).to_be_visible(timeout=LONG)


def idle(desktop: Desktop, _lab: Lab) -> None:
    shows(desktop, "cej", "idle")


def unhappy(desktop: Desktop, lab: Lab) -> None:
    lab.call("1001", f"cc_CustomerId={UNHAPPY}")
    desktop.sees_customer(UNHAPPY)
    desktop.sees_call("ACTIVE")


def on_hold(desktop: Desktop, lab: Lab) -> None:
    lab.move(lab.calls[-1], "hold")
    desktop.sees_call("HELD")


def wrapping_up(desktop: Desktop, lab: Lab) -> None:
    lab.move(lab.calls[-1], "wrapup")
    desktop.sees_call("WRAP_UP")


def ended(desktop: Desktop, lab: Lab) -> None:
    lab.end_calls()
    desktop.sees_call("ended")


def happy(desktop: Desktop, lab: Lab) -> None:
    lab.bring_in(answer("C-happy", nps=10, comment="Quick, kind, and it worked the first time."))
    lab.call("1001", "cc_CustomerId=C-happy")
    desktop.sees_customer("C-happy")


def never_answered(desktop: Desktop, lab: Lab) -> None:
    lab.end_calls()
    lab.call("1001", f"cc_CustomerId={NEVER_ANSWERED}")
    desktop.sees_customer(NEVER_ANSWERED)


def nobody(desktop: Desktop, lab: Lab) -> None:
    lab.end_calls()
    lab.call("1001", "", from_address="2002")
    shows(desktop, "cej", "unknown")


def shared(desktop: Desktop, lab: Lab) -> None:
    lab.end_calls()
    lab.call("1001", "", from_address=SHARED_NUMBER)
    expect(desktop.journey.locator(".message[data-state=shared]")).to_be_visible(timeout=LONG)


def waiting(desktop: Desktop, lab: Lab) -> None:
    lab.end_calls()
    desktop.hold("**/gadgets/journey?*")
    lab.call("1001", f"cc_CustomerId={UNHAPPY}")
    shows(desktop, "cej", "loading")


def monitoring(desktop: Desktop, lab: Lab) -> None:
    lab.move(lab.call("1001", f"cc_CustomerId={UNHAPPY}"), "monitor", by="1102")
    shows(desktop, "cej", "monitoring")


def unreachable(desktop: Desktop, lab: Lab) -> None:
    desktop.page.route(f"{lab.service}/gadgets/session", lambda route: route.abort())
    lab.call("1102", f"cc_CustomerId={UNHAPPY}")


def refused(desktop: Desktop, lab: Lab) -> None:
    def refuse(route: Route) -> None:
        if route.request.method == "OPTIONS":
            return route.fallback()
        problem = '{"title": "no", "status": 401, "code": "invalid_credentials"}'
        headers = {"Access-Control-Allow-Origin": lab.desktop, "Content-Type": "application/problem+json"}
        return route.fulfill(status=401, body=problem, headers=headers)

    desktop.page.route(f"{lab.service}/gadgets/session", refuse)
    lab.call("1102", f"cc_CustomerId={UNHAPPY}")


def no_journey(desktop: Desktop, _lab: Lab) -> None:
    shows(desktop, "cej", "problem")


def no_figures(desktop: Desktop, _lab: Lab) -> None:
    shows(desktop, "cea-team", "problem")


def without_library(desktop: Desktop, _lab: Lab) -> None:
    desktop.page.route("**/desktop/assets/js/finesse*.js", lambda route: route.abort())


JOURNEY = "home", "cej"
OWN = "myStatistics", "cea-agent"
TEAM = "teamData", "cea-team"
WALKS = (
    Walk(
        "agent",
        "1001",
        (
            State("journey-idle", *JOURNEY, idle),
            State("journey-unhappy", *JOURNEY, unhappy),
            State("journey-on-hold", *JOURNEY, on_hold),
            State("journey-wrap-up", *JOURNEY, wrapping_up),
            State("journey-ended", *JOURNEY, ended),
            State("journey-happy", *JOURNEY, happy),
            State("journey-never-answered", *JOURNEY, never_answered),
            State("journey-nobody", *JOURNEY, nobody),
            State("journey-shared", *JOURNEY, shared),
            State("journey-waiting", *JOURNEY, waiting),
        ),
    ),
    Walk("listening-in", "1102", (State("journey-monitoring", *JOURNEY, monitoring),)),
    Walk(
        "unreachable",
        "1102",
        (
            State("journey-unreachable", *JOURNEY, no_journey),
            State("figures-unreachable", *TEAM, no_figures),
        ),
        before=unreachable,
        faults=("ERR_FAILED",),
    ),
    Walk(
        "refused",
        "1102",
        (
            State("journey-refused", *JOURNEY, no_journey),
            State("figures-refused", *TEAM, no_figures),
        ),
        before=refused,
        faults=("401",),
    ),
    Walk(
        "without-library",
        "1102",
        (
            State("journey-without-library", *JOURNEY, no_journey),
            State("figures-without-library", *TEAM, no_figures),
        ),
        before=without_library,
        faults=("ERR_FAILED",),
    ),
)
