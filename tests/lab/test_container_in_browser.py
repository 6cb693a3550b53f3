"""What a gadget can do at run time, in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import FrameLocator, expect

from lab.desktop.parts import Parts
from lab.people import cast
from tests.lab.conftest import Desk, Vendor
from tests.lab.gadget_files import LIBRARY, OWN_SCRIPTS, PLAIN_XML, gadget

PREFS = '<UserPref name="colour" default_value="blue"/><UserPref name="size" default_value="3"/>'
LOADING = (
    '<Require feature="loadingindicator"><Param name="manual-dismiss">true</Param>'
    '<Param name="loading-timeout">{}</Param></Require>'
)
HTML = (
    '<div id="view" style="height:90px"></div>'
    + LIBRARY
    + (
        "<script>gadgets.HubSettings.onConnect = function () {"
        " var services = finesse.containerservices.ContainerServices.init(); var topics = services.Topics;"
        " services.addHandler(topics.GADGET_VIEW_CHANGED_EVENT, function (event) {"
        "   document.getElementById('view').textContent += event.getView() + ' ' + event.getTabId() + ';'; });"
        " window.services = services; };</script>"
    )
)


def show(desk: Desk, vendor: Vendor, head: str = "", user: str = "1001") -> FrameLocator:
    """Sign in with a gadget on the home tab, and wait until it is there."""
    vendor.put("/probe.xml", gadget(HTML, head=OWN_SCRIPTS + head, prefs=PREFS, views="default,canvas"))
    vendor.put("/other.xml", PLAIN_XML)
    desk.sign_in(user)
    frame = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(frame.locator("#view")).to_be_attached()
    return frame


def run(frame: FrameLocator, script: str) -> Any:
    """The value of an expression inside the gadget's frame."""
    loaded = "while (document.readyState !== 'complete') await new Promise((done) => setTimeout(done, 20))"
    return frame.locator("body").evaluate(f"async () => {{ {loaded}; return ({script}) }}")


def test_attributes_of_the_layout_override_preferences_and_set_is_kept(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    assert run(frame, "new gadgets.Prefs().getString('colour')") == "from the layout"
    assert run(frame, "new gadgets.Prefs().getInt('size')") == 3
    run(frame, "new gadgets.Prefs().set('size', '7')")
    desk.page.reload()
    expect(frame.locator("#view")).to_be_attached()
    assert run(frame, "new gadgets.Prefs().getInt('size')") == 7


def test_the_gadgets_own_query_is_found_in_the_url_parameter(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    raw = run(frame, "decodeURIComponent(/[?&]url=([^&]*)/.exec(location.search)[1])")
    assert raw == vendor.url + "/probe.xml?filterTags=cc_AgentId%2Ccc_TeamId&gadgetHeight=310"
    parameters = run(frame, "gadgets.util.getUrlParameters()")
    assert parameters["url"] == raw
    assert parameters["up_urlPrefs"] == vendor.url.removeprefix("http://")


def test_an_api_whose_feature_is_not_required_is_undefined(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    assert run(frame, "[typeof gadgets.loadingindicator, typeof gadgets.views]") == ["undefined", "undefined"]
    assert run(frame, "[typeof gadgets.Hub, typeof gadgets.window.adjustHeight]") == ["object", "function"]


def test_the_title_can_be_set(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    expect(desk.page.locator("#gadget-1 h2")).to_have_text("Probe")
    run(frame, "gadgets.window.setTitle('Better <b>title</b>')")
    expect(desk.page.locator("#gadget-1 h2")).to_have_text("Better <b>title</b>")
    expect(desk.page.locator("iframe[data-gadget=probe]")).to_have_attribute("title", "Better <b>title</b>")


def test_height_without_a_number_is_the_contents(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    run(frame, "gadgets.window.adjustHeight()")
    assert desk.page.locator("iframe[data-gadget=probe]").evaluate("frame => frame.offsetHeight") == 90


def test_maximising_tells_the_gadget_and_keeps_its_page(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    run(frame, "window.mark = 1")
    small = desk.page.locator("iframe[data-gadget=probe]").evaluate("frame => frame.offsetHeight")
    desk.page.get_by_role("button", name="Maximise").click()
    expect(frame.locator("#view")).to_have_text("canvas home;")
    large = desk.page.locator("iframe[data-gadget=probe]").evaluate("frame => frame.offsetHeight")
    assert large > small
    assert run(frame, "window.mark") == 1
    desk.page.keyboard.press("Escape")
    expect(frame.locator("#view")).to_have_text("canvas home;default home;")
    expect(desk.page.get_by_role("button", name="Maximise")).to_be_visible()


def test_only_a_collapsible_gadget_can_be_collapsed(desk: Desk, vendor: Vendor) -> None:
    show(desk, vendor, '<Optional feature="collapsible"/>')
    desk.page.get_by_role("button", name="Collapse").click()
    expect(desk.page.locator("iframe[data-gadget=probe]")).to_be_hidden()
    desk.page.get_by_role("button", name="Expand").click()
    expect(desk.page.locator("iframe[data-gadget=probe]")).to_be_visible()
    desk.page.click("[data-tab=myStatistics]")
    expect(desk.page.get_by_role("button", name="Collapse")).to_have_count(0)


def test_the_loading_cover_stays_until_it_is_dismissed(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor, LOADING.format(100))
    cover = desk.page.locator("#gadget-1 .cover")
    expect(cover).to_be_visible()
    run(frame, "gadgets.loadingindicator.dismiss()")
    expect(cover).to_be_hidden()
    run(frame, "gadgets.loadingindicator.showLoading()")
    expect(cover).to_be_visible()


def test_the_loading_cover_goes_when_its_time_is_over(desk: Desk, vendor: Vendor) -> None:
    show(desk, vendor, LOADING.format(1))
    expect(desk.page.locator("#gadget-1 .cover")).to_be_hidden()


def test_the_header_string_is_the_whole_credential(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    header = run(frame, "finesse.utilities.Utilities.getAuthHeaderString(finesse.gadget.Config)")
    assert header == "Basic MTAwMTpsYWI="


SAVED = "await new Promise(done => finesse.utilities.DesktopCache.saveOrUpdateData([{key: 'k', data: {a: 1}}], done))"
FETCHED = "await new Promise(done => finesse.utilities.DesktopCache.fetchData('k', (_, entry) => done(entry?.data)))"


def test_the_desktop_cache_survives_a_reload_and_another_node(
    desk: Desk, vendor: Vendor, parts: Parts, node_urls: tuple[str, str]
) -> None:
    frame = show(desk, vendor)
    run(frame, SAVED)
    desk.page.reload()
    expect(frame.locator("#view")).to_be_attached()
    assert run(frame, FETCHED) == {"a": 1}
    parts.nodes.fail_over(0)
    desk.page.wait_for_url(f"{node_urls[1]}/desktop?*")
    expect(frame.locator("#view")).to_be_attached()
    assert run(frame, FETCHED) == {"a": 1}


def test_the_desktop_cache_is_ones_own_and_begins_empty_with_a_sign_in(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    run(frame, SAVED)
    for user in ("1002", "1001"):
        desk.page.click("#signOut")
        expect(desk.page.locator("#userId")).to_be_visible()
        frame = show(desk, vendor, user=user)
        assert run(frame, FETCHED) is None


def test_make_request_goes_through_the_server(desk: Desk, vendor: Vendor) -> None:
    url = vendor.put("/data.json", '{"a": 1}', "application/json")
    frame = show(desk, vendor)
    answer = run(frame, f"await new Promise(done => gadgets.io.makeRequest('{url}', done, {{CONTENT_TYPE: 'JSON'}}))")
    assert (answer["rc"], answer["data"]) == (200, {"a": 1})


def test_one_call_variable_is_no_array_and_leaves_an_empty_map(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    document = "<a><CallVariable><name>POD.ID</name><value>C-1</value></CallVariable><empty/></a>"
    assert run(frame, f"finesse.fromXml('{document}').a") == {
        "CallVariable": {"name": "POD.ID", "value": "C-1"},
        "empty": None,
    }


def test_a_gadget_brings_its_tab_to_the_front(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor)
    desk.page.click("[data-tab=myStatistics]")
    run(frame, "services.activateMyTab()")
    expect(desk.page.locator("[data-tab=home]")).to_have_attribute("aria-selected", "true")


def test_a_gadget_that_cannot_be_loaded_is_told_in_its_place(desk: Desk, vendor: Vendor) -> None:
    vendor.put("/probe.xml", gadget("", features=("settitle",)))
    vendor.put("/other.xml", PLAIN_XML)
    desk.sign_in("1001")
    expect(desk.page.locator("#gadget-1 .cover")).to_contain_text("pubsub-2")


@pytest.mark.parametrize("user", ["1001", "1102"])
def test_no_page_complains(desk: Desk, vendor: Vendor, user: str) -> None:
    show(desk, vendor, user=user)
    for tab in desk.page.locator("#tabs button").all():
        tab.click()
    assert desk.errors == []


def test_a_lost_connection_is_told_and_what_happened_meanwhile_is_caught_up(
    desk: Desk, vendor: Vendor, parts: Parts
) -> None:
    frame = show(desk, vendor)
    run(frame, "gadgets.Hub.subscribe('finesse.info.connectionstatus', (_, told) => view.append(told.status + ';'))")
    desk.page.route("**/desktop/events*", lambda route: route.abort())
    parts.floor.notify(cast.CAST[0])
    expect(desk.page.locator("#connection")).not_to_be_empty()
    parts.floor.choose(cast.CAST[0], "NOT_READY")
    desk.page.unroute("**/desktop/events*")
    expect(frame.locator("#view")).to_contain_text("reconnecting;recovered;")
    expect(desk.page.locator("#agentState")).to_have_value("NOT_READY")
    expect(desk.page.locator("#connection")).to_be_empty()
