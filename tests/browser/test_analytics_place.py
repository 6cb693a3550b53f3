"""Where a person was in CEA: kept over a reload and a failover, never over what they may see; and no polls unseen."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Response, Route, expect

from tests.browser.analytics import LONG, again, comments, is_pulse, of_agent, of_teams, open_agent
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab

Open = Callable[..., Desktop]


def saves_csat(answered: Response) -> bool:
    request = answered.request
    return request.method == "PUT" and "/desktop/cache/" in request.url and "csat" in (request.post_data or "")


def test_a_reload_comes_back_to_the_same_place(desktop: Open) -> None:
    one = desktop()
    gadget = of_teams(one)
    gadget.get_by_role("button", name="Support").click()
    gadget.get_by_role("button", name="90 days").click()
    expect(gadget.locator("tr[data-agent='6002']")).to_have_count(0, timeout=LONG)
    gadget.locator("[data-trend=ces]").first.click()
    gadget.locator("th.csat-cell button").click()
    gadget.locator("th.csat-cell button").click()
    open_agent(gadget, "6007")
    gadget.get_by_role("button", name="detractors").click()
    one.page.reload()
    gadget = again(one)
    for name in ("Support", "90 days", "detractors"):
        expect(gadget.get_by_role("button", name=name, exact=True).first).to_have_attribute("aria-pressed", "true")
    expect(gadget.locator("[data-trend=ces]").first).to_have_attribute("aria-pressed", "true")
    expect(gadget.locator("th.csat-cell")).to_have_attribute("aria-sort", "ascending")
    expect(gadget.locator("tr[data-detail='6007'] .score").first).to_be_visible(timeout=LONG)
    expect(gadget.locator(".comments h3")).to_contain_text("Ben Ortiz")
    expect(comments(gadget)).not_to_have_count(0, timeout=LONG)


def test_a_failover_to_the_other_node_comes_back_to_the_same_place(desktop: Open, lab: Lab) -> None:
    one = desktop()
    gadget = of_teams(one)
    gadget.get_by_role("button", name="7 days").click()
    with one.page.expect_response(saves_csat):
        gadget.locator("[data-trend=csat]").first.click()
    lab.control("failover")
    try:
        one.page.wait_for_url(f"{lab.second}/**", timeout=LONG)
        gadget = again(one)
        expect(gadget.get_by_role("button", name="7 days")).to_have_attribute("aria-pressed", "true")
        expect(gadget.locator("[data-trend=csat]")).to_have_attribute("aria-pressed", "true")
    finally:
        lab.control("failover")
    # Whoever signs in at the very moment is told that Finesse does not answer.
    one.allow_faults("ERR_", "502")


def test_the_layout_says_where_everybody_begins(desktop: Open) -> None:
    gadget = of_agent(desktop().attribute(period="7d"))
    expect(gadget.get_by_role("button", name="7 days")).to_have_attribute("aria-pressed", "true")


def test_a_team_that_is_not_supervised_any_more_is_forgotten(desktop: Open) -> None:
    one = desktop()
    gadget = of_teams(one, "1101")
    gadget.get_by_role("button", name="7 days").click()
    found = gadget.locator("body").evaluate(
        """() => {
          const cache = window.finesse?.utilities?.DesktopCache;
          const found = [];
          for (const [key, value] of Object.entries(sessionStorage)) {
            if (!key.includes("cea.")) continue;
            const place = { ...JSON.parse(value), team: "5002" };
            sessionStorage.setItem(key, JSON.stringify(place));
            cache?.saveOrUpdateData([{ key, data: place }], () => undefined);
            found.push(key);
          }
          return found;
        }"""
    )
    assert len(found) == 1
    one.settle()
    one.page.reload()
    gadget = again(one)
    expect(gadget.locator("tr[data-agent='6001']")).to_be_visible(timeout=LONG)
    assert any("403" in fault for fault in one.faults)
    one.allow_faults("403")


def test_figures_that_nobody_sees_are_not_asked_for(desktop: Open) -> None:
    one = desktop(clock=True)
    gadget = of_teams(one)
    one.tab("home")
    one.settle()
    asked: list[str] = []
    one.page.on("response", lambda answered: asked.append(answered.url) if is_pulse(answered) else None)
    one.put_forward(14)
    assert asked == []
    with one.page.expect_response(is_pulse, timeout=LONG):
        one.tab("teamData")
    expect(gadget.locator(".tile .score").first).not_to_be_empty()


def test_a_sign_in_that_is_refused_for_a_moment_costs_nobody_the_place(desktop: Open, lab: Lab) -> None:
    def refuse(route: Route) -> None:
        code = "invalid_credentials" if urlsplit(route.request.url).path.endswith("session") else "session_required"
        headers = {"Access-Control-Allow-Origin": lab.desktop, "Content-Type": "application/problem+json"}
        route.fulfill(status=401, headers=headers, body=json.dumps({"code": code, "status": 401}))

    one = desktop()
    gadget = of_teams(one)
    gadget.get_by_role("button", name="7 days").click()
    open_agent(gadget, "6001")
    one.page.route(f"{lab.service}/gadgets/**", refuse)
    gadget.get_by_role("button", name="90 days").click()
    expect(gadget.get_by_text("Finesse did not accept your sign-in").first).to_be_visible(timeout=LONG)
    expect(gadget.get_by_role("status").first).to_have_text("Finesse did not accept your sign-in")
    one.page.unroute(f"{lab.service}/gadgets/**")
    gadget.get_by_role("button", name="Retry").first.click()
    expect(gadget.get_by_role("button", name="90 days")).to_have_attribute("aria-pressed", "true", timeout=LONG)
    expect(gadget.locator("tr[data-detail='6001'] .score").first).to_be_visible(timeout=LONG)
    expect(gadget.get_by_role("status").first).to_have_text("Figures updated: All teams, 90 days")
    one.allow_faults("401")
