"""What a gadget costs a desktop: requests to our service, with and without preflights, and bytes as they are sent."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, expect

from tests.browser.analytics import TURN_SECONDS
from tests.browser.desktop import WAIT, Desktop
from tests.browser.labs import Lab

# Of both gadgets together, with style and words, as they are sent.
MOST_BYTES = 32_000
MOST_REQUESTS = 5
Open = Callable[..., Desktop]


@dataclass(frozen=True, slots=True)
class Cost:
    requests: int
    compressed: int


def cost(asked: list[Request], service: str, gadget: str) -> Cost:
    """Of the frame whose gadget XML has this name."""
    own = [request for request in asked if request.url.startswith(service) and gadget in request.frame.url]
    # Less than nothing is told of what came from the browser's cache, where the other gadget's frame was first.
    sizes = [max(0, request.sizes()["responseBodySize"]) for request in own if "/static/" in request.url]
    return Cost(len(own), sum(sizes))


# What a browser remembers of a preflight that does not say how long it is good for.
USUAL_SECONDS = 5


def preflights_too(desktop: Desktop) -> Counter[tuple[str, str]]:
    """Method and path of all that the browser sends to our service from now on, what no script asked for too."""
    sent: Counter[tuple[str, str]] = Counter()

    def note(told: dict[str, Any]) -> None:
        asked = urlsplit(told["request"]["url"])
        if f"{asked.scheme}://{asked.netloc}" == desktop.lab.service:
            sent[told["request"]["method"], asked.path] += 1

    session = desktop.context.new_cdp_session(desktop.page)
    session.send("Network.enable")
    session.on("Network.requestWillBeSent", note)
    return sent


def test_the_journey_is_small(desktop: Open, lab: Lab) -> None:
    lab.call("1001", "cc_CustomerId=C-10042")
    agent = desktop().sign_in("1001")
    agent.sees_customer("C-10042")
    found = cost(agent.asked, lab.service, "CiscoCXJourneyGadget")
    print(found)
    assert 0 < found.requests <= MOST_REQUESTS
    assert found.compressed <= MOST_BYTES


@pytest.mark.parametrize(("user", "tab"), [("1001", "myStatistics"), ("1102", "teamData")])
def test_the_figures_are_small(desktop: Open, lab: Lab, user: str, tab: str) -> None:
    person = desktop().sign_in(user)
    person.tab(tab)
    gadget = person.gadget("cea-agent" if tab == "myStatistics" else "cea-team")
    expect(gadget.locator(".tile .score").first).not_to_be_empty(timeout=WAIT)
    person.settle()
    found = cost(person.asked, lab.service, "CiscoCXAnalyticsGadget")
    print(found)
    assert 0 < found.requests <= MOST_REQUESTS
    assert found.compressed <= MOST_BYTES


def test_a_desktop_fetches_what_both_gadgets_need_once_and_in_its_own_language_alone(desktop: Open, lab: Lab) -> None:
    lab.call("1003", "cc_CustomerId=C-10042")
    agent = desktop(language="zh-TW")
    names: dict[str, str] = {}
    fetched: Counter[str] = Counter()
    session = agent.context.new_cdp_session(agent.page)
    session.send("Network.enable")
    session.on("Network.requestWillBeSent", lambda told: names.update({told["requestId"]: told["request"]["url"]}))
    session.on("Network.loadingFinished", lambda told: fetched.update([names[told["requestId"]]] * sent(told)))
    agent.sign_in("1003").sees_customer("C-10042")
    agent.tab("myStatistics")
    expect(agent.gadget("cea-agent").locator(".tile .score").first).not_to_be_empty(timeout=WAIT)
    agent.settle()
    static = {name: times for name, times in fetched.items() if "/static/" in name}
    assert {name.rsplit("/", 1)[1] for name in static} == {"pulse.zh-TW.js"}
    assert set(static.values()) == {1}
    answers = [(request.url, request.response()) for request in agent.asked if request.url in static]
    sizes = {url: int(answer.header_value("content-length") or 0) for url, answer in answers if answer}
    print(sizes)
    assert 0 < sum(sizes.values()) <= MOST_BYTES


def sent(told: dict[str, Any]) -> bool:
    """Whether it came over the network."""
    size: float = told["encodedDataLength"]
    return size > 0


def test_figures_that_are_asked_for_again_need_no_preflight_again(desktop: Open) -> None:
    supervisor = desktop(clock=True)
    sent = preflights_too(supervisor)
    supervisor.sign_in("1101").tab("teamData")
    expect(supervisor.gadget("cea-team").locator(".tile .score").first).not_to_be_empty(timeout=WAIT)
    supervisor.rest(USUAL_SECONDS + 1)
    for _ in range(2):
        supervisor.put_forward(TURN_SECONDS)
    assert sent["GET", "/gadgets/pulse"] >= 3
    assert sent["OPTIONS", "/gadgets/pulse"] == 1


def test_a_call_costs_one_request_and_only_the_first_a_preflight(desktop: Open, lab: Lab) -> None:
    agent = desktop()
    sent = preflights_too(agent)
    agent.sign_in("1002").sees("No call")
    for customer in ("C-10042", "C-10001"):
        call = lab.call("1002", f"cc_CustomerId={customer}")
        agent.sees_customer(customer)
        lab.hang_up(call)
    assert (sent["POST", "/gadgets/journey"], sent["OPTIONS", "/gadgets/journey"]) == (2, 1)
