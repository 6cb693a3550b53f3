"""The container's rules, as rendered: features, preferences, messages, rewriting."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from tests.lab.conftest import Vendor
from tests.lab.gadget_files import EXCLUDE, gadget


def frame(client: FlaskClient, url: str, **query: str) -> str:
    return client.get("/gadgets/ifr?" + urlencode({"url": url, "mid": "g1", **query})).get_data(as_text=True)


def metadata(client: FlaskClient, url: str, **query: str) -> Any:
    return client.get("/gadgets/metadata?" + urlencode({"url": url, **query})).get_json()


def scripts(client: FlaskClient, html: str) -> str:
    address = re.search(r'src="(/gadgets/js/[^"]+)"', html)
    assert address
    return client.get(address.group(1)).get_data(as_text=True)


def test_the_xml_is_asked_for_by_the_server_without_an_origin(client: FlaskClient, vendor: Vendor) -> None:
    frame(client, vendor.put("/g.xml", gadget("<p>hi</p>")))
    path, headers = vendor.requests[0]
    assert path == "/g.xml"
    assert "origin" not in headers
    assert "cookie" not in headers


@pytest.mark.parametrize(
    ("feature", "api"),
    [
        ("setprefs", "Prefs.prototype.set ="),
        ("settitle", "gadgets.window.setTitle ="),
        ("dynamic-height", "gadgets.window.adjustHeight ="),
        ("loadingindicator", "gadgets.loadingindicator ="),
        ("views", "gadgets.views ="),
    ],
)
def test_an_api_is_there_only_where_its_feature_is_required(
    client: FlaskClient, vendor: Vendor, feature: str, api: str
) -> None:
    without = frame(client, vendor.put("/without.xml", gadget("", features=("pubsub-2",))))
    assert api not in scripts(client, without)
    required = frame(client, vendor.put("/with.xml", gadget("", features=("pubsub-2", feature))))
    assert api in scripts(client, required)
    optional = gadget("", features=("pubsub-2",), head=f'<Optional feature="{feature}"/>')
    assert api in scripts(client, frame(client, vendor.put("/optional.xml", optional)))


def test_without_pubsub_2_a_gadget_does_not_load(client: FlaskClient, vendor: Vendor) -> None:
    url = vendor.put("/g.xml", gadget("<p>hi</p>", features=("settitle",)))
    assert "pubsub-2" in metadata(client, url)["error"]
    assert "<p>hi</p>" not in frame(client, url)


def test_an_unknown_feature_is_fatal_only_where_required(client: FlaskClient, vendor: Vendor) -> None:
    required = vendor.put("/a.xml", gadget("", features=("pubsub-2", "teleport")))
    assert metadata(client, required)["error"] == "Unsupported feature: teleport"
    optional = vendor.put("/b.xml", gadget("", head='<Optional feature="teleport"/>'))
    assert "error" not in metadata(client, optional)


@pytest.mark.parametrize("text", ["", "<html/>", "<Module", '<!DOCTYPE a [<!ENTITY b "c">]><Module>&b;</Module>'])
def test_what_is_no_gadget_is_told_so(client: FlaskClient, vendor: Vendor, text: str) -> None:
    assert metadata(client, vendor.put("/g.xml", text))["error"]
    assert metadata(client, vendor.url + "/missing.xml")["error"] == "The gadget could not be fetched: answered 404."


def test_only_loopback_and_the_gadget_service_are_asked(client: FlaskClient) -> None:
    for url in ("http://192.0.2.1/g.xml", "file:///etc/passwd", "http://example.com/", ""):
        assert "not a host that the lab may ask" in metadata(client, url)["error"]


PREFS = (
    '<UserPref name="scheme" default_value="" datatype="hidden"/><UserPref name="host" default_value=""/>'
    '<UserPref name="hostPort" default_value=""/><UserPref name="colour" default_value="blue"/>'
    '<UserPref name="plain" default_value="a &amp; b"/>'
)


def test_preferences_are_filled_defaulted_and_overridden(client: FlaskClient, vendor: Vendor) -> None:
    html = (
        '<script src="__UP_scheme__://__UP_host__:__UP_hostPort__/x.js"></script>__UP_colour__ __UP_plain__ __UP_no__'
    )
    url = vendor.put("/g.xml", gadget(html, prefs=PREFS, head=EXCLUDE.format("/x.js")))
    page = frame(client, url, up_host="localhost", up_hostPort="8445", up_colour="<red>", up_no="undeclared")
    assert '<script src="http://localhost:8445/x.js"></script>' in page
    assert "&lt;red&gt; a &amp; b __UP_no__" in page
    (boot_text,) = re.findall(r"gadgets = \{boot: (.*?)\};</script>", page)
    boot = json.loads(boot_text)
    assert boot["prefs"]["colour"] == "<red>"
    assert "no" not in boot["prefs"]


BUNDLE = "<messagebundle><msg name='hi'>您好</msg></messagebundle>"
LOCALES = (
    '<Locale><msg name="hi">Hello</msg><msg name="bye">Bye</msg></Locale>'
    '<Locale lang="zh" country="TW" messages="words/zh_TW.xml"/>'
)


def test_messages_come_from_the_nearest_bundle(client: FlaskClient, vendor: Vendor) -> None:
    vendor.put("/words/zh_TW.xml", BUNDLE)
    url = vendor.put("/g.xml", gadget("<p>__MSG_hi__ __MSG_bye__</p>", head=LOCALES).replace('"Probe"', '"__MSG_hi__"'))
    assert "<p>Hello Bye</p>" in frame(client, url, lang="en", country="US")
    assert "<p>您好 Bye</p>" in frame(client, url, lang="zh", country="TW")
    assert metadata(client, url, lang="zh", country="TW")["title"] == "您好"


def test_the_content_of_the_view_is_shown(client: FlaskClient, vendor: Vendor) -> None:
    both = gadget("<p>both</p>", views="default,canvas")
    url = vendor.put("/g.xml", both.replace("</Module>", '<Content type="html" view="canvas">C</Content></Module>'))
    assert "<p>both</p>" in frame(client, url)
    assert "<p>both</p>\nC" in frame(client, url, view="canvas")
    assert metadata(client, url)["views"] == ["canvas", "default"]


def test_scripts_that_are_not_excluded_become_one(client: FlaskClient, vendor: Vendor) -> None:
    vendor.put("/a.js", "var a = 1;", "text/javascript")
    vendor.put("/b.js", "var b = 2;", "text/javascript")
    vendor.put("/style/c.css", "p{background:url(c.png)}", "text/css")
    html = (
        '<script type="module" src="a.js" crossorigin></script>\n<script src="/b.js" defer></script>'
        "<script>inline()</script>"
        '<!-- <script src="/no.js"></script> --><script src="https://cx.example.com/d.js" type="module"></script>'
        '<link rel="stylesheet" href="/style/c.css">'
    )
    page = frame(client, vendor.put("/g.xml", gadget(html, head=EXCLUDE.format("CX.example."))))
    joined = re.findall(r'<script type="module" src="(/gadgets/concat[^"]+)" crossorigin>', page)
    assert len(joined) == 1
    assert client.get(joined[0].replace("&amp;", "&")).get_data(as_text=True) == "var a = 1;\nvar b = 2;"
    assert '<script src="https://cx.example.com/d.js" type="module"></script>' in page
    assert '<!-- <script src="/no.js"></script> -->' in page
    style = re.findall(r'href="(/gadgets/concat[^"]+)"', page)[0].replace("&amp;", "&")
    assert client.get(style).get_data(as_text=True) == f'p{{background:url("{vendor.url}/style/c.png")}}'


def test_loading_indicator_tells_its_parameters(client: FlaskClient, vendor: Vendor) -> None:
    head = (
        '<Require feature="loadingindicator"><Param name="manual-dismiss">true</Param>'
        '<Param name="loading-timeout">100</Param></Require>'
    )
    assert metadata(client, vendor.put("/g.xml", gadget("", head=head)))["loading"] == {
        "manualDismiss": True,
        "timeout": 100,
    }
    assert metadata(client, vendor.put("/h.xml", gadget("")))["loading"] is None


def test_make_request_brings_status_body_and_headers(client: FlaskClient, vendor: Vendor) -> None:
    url = vendor.put("/data.json", "{}", "application/json")
    answer = client.post("/gadgets/makeRequest", data={"url": url, "headers": "X-Probe=1"}).get_data(as_text=True)
    reply = json.loads(answer[answer.index("{") :])[url]
    assert (reply["rc"], reply["body"]) == (200, "{}")
    assert reply["headers"]["content-type"] == ["application/json;charset=UTF-8"]
    assert vendor.requests[-1][1]["x-probe"] == "1"
