"""What Finesse's container needs from the gadget XML, the sample layout and the zip, it finds."""

import io
import json
import re
import zipfile
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree
from flask.testing import FlaskClient

from gadgets.install import shells
from gadgets.install.bundles import Bundles, BundlesMissing
from tests.gadgets.install.built import NAMES, PUBLIC, build, service

LAYOUT = "{http://www.cisco.com/vtg/finesse}"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return service(build(tmp_path / "dist", "cafe", "beef"))


def xml(client: FlaskClient, path: str) -> Element:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/xml"
    root: Element = ElementTree.fromstring(answer.data)
    return root


@pytest.mark.parametrize("name", NAMES)
def test_gadget_asks_for_the_features_it_needs(client: FlaskClient, name: str) -> None:
    prefs = xml(client, f"/gadgets/{name}").find("ModulePrefs")
    assert prefs is not None
    required = {feature.get("feature") for feature in prefs.iter("Require")}
    assert required == {"pubsub-2", "setprefs", "settitle", "dynamic-height", "loadingindicator"}
    assert {feature.get("feature") for feature in prefs.iter("Optional")} == {"content-rewrite", "collapsible"}
    params = [(param.get("name"), param.text) for param in prefs.iter("Param")]
    assert ("manual-dismiss", "true") in params
    excluded = [text for name, text in params if name == "exclude-url"]
    assert excluded == ["pulse.bora.com:8446", "/desktop/assets/js/"]


@pytest.mark.parametrize(
    ("name", "title", "view"),
    [
        (NAMES[0], "Customer Experience Journey", None),
        (NAMES[1], "Customer Experience Analytics", "default,canvas"),
    ],
)
def test_gadget_has_its_title_and_views(client: FlaskClient, name: str, title: str, view: str | None) -> None:
    root = xml(client, f"/gadgets/{name}")
    prefs, content = root.find("ModulePrefs"), root.find("Content")
    assert prefs is not None
    assert content is not None
    assert prefs.get("title") == prefs.get("description") == title
    assert content.get("view") == view


@pytest.mark.parametrize("name", NAMES)
def test_gadget_speaks_english_and_chinese(client: FlaskClient, name: str) -> None:
    root = xml(client, f"/gadgets/{name}")
    texts = {
        (locale.get("lang", ""), locale.get("country", "")): {msg.get("name"): msg.text for msg in locale}
        for locale in root.iter("Locale")
    }
    assert texts["", ""]["unavailable"] == "Customer experience unavailable"
    assert texts["zh", "TW"] == texts["zh", ""] != texts["", ""]
    keys = set(re.findall(r"__MSG_(\w+?)__", "".join(root.itertext())))
    assert all(keys <= set(words) for words in texts.values())


@pytest.mark.parametrize("name", NAMES)
def test_all_of_ours_is_absolute_and_all_of_finesse_comes_from_finesse(client: FlaskClient, name: str) -> None:
    root = xml(client, f"/gadgets/{name}")
    html = root.findtext("Content", "")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', html)
    ours = [address for address in addresses if "/static/" in address]
    assert [address.rsplit(".", 1)[1] for address in ours] == ["js"]
    assert all(address.startswith(f"{PUBLIC}/static/cafe/") for address in ours)
    theirs = [address.removeprefix("__UP_scheme__://__UP_host__:__UP_hostPort__") for address in addresses[1:3]]
    assert theirs == ["/desktop/assets/js/jquery.min.js", "/desktop/assets/js/finesse.min.js"]
    declared = {pref.get("name"): pref for pref in root.iter("UserPref")}
    assert {"scheme", "host", "hostPort", "externalServerHostAndPort_pulse"} <= set(declared)
    assert declared["externalServerHostAndPort_pulse"].get("default_value") == "pulse.bora.com:8446"
    assert {pref.get("datatype") for pref in declared.values()} == {"hidden"}
    for path in ours:
        for language in ("en", "zh-TW"):
            filled = path.removeprefix(PUBLIC).replace("__MSG_locale__", language)
            assert client.get(filled).status_code == 200


def test_the_container_chooses_the_module_by_its_language_and_each_has_one(client: FlaskClient, tmp_path: Path) -> None:
    sources = set()
    for name in NAMES:
        root = xml(client, f"/gadgets/{name}")
        sources |= set(re.findall(r'type="module" src="([^"]+)"', root.findtext("Content", "")))
    assert sources == {f"{PUBLIC}/static/cafe/pulse.__MSG_locale__.js"}
    languages = {msg.text for msg in root.iter("msg") if msg.get("name") == "locale"}
    assert languages == {language for *_, language in shells.LOCALES}
    half_built = build(tmp_path / "half", "cafe")
    (half_built / "cafe/pulse.zh-TW.js").unlink()
    with pytest.raises(BundlesMissing, match=r"pulse\.zh-TW\.js"):
        service(half_built)


@pytest.mark.parametrize("name", NAMES)
def test_fallback_comes_before_all_that_may_hang(client: FlaskClient, name: str) -> None:
    html = xml(client, f"/gadgets/{name}").findtext("Content", "")
    places = [html.index(text) for text in ("finessePulse =", 'type="module"', "finesse.min.js")]
    assert places == sorted(places)


@pytest.mark.parametrize("name", NAMES)
def test_shindig_adds_nothing_to_the_content_and_moves_nothing_that_may_hang(client: FlaskClient, name: str) -> None:
    html = xml(client, f"/gadgets/{name}").findtext("Content", "")
    assert html.startswith("<!DOCTYPE html>")
    assert "<link" not in html


@pytest.mark.parametrize(
    ("public_url", "host_and_port"),
    [
        (PUBLIC, "pulse.bora.com:8446"),
        ("https://pulse.bora.com", "pulse.bora.com:443"),
        ("http://localhost", "localhost:80"),
        ("https://[fd00::8]", "[fd00::8]:443"),
    ],
)
def test_ciscos_reverse_proxy_finds_host_and_port(tmp_path: Path, public_url: str, host_and_port: str) -> None:
    client = service(build(tmp_path / "dist", "cafe"), public_url)
    root = xml(client, f"/gadgets/{NAMES[0]}")
    declared = {pref.get("name"): pref.get("default_value") for pref in root.iter("UserPref")}
    assert declared["externalServerHostAndPort_pulse"] == host_and_port
    config = re.search(r"finessePulse = (\{.*?\});", root.findtext("Content", ""))
    assert config
    assert json.loads(config[1])["address"] == host_and_port
    module = re.search(r'type="module" src="([^"]+)"', root.findtext("Content", ""))
    excluded = [param.text or "" for param in root.iter("Param") if param.get("name") == "exclude-url"]
    assert module
    assert any(text in module[1] for text in excluded)


@pytest.mark.parametrize(
    "hostile", ["https://a.b/]]>", "https://a.b/<script>", 'https://a.b/"onload="x', "https://a.b/&"]
)
def test_nothing_in_a_setting_becomes_markup(tmp_path: Path, hostile: str) -> None:
    made = shells.Shells(hostile, Bundles.load(build(tmp_path / "dist", "cafe")))
    for document in (*made.gadgets.values(), *made.layouts.values()):
        assert ElementTree.fromstring(document) is not None
        assert hostile.encode() not in document.replace(b"&amp;", b"&").replace(b"https://a.b/&", b"")


@pytest.mark.parametrize("path", [*(f"/gadgets/{name}" for name in NAMES), "/gadgets/CXService.zip"])
def test_whoever_has_it_is_told_so(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).data == first.data


def test_a_new_build_changes_the_etag(tmp_path: Path) -> None:
    first, other = (service(build(tmp_path / name, name)) for name in ("cafe", "beef"))
    tags = [client.get(f"/gadgets/{NAMES[0]}").headers["ETag"] for client in (first, other)]
    assert tags[0] != tags[1]


def test_zip_holds_both_gadgets_as_finesse_reads_them(client: FlaskClient, tmp_path: Path) -> None:
    body = client.get("/gadgets/CXService.zip").data
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == [f"CXService/{name}" for name in NAMES]
        for entry in archive.infolist():
            assert entry.external_attr >> 16 & 0o777 == 0o644
            assert archive.read(entry) == client.get(f"/gadgets/{entry.filename.split('/')[1]}").data
    assert service(build(tmp_path / "twin", "cafe")).get("/gadgets/CXService.zip").data == body


@pytest.mark.parametrize(("release", "is_managed"), [("12.5", False), ("12.6", True), ("15.0", True)])
def test_layout_puts_each_gadget_in_its_place(client: FlaskClient, release: str, is_managed: bool) -> None:
    root = xml(client, f"/gadgets/layout.xml?release={release}")
    places = {}
    for layout in root.iter(f"{LAYOUT}layout"):
        for tab in layout.iter(f"{LAYOUT}tab"):
            for gadget in tab.iter(f"{LAYOUT}gadget"):
                if (gadget.text or "").startswith(PUBLIC):
                    key = layout.findtext(f"{LAYOUT}role"), tab.findtext(f"{LAYOUT}id")
                    places[key] = (gadget.text or "").removeprefix(f"{PUBLIC}/gadgets/CiscoCX"), gadget.get("managedBy")
    containers = {gadget.get("id") for gadget in root.iter(f"{LAYOUT}gadget") if "tabbed" in (gadget.text or "")}
    agent, supervisor = "agentMultiTabGadgetContainer", "supervisorMultiTabGadgetContainer"
    assert containers == ({agent, supervisor} if is_managed else set())
    assert places == {
        ("Agent", "home"): ("JourneyGadget.xml", agent if is_managed else None),
        ("Agent", "myStatistics"): ("AnalyticsGadget.xml?filterTags=cc_AgentId", None),
        ("Supervisor", "home"): ("JourneyGadget.xml", supervisor if is_managed else None),
        ("Supervisor", "teamData"): ("AnalyticsGadget.xml?filterTags=cc_TeamId", None),
    }


@pytest.mark.parametrize("release", ["", "12.7", "12.6 "])
def test_an_unknown_release_is_told_which_there_are(client: FlaskClient, release: str) -> None:
    answer = client.get("/gadgets/layout.xml", query_string={"release": release})
    body = answer.get_json()
    assert (answer.status_code, answer.mimetype, body["code"]) == (400, "application/problem+json", "unknown_release")
    assert "12.5, 12.6, 15.0" in body["detail"]


def test_start_without_a_build_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BundlesMissing, match="make setup"):
        service(tmp_path)
