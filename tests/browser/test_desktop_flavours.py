"""Both gadgets on other Finesses: a library of 10.5, concatenated scripts, a Multi-Tab frame; and on a bad network."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.browser.desktop import WAIT, Desktop
from tests.browser.labs import Lab

ANN = "cc_CustomerId=C-10042"
FLAVOURS = [{"library": "10.5"}, {"concat": "1"}, {"frame": "multitab"}, {"library": "10.5", "concat": "1"}]
LIBRARY = re.compile(r"/desktop/assets/js/finesse(\.min)?\.js")
Open = Callable[..., Desktop]

every_flavour = pytest.mark.parametrize(
    "flavour", FLAVOURS, ids=lambda flavour: "+".join(map("=".join, flavour.items()))
)


@every_flavour
def test_the_journey_is_there_over_hold_wrap_up_and_a_reload(desktop: Open, lab: Lab, flavour: dict[str, str]) -> None:
    agent = desktop(flavour=flavour).sign_in("1001")
    call = lab.call("1001", ANN, variables={})
    agent.sees_customer("C-10042")
    lab.move(call, "hold")
    agent.sees_call("HELD")
    lab.move(call, "wrapup")
    agent.sees_call("WRAP_UP")
    lab.hang_up(call)
    agent.sees_call("ended")
    agent.page.reload()
    agent.sees_customer("C-10042")
    agent.sees_call("ended")


@every_flavour
def test_the_figures_are_there(desktop: Open, flavour: dict[str, str]) -> None:
    supervisor = desktop(flavour=flavour).sign_in("1102")
    supervisor.tab("teamData")
    gadget = supervisor.gadget("cea-team")
    expect(gadget.locator(".tile .score").first).not_to_be_empty(timeout=WAIT)
    expect(gadget.get_by_role("button", name="Ann Lee").first).to_be_visible()


def test_behind_another_tab_of_a_multi_tab_gadget_nothing_is_lost(desktop: Open, lab: Lab) -> None:
    agent = desktop(flavour={"frame": "multitab", "front": "notes"}).sign_in("1002")
    lab.call("1002", ANN)
    expect(agent.journey.locator(".customer h2")).to_be_attached(timeout=WAIT)
    agent.page.locator("[data-inner=cej]").click()
    answers = agent.sees_customer("C-10042")
    expect(answers.last).to_be_visible()
    frame = agent.page.locator("iframe[data-gadget=cej]")
    agent.rest(0.5)
    content = agent.journey.locator("#pulse").evaluate("root => root.offsetHeight")
    assert abs(frame.evaluate("frame => frame.clientHeight") - content) <= 1


@pytest.fixture
def slow_network(lab: Lab) -> Iterator[None]:
    lab.control("network", latencyMs=400)
    yield
    lab.control("network", latencyMs=0)


def test_a_network_that_is_slow_and_loses_each_question_once_shows_the_customer_in_the_end(
    slow_network: None, desktop: Open, lab: Lab
) -> None:
    lost: set[str] = set()

    def lose_once(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.method == "OPTIONS" or path in lost:
            return route.continue_()
        lost.add(path)
        return route.abort()

    agent = desktop(clock=True)
    for questions in (f"{lab.service}/gadgets/**", "**/finesse/api/User/1003", "**/finesse/api/User/1003/Dialogs"):
        agent.page.route(questions, lose_once)
    agent.sign_in("1003")
    lab.call("1003", ANN)
    for _ in range(10):
        if len(lost) < 4:
            agent.put_forward(10)
    agent.put_forward(10)
    agent.sees_customer("C-10042")
    assert len(lost) == 4
    agent.allow_faults("ERR_FAILED")


def test_behind_ciscos_reverse_proxy_the_library_may_come_after_the_module(desktop: Open, lab: Lab) -> None:
    """From outside, the module is asked for by a script, at the proxy's name for this service."""
    proxied, modules = "https://pulse.proxy.example.com", list[str]()

    def pass_on(route: Route) -> None:
        modules.append(route.request.url)
        route.fulfill(response=route.fetch(url=route.request.url.replace(proxied, lab.service)))

    agent = desktop().attribute(externalServerHostAndPort_pulse=urlsplit(proxied).netloc)
    agent.page.route(f"{lab.service}/**", lambda route: route.abort())
    agent.page.route(f"{proxied}/**", pass_on)
    held = agent.hold(LIBRARY)
    lab.call("1003", ANN)
    agent.sign_in("1003")
    for _ in range(100):
        if held and any("pulse.en.js" in url for url in modules):
            break
        agent.rest(0.1)
    agent.settle()
    agent.page.unroute(LIBRARY)
    for route in held:
        route.continue_()
    agent.sees_customer("C-10042")
    agent.allow_faults("ERR_FAILED")


UNFILLED = """
  let shell;
  const give = (value) => {
    shell = { ...value, module: value.module.replace("pulse.en.", "pulse.__MSG_locale__.") };
  };
  Object.defineProperty(window, "finessePulse", { get: () => shell, set: give });
"""


def test_a_container_that_fills_in_no_language_gets_english(desktop: Open, lab: Lab) -> None:
    agent = desktop()
    agent.context.add_init_script(UNFILLED)
    # As the name with the empty place in it, which the page has too then, leads nowhere.
    agent.page.route("**/static/*/pulse.en.js", lambda route: route.abort())
    lab.call("1004", ANN)
    agent.sign_in("1004")
    agent.sees_customer("C-10042")
    agent.allow_faults("ERR_FAILED")
