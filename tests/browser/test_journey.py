"""CEJ on a call: the right customer's answers, newest first, whatever happens to the call and to the page."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, answer

ANN = "cc_CustomerId=C-10042;Email=ann@example.com;Mobile=886912344455"
Open = Callable[..., Desktop]


def test_an_agent_on_a_call_sees_what_this_customer_said_newest_first(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1001")
    lab.call("1001", ANN)
    answers = agent.sees_customer("C-10042")
    expect(agent.journey.locator(".customer")).to_contain_text("a…@example.com")
    expect(agent.journey.locator(".verdict")).to_contain_text("Unhappy last time")
    expect(answers.first).to_contain_text("nobody called back as promised")
    agent.journey.locator(".earlier button").click()
    expect(answers).to_have_count(7)
    moments = answers.locator("time").evaluate_all("times => times.map((time) => time.dateTime)")
    assert moments == sorted(moments, reverse=True)


def test_no_call_no_customer(desktop: Open) -> None:
    agent = desktop().sign_in("1002")
    expect(agent.journey.get_by_text("No call", exact=True)).to_be_visible(timeout=20_000)


def test_the_next_call_replaces_the_last_customer(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1003")
    first = lab.call("1003", ANN)
    agent.sees_customer("C-10042")
    lab.hang_up(first)
    expect(agent.journey.locator("[data-call=ended]")).to_be_visible()
    lab.call("1003", "cc_CustomerId=C-10077")
    agent.sees_customer("C-10077")
    expect(agent.journey.get_by_text("C-10042")).to_have_count(0)


def test_a_reload_in_mid_call_finds_the_call_again(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1004")
    lab.call("1004", ANN)
    agent.sees_customer("C-10042")
    agent.page.reload()
    agent.sees_customer("C-10042")


def test_a_customer_who_never_answered_is_named_as_such(desktop: Open, lab: Lab) -> None:
    agent = desktop().sign_in("1005")
    lab.call("1005", "cc_CustomerId=C-nobody")
    agent.sees_customer("C-nobody")
    expect(agent.journey.get_by_text("Has never answered a survey")).to_be_visible()


def test_markup_in_a_comment_stays_text(desktop: Open, lab: Lab) -> None:
    comment = '<img src=x onerror="window.top.hit=1"><script>window.top.hit=1</script> & "so" \'on\''
    lab.bring_in(answer("C-markup", nps=2, comment=comment))
    agent = desktop().sign_in("1006")
    lab.call("1006", "cc_CustomerId=C-markup")
    answers = agent.sees_customer("C-markup")
    expect(answers.first.locator(".comment")).to_have_text(comment)
    expect(answers.locator("img")).to_have_count(0)
    assert agent.page.evaluate("window.hit") is None


def test_earlier_answers_come_by_page_and_end_half_an_hour_after_the_call(desktop: Open, lab: Lab) -> None:
    lab.bring_in(*(answer("C-faithful", nps=number % 11) for number in range(50)))
    agent = desktop().sign_in("1012")
    call = lab.call("1012", "cc_CustomerId=C-faithful")
    answers = agent.sees_customer("C-faithful")
    more = agent.journey.locator(".earlier button")
    more.click()
    expect(answers).to_have_count(25)
    lab.hang_up(call)
    agent.sees_call("ended")
    over = '{"code": "no_customer_ref"}'
    allowed = {"Access-Control-Allow-Origin": lab.desktop, "Content-Type": "application/problem+json"}
    agent.page.route(
        "**/gadgets/journey?customerRef=*", lambda route: route.fulfill(status=404, headers=allowed, body=over)
    )
    more.click()
    expect(agent.journey.get_by_text("Earlier answers can be read for 30 minutes after a call.")).to_be_visible()
    expect(answers).to_have_count(25)
    agent.allow_faults("404", "CORS")


def test_a_supervisor_on_a_call_sees_the_customer_too(desktop: Open, lab: Lab) -> None:
    supervisor = desktop().sign_in("1101")
    lab.call("1101", ANN)
    supervisor.sees_customer("C-10042")


def test_the_journey_speaks_traditional_chinese(desktop: Open, lab: Lab) -> None:
    agent = desktop(language="zh-TW").sign_in("1007")
    lab.call("1007", ANN)
    agent.sees_customer("C-10042")
    expect(agent.journey.locator(".verdict")).to_contain_text("上次不滿意")
    expect(agent.journey.locator("html, body").first).not_to_contain_text("Unhappy")
