"""Every way a call can go: CEJ shows the right customer at each step, and nobody else's."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab

ANN = "cc_CustomerId=C-10042;Email=ann@example.com;Mobile=886912344455"
WEI = "cc_CustomerId=C-10001"
UNKNOWN = "Customer unknown"
Open = Callable[..., Desktop]


def test_on_hold_and_back_the_customer_stays_and_is_not_asked_again(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1001")
    call = lab.call("1001", ANN)
    agent.sees_customer("C-10042")
    agent.sees_call("ACTIVE")
    lab.move(call, "hold")
    agent.sees_call("HELD")
    lab.move(call, "retrieve")
    agent.sees_call("ACTIVE")
    agent.sees_customer("C-10042")
    assert agent.questions("/gadgets/journey") == 1


def test_a_call_that_rings_is_shown_as_ringing(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1001")
    call = lab.call("1001", ANN, state="ALERTING")
    agent.sees_customer("C-10042")
    agent.sees_call("ALERTING")
    lab.move(call, "answer")
    agent.sees_call("ACTIVE")


def test_while_a_colleague_is_consulted_the_customer_stays(desktop: Open, lab: Lab) -> None:
    agent, colleague = desktop().sign_in("1001"), desktop().sign_in("1002")
    call = lab.call("1001", ANN)
    agent.sees_customer("C-10042")
    lab.move(call, "consult", to="1002")
    agent.sees_call("CONSULTING")
    agent.sees_customer("C-10042")
    colleague.sees(UNKNOWN)
    expect(colleague.journey.get_by_text("2001")).to_have_count(0)


def test_a_colleague_sees_the_customer_whom_the_consult_is_about_where_it_says_so(desktop: Open, lab: Lab) -> None:
    colleague = desktop().sign_in("1002")
    call = lab.call("1001", ANN)
    lab.move(call, "consult", to="1002", withData=True)
    colleague.sees_customer("C-10042")


def test_a_transferred_customer_goes_to_the_colleague(desktop: Open, lab: Lab) -> None:
    agent, colleague = desktop().sign_in("1001"), desktop().sign_in("1002")
    call = lab.call("1001", ANN)
    agent.sees_customer("C-10042")
    lab.move(call, "consult", to="1002")
    colleague.sees(UNKNOWN)
    lab.move(call, "transfer")
    colleague.sees_customer("C-10042")
    colleague.sees_call("ACTIVE")
    agent.sees_call("ended")
    agent.sees_customer("C-10042")


def test_in_a_conference_both_see_the_customer(desktop: Open, lab: Lab) -> None:
    agent, colleague = desktop().sign_in("1003"), desktop().sign_in("1004")
    call = lab.call("1003", ANN)
    agent.sees_customer("C-10042")
    lab.move(call, "consult", to="1004")
    agent.sees_call("CONSULTING")
    lab.move(call, "conference")
    for person in (agent, colleague):
        person.sees_customer("C-10042")
        person.sees_call("CONFERENCE")


def test_a_customer_who_hangs_up_while_a_colleague_is_consulted_stays_as_ended(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1003")
    call = lab.call("1003", ANN)
    agent.sees_customer("C-10042")
    lab.move(call, "consult", to="1004")
    agent.sees_call("CONSULTING")
    lab.hang_up(call)
    agent.sees_call("ended")
    agent.sees_customer("C-10042")


def test_of_two_calls_the_one_spoken_in_is_shown(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1005")
    first = lab.call("1005", ANN)
    agent.sees_customer("C-10042")
    second = lab.call("1005", WEI, state="ALERTING")
    expect(agent.page.locator(f"[data-dialog='{second}']")).to_be_visible()
    agent.sees_customer("C-10042")
    lab.move(first, "hold")
    agent.sees_customer("C-10001")
    agent.sees_call("ALERTING")
    lab.move(second, "retrieve")
    agent.sees_call("ACTIVE")
    lab.move(first, "retrieve")
    agent.sees_customer("C-10042")
    assert agent.questions("/gadgets/journey") == 2
    lab.hang_up(first)
    agent.sees_customer("C-10001")
    agent.sees_call("HELD")


def test_in_wrap_up_and_after_it_the_last_customer_stays_until_the_next_call(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1006")
    call = lab.call("1006", ANN)
    agent.sees_customer("C-10042")
    lab.move(call, "wrapup")
    agent.sees_call("WRAP_UP")
    lab.hang_up(call)
    agent.sees_call("ended")
    agent.page.reload()
    agent.sees_customer("C-10042")
    agent.sees_call("ended")
    lab.call("1006", WEI)
    agent.sees_customer("C-10001")
    agent.sees_call("ACTIVE")


def test_a_call_that_names_nobody_any_more_shows_nobody(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1002")
    call = lab.call("1002", ANN, "2009")
    agent.sees_customer("C-10042")
    lab.move(call, "variables", podId=ANN, variables={"callVariable1": "billing"})
    agent.rest(1)
    agent.sees_customer("C-10042")
    lab.move(call, "variables", variables={"callVariable1": "billing"})
    agent.sees(UNKNOWN)
    lab.move(call, "variables", podId=WEI)
    agent.sees_customer("C-10001")
    lab.move(call, "variables", variables={})
    agent.sees(UNKNOWN)
    lab.hang_up(call)
    agent.sees("No call")


def test_what_one_person_left_behind_is_not_shown_to_the_next(desktop: Open, lab: Lab) -> None:
    shared = desktop().sign_in("1007")
    call = lab.call("1007", ANN)
    shared.sees_customer("C-10042")
    lab.hang_up(call)
    shared.sees_call("ended")
    shared.page.click("#signOut")
    expect(shared.page.locator("#userId")).to_be_visible()
    shared.sign_in("1008")
    shared.sees("No call")
    shared.faults = [fault for fault in shared.faults if "/desktop/events" not in fault]


def test_a_manual_outbound_call_is_about_the_number_that_was_dialled(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1009")
    lab.call("1009", None, "2009", callType="OUT", toAddress="886912344455", state="INITIATED", variables={})
    agent.sees_customer("…4455")
    agent.sees_call("INITIATED")


def test_a_campaign_call_is_about_the_number_of_its_customer(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1010")
    variables = {"BACampaign": "Winter", "BACustomerNumber": "886912344455"}
    call = lab.call(
        "1010", None, "2010", callType="OUTBOUND_PREVIEW", toAddress="2010", state="ALERTING", variables=variables
    )
    agent.sees_customer("…4455")
    agent.sees_call("PREVIEW")
    lab.move(call, "answer")
    agent.sees_call("ACTIVE")


def test_a_call_from_an_extension_or_from_nowhere_has_no_customer(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1011")
    for number in ("2001", "", "8000"):
        agent.sees("No call")
        call = lab.call("1011", None, number, callType="AGENT_INSIDE", variables={})
        agent.sees(UNKNOWN)
        lab.hang_up(call)


def test_a_call_from_a_colleague_does_not_take_the_customer_away(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1012")
    first = lab.call("1012", ANN)
    agent.sees_customer("C-10042")
    lab.move(first, "hold")
    internal = lab.call("1012", None, "2001", callType="AGENT_INSIDE", variables={})
    expect(agent.page.locator(f"[data-dialog='{internal}']")).to_be_visible()
    agent.sees_customer("C-10042")
    agent.sees_call("HELD")


def test_a_number_that_several_customers_share_shows_no_answers(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1011")
    lab.call("1011", None, "886955010077", variables={})
    agent.sees("This number is shared by 2 customers")
    expect(agent.journey.locator("li.answer")).to_have_count(0)


def test_a_supervisor_who_listens_in_sees_no_customer_and_one_who_barges_in_does(desktop: Open, lab: Lab) -> None:
    supervisor, agent = desktop().sign_in("1101"), desktop().sign_in("1002")
    call = lab.call("1002", ANN)
    agent.sees_customer("C-10042")
    lab.move(call, "monitor", by="1101")
    supervisor.sees("Monitoring – customer not shown")
    assert supervisor.questions("/gadgets/journey") == 0
    expect(supervisor.journey.get_by_text("C-10042")).to_have_count(0)
    joined = lab.move(call, "barge", by="1101")
    supervisor.sees_customer("C-10042")
    supervisor.sees_call("CONFERENCE")
    agent.sees_call("CONFERENCE")
    lab.hang_up(joined)
    supervisor.sees_call("ended")
    supervisor.sees_customer("C-10042")
    agent.sees_call("ACTIVE")


def test_auto_activate_brings_the_tab_to_the_front_for_a_new_customer_alone(desktop: Open, lab: Lab) -> None:
    agent = desktop().attribute(autoActivate="true").sign_in("1004")
    home, statistics = agent.page.locator("[data-tab=home]"), agent.page.locator("[data-tab=myStatistics]")
    agent.sees("No call")
    agent.tab("myStatistics")
    internal = lab.call("1004", None, "2001", callType="AGENT_INSIDE", variables={})
    expect(agent.journey.locator("[data-state=unknown]").first).to_be_attached()
    expect(statistics).to_have_attribute("aria-selected", "true")
    lab.hang_up(internal)
    first = lab.call("1004", ANN)
    expect(home).to_have_attribute("aria-selected", "true", timeout=20_000)
    agent.tab("myStatistics")
    lab.move(first, "hold")
    second = lab.call("1004", WEI)
    expect(agent.journey.locator(".customer h2")).to_contain_text("C-10001", timeout=20_000)
    expect(statistics).to_have_attribute("aria-selected", "true")
    lab.hang_up(first)
    lab.move(second, "wrapup")
    expect(agent.journey.locator(".call[data-call=WRAP_UP]")).to_be_attached()
    lab.call("1004", ANN, state="ALERTING")
    expect(home).to_have_attribute("aria-selected", "true", timeout=20_000)
