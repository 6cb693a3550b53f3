"""What the gadgets do when their module is late or never comes, and when the service is gone and comes back."""

from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.browser.analytics import LONG, TURN_SECONDS
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab

ANN = "cc_CustomerId=C-10042"
UNAVAILABLE = "Customer experience unavailable"
Open = Callable[..., Desktop]


def test_a_module_that_is_five_seconds_late_works_as_ever(desktop: Open, lab: Lab) -> None:
    agent = desktop(clock=True)
    late = agent.hold("**/static/*/pulse.en.js")
    with agent.page.expect_request("**/static/*/pulse.en.js"):
        agent.sign_in("1008")
    lab.call("1008", ANN)
    agent.put_forward(4)
    for route in late:
        route.continue_()
    agent.sees_customer("C-10042")
    expect(agent.journey.get_by_text(UNAVAILABLE)).not_to_be_visible()


def test_a_module_that_never_comes_is_told_and_can_be_tried_again(desktop: Open, lab: Lab) -> None:
    agent = desktop(clock=True)
    agent.page.route("**/static/*/pulse.en.js*", lambda route: route.abort())
    with agent.page.expect_request("**/static/*/pulse.en.js*"):
        agent.sign_in("1009")
    agent.put_forward(15)
    expect(agent.journey.get_by_text(UNAVAILABLE)).to_be_visible(timeout=15_000)
    lab.call("1009", ANN)
    agent.page.unroute("**/static/*/pulse.en.js*")
    agent.journey.get_by_role("button", name="Retry").click()
    agent.sees_customer("C-10042")
    expect(agent.journey.get_by_text(UNAVAILABLE)).not_to_be_visible()
    agent.allow_faults("ERR_FAILED")


def test_the_journey_comes_when_the_service_is_back(desktop: Open, lab: Lab) -> None:
    agent = desktop(clock=True).sign_in("1010")
    expect(agent.journey.get_by_text("No call", exact=True)).to_be_visible(timeout=20_000)
    agent.page.route(f"{lab.service}/gadgets/**", lambda route: route.abort("connectionrefused"))
    lab.call("1010", ANN)
    agent.sees("Customer experience cannot be reached")
    expect(agent.journey.get_by_role("status")).to_have_text("Customer experience cannot be reached")
    agent.page.unroute(f"{lab.service}/gadgets/**")
    agent.put_forward(10)
    agent.sees_customer("C-10042")
    agent.allow_faults("ERR_CONNECTION_REFUSED")


def test_the_call_is_found_though_finesse_did_not_answer_at_first(desktop: Open, lab: Lab) -> None:
    lab.call("1012", ANN)
    agent = desktop(clock=True)
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        if len(refused) > 3:
            return route.continue_()
        return route.fulfill(status=503)

    agent.page.route("**/finesse/api/User/1012", refuse)
    agent.page.route("**/finesse/api/User/1012/Dialogs", refuse)
    agent.sign_in("1012")
    for _ in range(10):
        if len(refused) <= 3:
            agent.put_forward(10)
    agent.sees_customer("C-10042")
    assert len(refused) > 3
    agent.allow_faults("503")


def test_figures_stay_while_the_service_is_gone_and_go_on_when_it_is_back(desktop: Open, lab: Lab) -> None:
    supervisor = desktop(clock=True).sign_in("1102")
    supervisor.tab("teamData")
    gadget = supervisor.gadget("cea-team")
    expect(gadget.locator(".tile .score").first).not_to_be_empty(timeout=20_000)
    supervisor.page.route(f"{lab.service}/gadgets/**", lambda route: route.abort("connectionrefused"))
    supervisor.put_forward(TURN_SECONDS)
    expect(gadget.get_by_text("Not reachable since")).to_be_visible(timeout=LONG)
    expect(gadget.locator(".tile .score").first).not_to_be_empty()
    supervisor.page.unroute(f"{lab.service}/gadgets/**")
    supervisor.put_forward(TURN_SECONDS)
    expect(gadget.get_by_text("Not reachable since")).not_to_be_visible(timeout=60_000)
    supervisor.allow_faults("ERR_CONNECTION_REFUSED")


def test_a_wrong_password_stays_on_the_sign_in_page(desktop: Open) -> None:
    stranger = desktop().sign_in("1011", "wrong")
    expect(stranger.page.locator("#signInFault")).not_to_be_empty()
    stranger.allow_faults("401")
