"""Two things at once: what the desktop and a call, or two calls, do to a gadget together."""

from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.browser.analytics import LONG, of_teams
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab

ANN = "cc_CustomerId=C-10042"
WEI = "cc_CustomerId=C-10001"
UNKNOWN = "Customer unknown"
Open = Callable[..., Desktop]


def test_a_failover_during_a_consult_finds_the_customer_and_the_consult_again(two_nodes: Lab, desktop: Open) -> None:
    agent, colleague = desktop().sign_in("1001"), desktop().sign_in("1002")
    call = two_nodes.call("1001", ANN)
    agent.sees_customer("C-10042")
    two_nodes.move(call, "consult", to="1002")
    agent.sees_call("CONSULTING")
    colleague.sees(UNKNOWN)
    two_nodes.control("failover", jitterSeconds=0)
    for one in (agent, colleague):
        one.page.wait_for_url(f"{two_nodes.second}/**", timeout=LONG)
    agent.sees_customer("C-10042")
    agent.sees_call("CONSULTING")
    colleague.sees(UNKNOWN)
    two_nodes.move(call, "transfer")
    colleague.sees_customer("C-10042")
    agent.sees_call("ended")


def test_of_two_calls_one_is_transferred_and_the_other_is_shown_again(desktop: Open, lab: Lab) -> None:
    agent, colleague = desktop().sign_in("1003"), desktop().sign_in("1004")
    first = lab.call("1003", ANN)
    agent.sees_customer("C-10042")
    lab.move(first, "hold")
    second = lab.call("1003", WEI)
    agent.sees_customer("C-10001")
    lab.move(second, "consult", to="1004")
    agent.sees_call("CONSULTING")
    lab.move(second, "transfer")
    colleague.sees_customer("C-10001")
    agent.sees_customer("C-10042")
    agent.sees_call("HELD")
    assert agent.questions("/gadgets/journey") == 2


def test_a_reload_in_wrap_up_finds_the_customer_in_wrap_up(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1005")
    call = lab.call("1005", ANN)
    agent.sees_customer("C-10042")
    lab.move(call, "wrapup")
    agent.sees_call("WRAP_UP")
    agent.page.reload()
    agent.sees_customer("C-10042")
    agent.sees_call("WRAP_UP")


def test_a_token_that_rotates_during_a_slow_question_is_replaced_once(sso: float, desktop: Open, lab: Lab) -> None:
    slow: list[Route] = []

    def first_is_slow(route: Route) -> None:
        if slow:
            return route.continue_()
        return slow.append(route)

    agent = desktop().sign_in("1006")
    agent.sees("No call")
    agent.page.route(f"{lab.service}/gadgets/journey?**", first_is_slow)
    with agent.page.expect_request("**/gadgets/journey?**"):
        lab.call("1006", ANN)
    agent.rest(2 * sso)
    slow[0].continue_()
    agent.sees_customer("C-10042")
    assert agent.questions("/gadgets/journey") == 2
    agent.allow_faults("401")


def test_a_period_that_is_changed_five_times_in_a_row_ends_where_it_was_left(desktop: Open) -> None:
    gadget = of_teams(desktop())
    for name in ("7 days", "90 days", "30 days", "7 days", "90 days"):
        gadget.get_by_role("button", name=name, exact=True).click()
    expect(gadget.locator("section[aria-busy=false]")).to_be_attached(timeout=LONG)
    expect(gadget.get_by_role("button", name="90 days")).to_have_attribute("aria-pressed", "true")
    expect(gadget.get_by_role("status").first).to_have_text("Figures updated: All teams, 90 days")
