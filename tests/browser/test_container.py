"""Both gadgets in a container as unkind as Shindig: what hangs, what is escaped, what it adds, what does not load."""

from collections.abc import Callable

from playwright.sync_api import Route

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab

ANN, WEI = "cc_CustomerId=C-10042", "cc_CustomerId=C-10001"
Open = Callable[..., Desktop]


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
