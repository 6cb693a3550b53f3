"""Answers that come late, out of order or about somebody else: nobody is ever shown in another one's place."""

from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.browser.analytics import LONG, POLL_SECONDS, cell, comments, is_pulse, of_teams, open_agent
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab

ANN = "cc_CustomerId=C-10042"
WEI = "cc_CustomerId=C-10001"
Open = Callable[..., Desktop]


class Held:
    """Requests that a test answers when it is time, in the order that it wants."""

    def __init__(self, desktop: Desktop, address: str, about: str = "") -> None:
        self.desktop = desktop
        self.about = about
        self.routes: list[Route] = []
        desktop.page.route(f"{desktop.lab.service}{address}", self._meet)

    def _meet(self, route: Route) -> None:
        if self.about in route.request.url + (route.request.post_data or ""):
            self.routes.append(route)
        else:
            route.continue_()

    def wait(self) -> None:
        """Until there is one."""
        for _ in range(200):
            if self.routes:
                return
            self.desktop.rest(0.1)
        raise AssertionError("nothing was asked")

    def release(self) -> None:
        """The answers come, to whoever still waits for them."""
        for route in self.routes:
            route.continue_()
        self.routes.clear()
        self.desktop.rest(1)


def test_an_answer_about_a_call_that_is_over_is_not_shown_for_the_next(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1001")
    agent.sees("No call")
    first = lab.call("1001", ANN)
    late = Held(agent, "/gadgets/journey?**", f'"dialogId":"{first}"')
    agent.page.reload()
    late.wait()
    lab.hang_up(first)
    lab.call("1001", WEI)
    agent.sees_customer("C-10001")
    late.release()
    agent.sees_customer("C-10001")
    agent.sees_call("ACTIVE")
    expect(agent.journey.get_by_text("C-10042")).to_have_count(0)


def test_the_last_customer_who_is_found_late_does_not_push_away_the_one_on_the_phone(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1002")
    call = lab.call("1002", ANN)
    agent.sees_customer("C-10042")
    lab.hang_up(call)
    agent.sees_call("ended")
    late = Held(agent, "/gadgets/journey?**", "customerRef=")
    agent.page.reload()
    late.wait()
    lab.call("1002", WEI)
    agent.sees_customer("C-10001")
    late.release()
    agent.sees_customer("C-10001")
    agent.sees_call("ACTIVE")


def test_the_last_customer_who_is_found_late_stays_away_when_there_was_a_call_since(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1003")
    call = lab.call("1003", ANN)
    agent.sees_customer("C-10042")
    lab.hang_up(call)
    agent.sees_call("ended")
    late = Held(agent, "/gadgets/journey?**", "customerRef=")
    agent.page.reload()
    late.wait()
    internal = lab.call("1003", None, "2001", callType="AGENT_INSIDE", variables={})
    agent.sees("Customer unknown")
    lab.hang_up(internal)
    agent.sees("No call")
    late.release()
    agent.sees("No call")


def test_after_a_call_without_a_customer_the_one_before_is_not_the_last_any_more(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1004")
    call = lab.call("1004", ANN)
    agent.sees_customer("C-10042")
    lab.hang_up(call)
    agent.sees_call("ended")
    internal = lab.call("1004", None, "2001", callType="AGENT_INSIDE", variables={})
    agent.sees("Customer unknown")
    lab.hang_up(internal)
    agent.sees("No call")
    agent.page.reload()
    agent.sees("No call")
    agent.rest(2)
    agent.sees("No call")
    assert all("customerRef=" not in request.url for request in agent.requests)


def test_after_listening_in_the_customer_before_is_not_the_last_any_more(desktop: Open, lab: Lab) -> None:
    supervisor = desktop().sign_in("1101")
    own = lab.call("1101", ANN)
    supervisor.sees_customer("C-10042")
    lab.hang_up(own)
    supervisor.sees_call("ended")
    heard = lab.call("1002", WEI)
    lab.move(heard, "monitor", by="1101")
    supervisor.sees("Monitoring – customer not shown")
    lab.hang_up(heard)
    supervisor.sees("No call")
    supervisor.page.reload()
    supervisor.sees("No call")
    supervisor.rest(2)
    supervisor.sees("No call")


def test_figures_of_another_period_that_come_late_are_not_shown(desktop: Open) -> None:
    supervisor = desktop()
    gadget = of_teams(supervisor)
    usual = cell(gadget, "6001", "responses").inner_text()
    late = Held(supervisor, "/gadgets/pulse?**", "period=7d")
    gadget.get_by_role("button", name="7 days").click()
    late.wait()
    gadget.get_by_role("button", name="30 days").click()
    expect(gadget.locator("section[aria-busy=false]")).to_be_attached(timeout=LONG)
    late.release()
    expect(gadget.get_by_role("button", name="30 days")).to_have_attribute("aria-pressed", "true")
    assert cell(gadget, "6001", "responses").inner_text() == usual


def test_comments_of_another_team_that_come_late_are_not_shown(desktop: Open) -> None:
    supervisor = desktop(clock=True)
    gadget = of_teams(supervisor)
    late = Held(supervisor, "/gadgets/comments?**", "team=5002")
    gadget.get_by_role("button", name="Support").click()
    late.wait()
    gadget.get_by_role("button", name="Sales").click()
    expect(comments(gadget).first).to_be_visible(timeout=LONG)
    expect(comments(gadget).filter(has_text="Ben Ortiz")).to_have_count(0)
    shown = comments(gadget).all_inner_texts()
    late.release()
    assert comments(gadget).all_inner_texts() == shown
    with supervisor.page.expect_response(is_pulse, timeout=LONG):
        supervisor.put_forward(POLL_SECONDS)
    supervisor.rest(1)
    expect(gadget.locator(".arrivals button")).to_have_count(0)


def test_an_agent_is_opened_without_the_figures_of_the_one_before(desktop: Open) -> None:
    supervisor = desktop()
    gadget = of_teams(supervisor)
    open_agent(gadget, "6001")
    late = Held(supervisor, "/gadgets/pulse?**", "agent=6002")
    gadget.locator("tr[data-agent='6002'] button").click()
    late.wait()
    detail = gadget.locator("tr[data-detail='6002']")
    expect(detail).to_be_visible()
    expect(detail.locator(".score")).to_have_count(0)
    late.release()
    expect(detail.locator(".score").first).to_be_visible(timeout=LONG)
