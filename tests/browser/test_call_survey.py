"""The survey after a call: the agent sees what will happen, the customer declines, and the end is reported."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from commands import pulse
from tests.browser.desktop import WAIT, Desktop
from tests.browser.labs import Lab
from tests.support.services import clean_environ

ANN = "cc_CustomerId={0};Email={0}@example.com"
DISPATCH = """
{id: after-call, name: After a call, questionnaire_name: Post call survey,
 delivery_plan: {id: at-once, name: At once, schedule: [{on_channel: email, text_body: x}]}}
"""
RULES = "{wait_seconds: 1, rules: [{name: all, dispatch: after-call, needs_opt_in: false}]}"
Open = Callable[..., Desktop]


def command(lab: Lab, text: str, *words: str) -> None:
    file = lab.data / "read.yaml"
    file.write_text(text, "utf-8")
    done = CliRunner().invoke(
        pulse, ["dispatch", *words, str(file)], env={**clean_environ(), "PULSE_DATA_DIR": str(lab.data)}
    )
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module", autouse=True)
def ruled(lab: Lab) -> Iterator[None]:
    """Rules by which every customer is asked."""
    command(lab, DISPATCH, "import")
    command(lab, RULES, "rules", "import")
    yield
    command(lab, "rules: []", "rules", "import")


def invited(data: Path, customer: str) -> int:
    with closing(sqlite3.connect(data / "pulse.db")) as database:
        query = "SELECT count(*) FROM invitations WHERE document LIKE ?"
        return int(database.execute(query, [f'%"{customer}"%']).fetchone()[0])


def waits_for(agent: Desktop, is_so: Callable[[], bool]) -> bool:
    for _ in range(100):
        if is_so():
            return True
        agent.rest(0.1)
    return False


def test_a_call_that_has_ended_makes_an_invitation(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1001")
    call = lab.call("1001", ANN.format("S-1"))
    agent.sees_customer("S-1")
    expect(agent.journey.locator("[data-survey=will_go_out]")).to_contain_text("A survey will go out")
    expect(agent.journey.locator("p[role=status]").first).to_contain_text("A survey will go out")
    assert invited(lab.data, "S-1") == 0
    lab.hang_up(call)
    agent.sees_call("ended")
    expect(agent.journey.get_by_role("button", name="The customer declines")).to_have_count(0)
    assert waits_for(agent, lambda: invited(lab.data, "S-1") == 1)


def test_a_customer_who_declines_is_not_asked(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1001")
    call = lab.call("1001", ANN.format("S-2"))
    agent.sees_customer("S-2")
    agent.journey.get_by_role("button", name="The customer declines").focus()
    agent.page.keyboard.press("Enter")
    expect(agent.journey.locator("[data-survey=declined]")).to_contain_text("No survey: the customer declined")
    expect(agent.journey.locator("p[role=status]").first).to_have_text("No survey: the customer declined")
    # Whoever used the keyboard goes on from where he was.
    expect(agent.journey.locator("section.gadget")).to_be_focused()
    lab.hang_up(call)
    agent.sees_call("ended")
    # Another customer, hung up later, is asked: by then this one would have been.
    lab.hang_up(lab_call(agent, lab, "S-3"))
    assert waits_for(agent, lambda: invited(lab.data, "S-3") == 1)
    assert invited(lab.data, "S-2") == 0


def lab_call(agent: Desktop, lab: Lab, customer: str) -> str:
    call = lab.call("1001", ANN.format(customer))
    agent.sees_customer(customer)
    return call


def test_reports_are_sent_again_while_the_service_is_away(desktop: Open, lab: Lab) -> None:
    agent = desktop(clock=True).sign_in("1001")
    call = lab_call(agent, lab, "S-4")
    agent.allow_faults("net::ERR", "Failed to load")
    agent.page.route("**/gadgets/calls/*", away := lambda route: route.abort())
    agent.journey.get_by_role("button", name="The customer declines").click()
    expect(agent.journey.get_by_role("button", name="Loading…")).to_have_attribute("aria-disabled", "true")
    agent.settle()
    agent.page.unroute("**/gadgets/calls/*", away)
    agent.put_forward(70)
    expect(agent.journey.locator("[data-survey=declined]")).to_be_visible(timeout=WAIT)
    lab.hang_up(call)


def test_a_transfer_makes_one_invitation(desktop: Open, lab: Lab) -> None:
    agent, colleague = desktop().sign_in("1001"), desktop().sign_in("1002")
    call = lab_call(agent, lab, "S-5")
    lab.move(call, "consult", to="1002")
    agent.sees_call("CONSULTING")
    lab.move(call, "transfer")
    colleague.sees_customer("S-5")
    expect(colleague.journey.locator("[data-survey=will_go_out]")).to_be_visible()
    agent.sees_call("ended")
    lab.end_calls()
    colleague.sees_call("ended")
    assert waits_for(agent, lambda: invited(lab.data, "S-5") == 1)
    agent.rest(2.5)
    assert invited(lab.data, "S-5") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_chinese_at_300_pixels_all_of_it_can_be_seen(desktop: Open, lab: Lab, scheme: str) -> None:
    agent = desktop(language="zh-TW", scheme=scheme).sign_in("1001")
    lab_call(agent, lab, f"S-6-{scheme}")
    agent.widen("cej", "300px")
    line = agent.journey.locator("[data-survey=will_go_out]")
    expect(line).to_contain_text("通話後將發送問卷")
    expect(line.get_by_role("button", name="客戶婉拒")).to_be_in_viewport()
    assert line.evaluate("line => line.scrollWidth <= line.clientWidth")
    line.get_by_role("button", name="客戶婉拒").click()
    expect(agent.journey.locator("[data-survey=declined]")).to_contain_text("不發送問卷：客戶已婉拒")
