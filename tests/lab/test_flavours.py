"""Other desktops by the address of the page: the library of 10.5, a Multi-Tab gadget of 12.6, one script of all."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import FrameLocator, expect

from lab.desktop.parts import Parts
from tests.lab.conftest import Desk, Vendor
from tests.lab.gadget_files import EXCLUDE, PLAIN_XML, PROBE_XML, gadget

POD = "cc_CustomerId=C-10042;Email=ann@example.com"


@pytest.fixture(autouse=True)
def gadgets(vendor: Vendor) -> None:
    vendor.put("/probe.xml", PROBE_XML)
    vendor.put("/other.xml", PLAIN_XML)


def opened(desk: Desk, query: str, user: str = "1001") -> FrameLocator:
    desk.sign_in(user, f"/desktop?{query}")
    frame = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(frame.locator("#dialogs")).to_contain_text("load")
    return frame


def inside(frame: FrameLocator, expression: str) -> Any:
    return frame.locator("body").evaluate(f"() => ({expression})")


def test_the_library_of_10_5_has_neither_header_string_nor_cache_nor_bearer(desk: Desk) -> None:
    frame = opened(desk, "library=10.5")
    absent = (
        *("utilities.Utilities.getAuthHeaderString", "utilities.DesktopCache", "gadget.Config.authToken"),
        *("gadget.Config.cceSkillTargetId", "containerservices.ContainerServices.hideMyGadget"),
    )
    assert inside(frame, f"[{','.join(f'typeof finesse.{name}' for name in absent)}]") == ["undefined"] * len(absent)
    assert inside(frame, "finesse.gadget.Config.authorization") == "MTAwMTpsYWI="
    desk.page.reload()
    expect(frame.locator("#dialogs")).to_have_text("load 0;")
    assert inside(frame, "typeof finesse.utilities.DesktopCache") == "undefined"


def test_the_library_of_10_5_still_brings_calls_and_a_list_of_one_is_an_object(desk: Desk, parts: Parts) -> None:
    frame = opened(desk, "library=10.5")
    participants = "(data) => new finesse.restservices.Dialog(data).getParticipants()"
    assert inside(frame, f"({participants})({{participants: {{Participant: {{state: 'ACTIVE'}}}}}})") == {
        "state": "ACTIVE"
    }
    desk.page.click("#placeCall")
    expect(frame.locator("#dialogs")).to_contain_text("add ")
    assert len(parts.switchboard.of("1001")) == 1


def test_a_gadget_behind_in_a_multi_tab_has_no_width_and_no_say_over_its_height(desk: Desk) -> None:
    frame = opened(desk, "frame=multitab")
    page = desk.page
    expect(page.locator("#panel-home [data-inner=probe]")).to_have_text("Probe")
    iframe = page.locator("iframe[data-gadget=probe]")
    assert inside(frame, "document.documentElement.clientWidth > 200")
    page.click("#panel-home [data-inner=notes]")
    expect(page.locator("#panel-home-notes")).to_be_visible()
    expect(iframe).not_to_be_visible()
    assert inside(frame, "document.documentElement.clientWidth") == 0
    ask = "frame => { frame.contentWindow.gadgets.window.adjustHeight(432); return frame.style.height; }"
    assert iframe.evaluate(ask) == "200px"
    page.locator("#panel-home [data-inner=notes]").press("ArrowLeft")
    expect(iframe).to_be_visible()
    assert iframe.evaluate(ask) == "432px"
    assert desk.errors == []


def test_another_tab_of_the_multi_tab_can_be_in_front_from_the_start(desk: Desk) -> None:
    frame = opened(desk, "frame=multitab&front=notes")
    assert inside(frame, "document.documentElement.clientWidth") == 0
    desk.page.click("#panel-home [data-inner=probe]")
    expect(desk.page.locator("iframe[data-gadget=probe]")).to_be_visible()


def test_the_flavour_is_kept_over_a_failover(desk: Desk, node_urls: tuple[str, str], parts: Parts) -> None:
    frame = opened(desk, "library=10.5&frame=multitab")
    parts.nodes.fail_over(0)
    desk.page.wait_for_url(f"{node_urls[1]}/desktop?*")
    expect(frame.locator("#dialogs")).to_have_text("load 0;")
    expect(desk.page.locator("#panel-home [data-inner=notes]")).to_be_visible()
    assert inside(frame, "typeof finesse.utilities.DesktopCache") == "undefined"


SCRIPTS = (
    '<script src="http://127.0.0.1:1/one.js"></script><p>between</p><script>inline()</script>'
    '<script type="module" src="http://127.0.0.1:1/two.js"></script><script type="module" src="/kept.js"></script>'
)


def test_with_concat_all_scripts_but_the_excluded_become_one_classic_script(
    client: FlaskClient, vendor: Vendor
) -> None:
    url = vendor.put("/g.xml", gadget(SCRIPTS, head=EXCLUDE.format("/kept.js")))
    page = client.get("/gadgets/ifr", query_string={"url": url, "concat": "1"}).get_data(as_text=True)
    (joined,) = re.findall(r'<script src="/gadgets/concat[^"]+"></script>', page)
    assert joined.index("one.js") < joined.index("two.js")
    assert page.index(joined) < page.index("between")
    assert '<script type="module" src="/kept.js"></script>' in page


def test_the_desktop_hands_concat_on_to_its_gadgets(desk: Desk) -> None:
    opened(desk, "concat=1")
    assert "concat=1" in (desk.page.locator("iframe[data-gadget=probe]").get_attribute("src") or "")


def test_the_front_door_keeps_the_parameters(client: FlaskClient) -> None:
    assert client.get("/?library=10.5&lang=zh-TW").location == "/desktop?library=10.5&lang=zh-TW"
    assert client.get("/").location == "/desktop"
