"""What a desktop does to its gadgets: tokens that rotate, a node that fails, tabs, panes, an ended session."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import FrameLocator, Locator, Route, expect

from tests.browser.analytics import POLL_SECONDS, is_pulse, width
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

ANN = "cc_CustomerId=C-10042"
WEI = "cc_CustomerId=C-10001"
LONG = 30_000
Open = Callable[..., Desktop]

# A machine whose clock is wrong.
TWO_HOURS_AHEAD = """
const ahead = 7_200_000;
const now = Date.now.bind(Date);
window.Date = class extends Date {
  constructor(...given) { given.length ? super(...given) : super(now() + ahead); }
  static now() { return now() + ahead; }
};
"""


def shown(gadget: FrameLocator) -> Locator:
    score = gadget.locator(".tile .score").first
    expect(score).not_to_be_empty(timeout=LONG)
    return score


def test_a_token_that_rotates_is_never_noticed(sso: float, desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1001")
    agent.sees("No call")
    for customer in ("C-10042", "C-10001", "C-10002"):
        agent.rest(sso)
        call = lab.call("1001", f"cc_CustomerId={customer}")
        agent.sees_customer(customer)
        lab.hang_up(call)
    requests = [request for request in agent.requests if "/gadgets/journey" in request.url and request.method == "POST"]
    credentials = {request.headers["x-finesse-authorization"] for request in requests}
    assert len(credentials) == 3
    assert all(credential.startswith("Bearer ") for credential in credentials)
    assert agent.questions("/gadgets/session") == 1


def test_after_a_failover_the_call_is_found_again_in_a_new_session(two_nodes: Lab, desktop: Open) -> None:
    agent = desktop().sign_in("1002")
    two_nodes.call("1002", ANN)
    agent.sees_customer("C-10042")
    two_nodes.control("failover", jitterSeconds=0)
    agent.page.wait_for_url(f"{two_nodes.second}/**", timeout=LONG)
    agent.sees_customer("C-10042")
    agent.sees_call("ACTIVE")
    origins = {
        request.all_headers()["origin"]
        for request in agent.requests
        if urlsplit(request.url).path == "/gadgets/session" and request.method == "POST"
    }
    assert origins == {two_nodes.desktop, two_nodes.second}


def test_after_a_failover_the_last_customer_is_still_there(two_nodes: Lab, desktop: Open) -> None:
    agent = desktop().sign_in("1003")
    call = two_nodes.call("1003", ANN)
    agent.sees_customer("C-10042")
    two_nodes.hang_up(call)
    agent.sees_call("ended")
    two_nodes.control("failover", jitterSeconds=0)
    agent.page.wait_for_url(f"{two_nodes.second}/**", timeout=LONG)
    agent.sees_customer("C-10042")
    agent.sees_call("ended")


def test_desktops_that_come_over_ask_in_turn_but_a_new_call_is_shown_at_once(two_nodes: Lab, desktop: Open) -> None:
    agent = desktop(clock=True)
    agent.context.add_init_script("Math.random = () => 0.999")
    agent.sign_in("1004")
    first = two_nodes.call("1004", ANN)
    agent.sees_customer("C-10042")
    agent.put_forward(11)
    agent.requests.clear()
    two_nodes.control("failover", jitterSeconds=0)
    agent.page.wait_for_url(f"{two_nodes.second}/**", timeout=LONG)
    expect(agent.journey.locator("[data-state=loading]")).to_be_visible(timeout=LONG)
    agent.put_forward(3)
    assert agent.questions("/gadgets/session") == 0
    two_nodes.hang_up(first)
    two_nodes.call("1004", WEI)
    expect(agent.journey.locator(".customer h2")).to_contain_text("C-10001", timeout=8_000)


def test_desktops_that_reload_together_without_a_call_open_their_sessions_in_turn(desktop: Open) -> None:
    agent = desktop(clock=True)
    agent.context.add_init_script("Math.random = () => 0.999")
    agent.sign_in("1004")
    agent.sees("No call")
    agent.put_forward(11)
    assert agent.questions("/gadgets/session") == 1
    agent.page.reload()
    agent.sees("No call")
    agent.put_forward(6)
    assert agent.questions("/gadgets/session") == 1


def test_figures_on_a_hidden_tab_or_a_collapsed_pane_are_not_asked_for(desktop: Open) -> None:
    supervisor = desktop(clock=True).sign_in("1102")
    supervisor.sees("No call")
    supervisor.put_forward(POLL_SECONDS)
    assert supervisor.questions("/gadgets/pulse") == 0
    supervisor.tab("teamData")
    shown(supervisor.gadget("cea-team"))
    supervisor.tab("home")
    before = supervisor.questions("/gadgets/pulse")
    supervisor.put_forward(POLL_SECONDS)
    assert supervisor.questions("/gadgets/pulse") == before
    supervisor.tab("teamData")
    supervisor.page.locator("#panel-teamData button.collapse").click()
    supervisor.rest(2)
    before = supervisor.questions("/gadgets/pulse")
    supervisor.put_forward(POLL_SECONDS)
    assert supervisor.questions("/gadgets/pulse") == before
    with supervisor.page.expect_response(is_pulse, timeout=LONG):
        supervisor.page.locator("#panel-teamData button.collapse").click()


def test_a_hidden_tab_whose_panes_keep_their_size_is_known_by_the_events_of_finesse(desktop: Open) -> None:
    supervisor = desktop(clock=True).sign_in("1101")
    supervisor.sees("No call")
    aside = "position: absolute !important; left: -10000px; width: 1000px"
    supervisor.page.add_style_tag(content=f".panel[hidden] {{ display: block !important; {aside} }}")
    supervisor.tab("teamData")
    shown(supervisor.gadget("cea-team"))
    supervisor.tab("home")
    before = supervisor.questions("/gadgets/pulse")
    supervisor.put_forward(POLL_SECONDS)
    assert supervisor.questions("/gadgets/pulse") == before
    with supervisor.page.expect_response(is_pulse, timeout=LONG):
        supervisor.tab("teamData")


def test_a_desktop_behind_another_window_keeps_its_figures_fresh(desktop: Open) -> None:
    supervisor = desktop(clock=True)
    supervisor.context.add_init_script("Object.defineProperty(document, 'hidden', { get: () => true })")
    supervisor.sign_in("1101")
    supervisor.tab("teamData")
    shown(supervisor.gadget("cea-team"))
    before = supervisor.questions("/gadgets/pulse")
    supervisor.put_forward(POLL_SECONDS)
    assert supervisor.questions("/gadgets/pulse") > before


def test_a_gadget_is_as_high_as_its_content_when_its_tab_is_shown(desktop: Open) -> None:
    supervisor = desktop().sign_in("1102")
    supervisor.tab("teamData")
    shown(supervisor.gadget("cea-team"))
    supervisor.tab("home")
    supervisor.tab("teamData")
    frame = supervisor.page.locator("iframe[data-gadget=cea-team]")
    content = supervisor.gadget("cea-team").locator("#pulse")
    content.evaluate("async () => new Promise((done) => setTimeout(done, 500))")
    assert abs(frame.evaluate("frame => frame.clientHeight") - content.evaluate("root => root.offsetHeight")) <= 1


def test_the_maximised_view_fills_the_pane_and_comes_back(desktop: Open) -> None:
    supervisor = desktop().sign_in("1102")
    supervisor.tab("teamData")
    gadget = supervisor.gadget("cea-team")
    shown(gadget)
    frame = supervisor.page.locator("iframe[data-gadget=cea-team]")
    usual = frame.evaluate("frame => frame.clientHeight")
    supervisor.page.locator("#panel-teamData button.maximise").click()
    expect(gadget.locator("html.canvas.bounded")).to_be_attached()
    root = gadget.locator("#pulse")
    assert root.evaluate("root => root.clientHeight === window.innerHeight && root.scrollHeight >= root.clientHeight")
    supervisor.page.locator("#panel-teamData button.maximise").click()
    expect(gadget.locator("html.canvas")).to_have_count(0)
    frame.evaluate("async () => new Promise((done) => setTimeout(done, 500))")
    assert abs(frame.evaluate("frame => frame.clientHeight") - usual) <= 1


def refused(route: Route, code: str) -> None:
    if route.request.method == "OPTIONS":
        return route.fallback()
    origin = route.request.headers.get("origin", "")
    headers = {"Access-Control-Allow-Origin": origin, "Content-Type": "application/problem+json"}
    return route.fulfill(status=401, headers=headers, body=json.dumps({"code": code, "status": 401}))


def token_is_over(route: Route) -> None:
    refused(route, "session_required")


def test_an_ended_session_is_told_once_and_a_click_goes_on(desktop: Open, lab: Lab) -> None:
    agent = desktop(clock=True)
    agent.page.route(f"{lab.service}/gadgets/session", lambda route: refused(route, "invalid_credentials"))
    agent.sign_in("1005")
    lab.call("1005", ANN)
    agent.sees("Finesse did not accept your sign-in")
    agent.put_forward(8)
    assert agent.questions("/gadgets/session") == 1
    agent.page.unroute(f"{lab.service}/gadgets/session")
    agent.journey.get_by_role("button", name="Retry").focus()
    agent.page.keyboard.press("Enter")
    agent.sees_customer("C-10042")
    expect(agent.journey.locator("section.gadget")).to_be_focused()
    agent.faults = [fault for fault in agent.faults if "401" not in fault]


def test_nobody_signed_in_any_more_is_told_and_nothing_is_sent(desktop: Open, lab: Lab) -> None:
    agent = desktop()
    agent.page.route("**/desktop/events*", lambda route: route.abort())
    agent.sign_in("1005")
    agent.sees("No call")
    agent.tab("myStatistics")
    gadget = agent.gadget("cea-agent")
    shown(gadget)
    agent.page.evaluate("sessionStorage.removeItem('userFinesseAuth')")
    agent.page.route(f"{lab.service}/gadgets/pulse?**", token_is_over)
    agent.requests.clear()
    gadget.get_by_role("button", name="7 days").click()
    expect(gadget.get_by_text("The session on this desktop has ended", exact=True).last).to_be_visible(timeout=LONG)
    expect(gadget.get_by_role("status")).to_have_text("The session on this desktop has ended")
    gadget.get_by_role("button", name="Retry").click()
    agent.rest(2)
    assert agent.questions("/gadgets/session") == 0
    agent.faults.clear()


def test_how_long_ago_is_told_by_the_clock_of_finesse(desktop: Open, lab: Lab) -> None:
    lab.bring_in(answer("C-clock", nps=9))
    agent = desktop()
    agent.context.add_init_script(TWO_HOURS_AHEAD)
    agent.sign_in("1006")
    lab.call("1006", "cc_CustomerId=C-clock")
    agent.sees_customer("C-clock")
    expect(agent.journey.locator(".verdict")).to_contain_text("minute")
    expect(agent.journey.locator(".verdict")).not_to_contain_text("hour")


def test_nothing_runs_over_the_edge_of_a_pane(desktop: Open, lab: Lab) -> None:
    agent = desktop()
    agent.page.set_viewport_size({"width": 1900, "height": 900})
    agent.sign_in("1007")
    lab.call("1007", ANN)
    agent.sees_customer("C-10042")
    page = agent.journey.locator("html")
    for pixels in (300, 640, 1200, 1600):
        width(agent, "cej", pixels)
        assert page.evaluate("page => page.clientWidth") == pixels
        assert page.evaluate("page => page.scrollWidth") <= pixels


def test_earlier_answers_are_reached_with_the_keyboard_alone(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1008")
    lab.call("1008", ANN)
    answers = agent.sees_customer("C-10042")
    expect(answers).to_have_count(5)
    more = agent.journey.locator(".earlier button")
    more.focus()
    agent.page.keyboard.press("Enter")
    expect(answers).to_have_count(7)
    expect(answers.nth(5)).to_be_focused()
