"""What a gadget costs a desktop that has never seen it: requests to our service, and bytes as they are sent."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Request, expect

from tests.browser.desktop import WAIT, Desktop
from tests.browser.labs import Lab

MOST_BYTES = 60_000
MOST_REQUESTS = 6
Open = Callable[..., Desktop]


@dataclass(frozen=True, slots=True)
class Cost:
    requests: int
    compressed: int


def cost(asked: list[Request], service: str, gadget: str) -> Cost:
    """Of the frame whose gadget XML has this name."""
    own = [request for request in asked if request.url.startswith(service) and gadget in request.frame.url]
    return Cost(len(own), sum(request.sizes()["responseBodySize"] for request in own if "/static/" in request.url))


def test_the_journey_is_small(desktop: Open, lab: Lab) -> None:
    lab.call("1001", "cc_CustomerId=C-10042")
    agent = desktop().sign_in("1001")
    agent.sees_customer("C-10042")
    found = cost(agent.asked, lab.service, "CiscoCXJourneyGadget")
    print(found)
    assert found.requests <= MOST_REQUESTS
    assert 0 < found.compressed <= MOST_BYTES


@pytest.mark.parametrize(("user", "tab"), [("1001", "myStatistics"), ("1102", "teamData")])
def test_the_figures_are_small(desktop: Open, lab: Lab, user: str, tab: str) -> None:
    person = desktop().sign_in(user)
    person.tab(tab)
    gadget = person.gadget("cea-agent" if tab == "myStatistics" else "cea-team")
    expect(gadget.locator(".tile .score").first).not_to_be_empty(timeout=WAIT)
    person.rest(3)
    found = cost(person.asked, lab.service, "CiscoCXAnalyticsGadget")
    print(found)
    assert found.requests <= MOST_REQUESTS
    assert 0 < found.compressed <= MOST_BYTES
