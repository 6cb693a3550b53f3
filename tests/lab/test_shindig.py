"""Where the lab is as unkind as Shindig and Finesse's library: styles that hang, escaped preferences, held topics."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import FrameLocator, Route, expect

from tests.lab.conftest import Desk, Vendor
from tests.lab.gadget_files import LIBRARY, OWN_SCRIPTS, PLAIN_XML, gadget

STYLE = '<link rel="stylesheet" href="data:text/css,p{}" crossorigin="anonymous">'
NO_STYLE_LEFT_OUT = '<Optional feature="content-rewrite"><Param name="exclude-url">{}</Param></Optional>'


def page_of(client: FlaskClient, vendor: Vendor, html: str) -> str:
    url = vendor.put("/g.xml", gadget(html, head=NO_STYLE_LEFT_OUT.format("data:")))
    return client.get("/gadgets/ifr?" + urlencode({"url": url, "mid": "g1"})).get_data(as_text=True)


def test_styles_go_to_the_head_before_all_scripts(client: FlaskClient, vendor: Vendor) -> None:
    page = page_of(client, vendor, f"<script>first()</script><style>i{{}}</style><p>text</p>{STYLE}")
    head, body = page.split("</head>")
    assert head.index("<style>i{}</style>") < head.index(STYLE) < head.index("<script")
    assert body == (
        "<body><script>first()</script><p>text</p><script>gadgets.util.runOnLoadHandlers();</script></body></html>"
    )


@pytest.mark.parametrize("doctype", ["<!DOCTYPE html>", "<!doctype html>"])
def test_a_doctype_at_the_start_keeps_shindigs_own_style_away(
    client: FlaskClient, vendor: Vendor, doctype: str
) -> None:
    page = page_of(client, vendor, f"{doctype}<p>text</p>")
    assert page.startswith(f"{doctype}<html")
    assert "arial" not in page


@pytest.mark.parametrize("content", ["<p>text</p>", "\n<!DOCTYPE html><p>text</p>"])
def test_without_one_the_page_gets_it(client: FlaskClient, vendor: Vendor, content: str) -> None:
    page = page_of(client, vendor, content)
    assert page.startswith("<html")
    assert re.search(r"body,td,div,span,p\{font-family:arial,.*background-color:white", page)


def show(desk: Desk, vendor: Vendor, html: str = "", prefs: str = "") -> FrameLocator:
    vendor.put("/probe.xml", gadget(f'<p id="view">text</p>{LIBRARY}{html}', head=OWN_SCRIPTS, prefs=prefs))
    vendor.put("/other.xml", PLAIN_XML)
    desk.sign_in("1001")
    return desk.page.frame_locator("iframe[data-gadget=probe]")


def run(frame: FrameLocator, script: str) -> Any:
    expect(frame.locator("#view")).to_be_attached()
    loaded = "while (document.readyState !== 'complete') await new Promise((done) => setTimeout(done, 20))"
    return frame.locator("body").evaluate(f"async () => {{ {loaded}; return ({script}) }}")


def test_a_preference_comes_escaped_but_for_its_ampersands(desk: Desk, vendor: Vendor) -> None:
    frame = show(desk, vendor, prefs='<UserPref name="said" default_value="&lt;Ann&apos;s &amp; &quot;Wei&quot;&gt;"/>')
    said = "new gadgets.Prefs().getString('said')"
    assert run(frame, said) == "&#60;Ann&#39;s & &#34;Wei&#34;&#62;"
    assert run(frame, f"gadgets.util.unescapeString({said})") == '<Ann\'s & "Wei">'


def test_a_style_that_hangs_hides_the_frame_for_good(desk: Desk, vendor: Vendor) -> None:
    held: list[Route] = []
    desk.page.clock.install()
    desk.page.route("**/hanging.css", lambda route: held.append(route))
    show(desk, vendor, '<link rel="stylesheet" href="/desktop/assets/hanging.css">')
    for _ in range(100):
        if not held:
            desk.page.wait_for_timeout(50)
    frame = desk.page.locator("iframe[data-gadget=probe]")
    with desk.page.expect_console_message(lambda message: "LoadTimeout" in message.text):
        expect(frame).to_have_css("visibility", "hidden")
        desk.page.clock.run_for(16_000)
    held[0].abort()
    expect(desk.page.frame_locator("iframe[data-gadget=probe]").locator("#view")).to_be_attached()
    expect(frame).to_have_css("visibility", "hidden")


def test_a_frame_is_shown_when_its_hub_has_connected(desk: Desk, vendor: Vendor) -> None:
    show(desk, vendor)
    expect(desk.page.locator("iframe[data-gadget=probe]")).to_be_visible()


TWICE = """await (async () => {
  const { ClientServices } = finesse.clientservices;
  ClientServices.init(finesse.gadget.Config);
  const read = () => new Promise((done) => {
    const tell = (word) => () => done(word);
    window.user = new finesse.restservices.User({ id: "1001", onLoad: tell("loaded"), onError: tell("refused") });
  });
  const asked = () => performance.getEntriesByName(location.origin + "/finesse/api/User/1001").length;
  const words = [await read()];
  const first = window.user;
  const before = asked();
  words.push(await read(), asked() - before);
  first.unsubscribe();
  return [...words, await read()];
})()"""


def test_a_second_user_of_the_same_id_is_refused_without_a_request_while_the_first_is_held(
    desk: Desk, vendor: Vendor
) -> None:
    assert run(show(desk, vendor), TWICE) == ["loaded", "refused", 0, "loaded"]
