"""Both gadgets in a container as unkind as Shindig: what hangs, what is escaped, what it adds, what does not load."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.browser.analytics import LONG, is_pulse
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab

ANN, WEI = "cc_CustomerId=C-10042", "cc_CustomerId=C-10001"
UNAVAILABLE = "Customer experience unavailable"
LIBRARY = "**/desktop/assets/js/finesse*.js"
Open = Callable[..., Desktop]


def test_a_service_that_swallows_packets_is_told_within_nine_seconds(desktop: Open, lab: Lab) -> None:
    agent = desktop(clock=True)
    held = agent.hold(f"{lab.service}/**")
    with agent.page.expect_request(f"{lab.service}/**"):
        agent.sign_in("1001")
    agent.put_forward(9)
    agent.sees_frame()
    expect(agent.journey.get_by_text(UNAVAILABLE)).to_be_visible()
    agent.tab("myStatistics")
    expect(agent.gadget("cea-agent").get_by_text(UNAVAILABLE)).to_be_visible()
    agent.tab("home")
    assert held
    lab.call("1001", ANN)
    # Whoever waited for an answer gets it now.
    agent.page.unroute(f"{lab.service}/**")
    agent.sees_customer("C-10042")
    expect(agent.journey.get_by_text(UNAVAILABLE)).not_to_be_attached()


@pytest.mark.parametrize("name", ["cej", "cea-team"])
def test_the_container_adds_no_style_of_its_own(desktop: Open, name: str) -> None:
    supervisor = desktop().sign_in("1102")
    supervisor.tab("home" if name == "cej" else "teamData")
    gadget = supervisor.gadget(name)
    expect(gadget.locator("section.gadget")).to_be_visible(timeout=LONG)
    assert gadget.locator("html").evaluate("() => document.compatMode") == "CSS1Compat"
    families = gadget.locator("section.gadget p").evaluate_all("all => all.map((p) => getComputedStyle(p).fontFamily)")
    assert families
    assert all("system-ui" in family for family in families)


def test_a_parameter_with_quotes_and_brackets_reaches_the_service_as_it_was_written(desktop: Open) -> None:
    written = """Ann's "best" <calls> & more"""
    supervisor = desktop().attribute(questionnaire=written)
    supervisor.sign_in("1102")
    with supervisor.page.expect_response(is_pulse, timeout=LONG) as answer:
        supervisor.tab("teamData")
    assert parse_qs(urlsplit(answer.value.url).query)["questionnaire"] == [written]
    supervisor.allow_faults("400")


def test_a_library_that_does_not_load_is_told_and_can_be_tried_again(desktop: Open, lab: Lab) -> None:
    lab.call("1102", ANN)
    supervisor = desktop()
    supervisor.page.route(LIBRARY, lambda route: route.abort())
    supervisor.sign_in("1102")
    supervisor.sees("Finesse's library did not load")
    supervisor.tab("teamData")
    figures = supervisor.gadget("cea-team")
    expect(figures.get_by_role("alert")).to_contain_text("Finesse's library did not load", timeout=LONG)
    assert supervisor.questions("/gadgets/session") == 0
    supervisor.page.unroute(LIBRARY)
    figures.get_by_role("button", name="Retry").click()
    expect(figures.locator(".tile .score").first).not_to_be_empty(timeout=LONG)
    supervisor.tab("home")
    supervisor.journey.get_by_role("button", name="Retry").click()
    supervisor.sees_customer("C-10042")
    supervisor.allow_faults("ERR_FAILED")


def test_a_call_that_comes_while_finesse_does_not_list_calls_hides_none_that_was_there(desktop: Open, lab: Lab) -> None:
    """What arrives loads the library's collection with itself alone."""
    lab.call("1004", ANN)
    agent = desktop(clock=True)
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=503)

    dialogs = "**/finesse/api/User/1004/Dialogs"
    agent.page.route(dialogs, refuse)
    agent.sign_in("1004")
    agent.sees("No call")
    agent.settle()
    assert refused
    second = lab.call("1004", WEI)
    agent.sees_customer("C-10001")
    agent.page.unroute(dialogs)
    agent.put_forward(10)
    lab.hang_up(second)
    agent.sees_customer("C-10042")
    agent.sees_call("ACTIVE")
    agent.allow_faults("503")
