"""`layout --into`: our gadgets in an administrator's own layout, every byte of it kept (docs/cisco/finesse.md §2)."""

import difflib
import re
from pathlib import Path
from typing import get_args
from xml.etree.ElementTree import Element

import pytest
from click.testing import CliRunner, Result
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from commands import pulse
from gadgets.install.layouts import UPLOADED, LayoutFault, Release, merged
from tests.support.services import ROOT, clean_environ

FILES = Path(__file__).parent / "layouts"
BASE = "https://pulse.bora.com/gadgets"
NAMESPACE = "{http://www.cisco.com/vtg/finesse}"
JOURNEY, ANALYTICS = f"{BASE}/CiscoCXJourneyGadget.xml", f"{BASE}/CiscoCXAnalyticsGadget.xml"
# File -> the release that it is of, and where ours come: role, tab, address and manager.
AGENTS, SUPERVISORS = "agentMultiTabGadgetContainer", "supervisorMultiTabGadgetContainer"
REAL: dict[str, tuple[Release, tuple[str | None, str | None]]] = {
    "12.5": ("12.5", (None, None)),
    "12.5-with-cuic": ("12.5", (None, None)),
    "12.6-multi-tab": ("12.6", (AGENTS, SUPERVISORS)),
    "15.0": ("15.0", (AGENTS, SUPERVISORS)),
    "customised": ("12.6", (None, None)),
}
SHORT = (
    '<finesseLayout xmlns="http://www.cisco.com/vtg/finesse"><layout><role>Agent</role><page/>'
    "<tabs><tab><id>home</id><label>{label}</label><gadgets/></tab></tabs></layout></finesseLayout>"
)


def layout(name: str) -> bytes:
    return (FILES / f"{name}.xml").read_bytes()


def ours(body: bytes | str) -> list[tuple[str, str, str, str | None]]:
    """Role, tab, address and manager of each gadget of ours."""
    entries = []
    for role in fromstring(body).iter(f"{NAMESPACE}layout"):
        for tab in role.iter(f"{NAMESPACE}tab"):
            for gadget in tab.iter(f"{NAMESPACE}gadget"):
                if "CiscoCX" in text(gadget):
                    named = (text(role.find(f"{NAMESPACE}role")), text(tab.find(f"{NAMESPACE}id")))
                    entries.append((*named, text(gadget), gadget.get("managedBy")))
    return entries


def text(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def is_kept(before: bytes, after: bytes) -> bool:
    """Whether all bytes of the one stand in the other, in their order."""
    rest = iter(after)
    return all(byte in rest for byte in before)


@pytest.mark.parametrize("name", REAL)
def test_each_gadget_comes_to_its_place(name: str) -> None:
    release, (agents, supervisors) = REAL[name]
    assert ours(merged(layout(name), release, BASE).layout) == [
        ("Agent", "home", JOURNEY, agents),
        ("Agent", "myStatistics", f"{ANALYTICS}?filterTags=cc_AgentId", None),
        ("Supervisor", "home", JOURNEY, supervisors),
        ("Supervisor", "teamData", f"{ANALYTICS}?filterTags=cc_TeamId", None),
    ]


@pytest.mark.parametrize("release", get_args(Release))
@pytest.mark.parametrize("name", REAL)
def test_all_else_stays_and_a_repeat_changes_nothing(name: str, release: Release) -> None:
    before = layout(name)
    for base in (BASE, UPLOADED):
        after = merged(before, release, base).layout
        assert is_kept(before, after)
        again = merged(after, release, base)
        assert again.layout == after
        assert {note.partition(".xml ")[2] for note in again.notes} == {"is there already"}


def test_a_layout_of_12_5_gets_no_multi_tab() -> None:
    layout_text = merged(layout("12.6-multi-tab"), "12.5", BASE).layout
    assert all(manager is None for *_, manager in ours(layout_text))


@pytest.mark.parametrize("name", REAL)
def test_what_stands_in_comments_stays_there(name: str) -> None:
    comments = re.findall(rb"<!--.*?-->", layout(name), re.DOTALL)
    layout_text = merged(layout(name), REAL[name][0], BASE).layout
    assert comments
    assert re.findall(rb"<!--.*?-->", layout_text, re.DOTALL) == comments


def test_ends_of_lines_stay_as_they_are() -> None:
    layout_text = merged(layout("customised"), "12.6", BASE).layout
    assert b"\n" not in layout_text.replace(b"\r\n", b"")
    assert b"\r" not in merged(layout("12.5"), "12.5", BASE).layout


def test_gadgets_that_an_administrator_has_moved_stay_where_they_are() -> None:
    after = merged(layout("15.0"), "15.0", BASE).layout
    moved = after.replace(b"<id>home</id>", b"<id>elsewhere</id>").replace(b"cc_AgentId", b"cc_AgentId&amp;period=7d")
    result = merged(moved, "15.0", BASE)
    assert result.layout == moved
    note = f"is there already as {ANALYTICS}?filterTags=cc_AgentId&period=7d, left as it is"
    assert f"Agent: CiscoCXAnalyticsGadget.xml {note}" in result.notes


@pytest.mark.parametrize("tab", ["<tab><id>x</id></tab>", "<tab><id>x</id><columns/></tab>", ""])
def test_a_tab_without_gadgets_gets_them(tab: str) -> None:
    body = f"<finesseLayout><layout><role>Agent</role><tabs>{tab}</tabs></layout></finesseLayout>"
    if not tab:
        body = body.replace("<tabs></tabs>", "<tabs/>")
    result = merged(body.encode(), "12.5", BASE)
    if tab:
        assert b"<gadgets><gadget>" in result.layout
        assert len(result.notes) == 2
    assert merged(result.layout, "12.5", BASE).layout == result.layout
    fromstring(result.layout)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "big5", "windows-1252", "iso-8859-1"])
def test_the_encoding_stays_what_it_is(encoding: str) -> None:
    label = {"windows-1252": "Début – €", "iso-8859-1": "Début"}.get(encoding, "首頁")
    declared = encoding.removesuffix("-sig").upper()
    body = f'<?xml version="1.0" encoding="{declared}"?>\n{SHORT.format(label=label)}'.encode(encoding)
    layout_text = merged(body, "12.6", BASE).layout
    assert layout_text.startswith(body[:40])
    assert label in layout_text.decode(encoding)
    assert [place[1] for place in ours(layout_text.decode(encoding).removeprefix("\ufeff"))] == ["home", "myStatistics"]


BAD = {
    "is no XML": b"",
    "is no XML: ": b"<finesseLayout><layout></finesseLayout>",
    "is no desktop layout": b"<html><body/></html>",
    "no layout for the role Agent or Supervisor": b"<finesseLayout><layout><role>Admin</role></layout></finesseLayout>",
    "with a prefix": b'<f:finesseLayout xmlns:f="a"><f:layout><f:role>Agent</f:role></f:layout></f:finesseLayout>\n',
    "has no tabs": b"<finesseLayout><layout><role>Agent</role></layout></finesseLayout>",
    "document type": b'<!DOCTYPE a [<!ENTITY b "c">]><finesseLayout>&b;</finesseLayout>',
    "save it as UTF-8": "<finesseLayout>首頁</finesseLayout>".encode("big5"),
    "not written in no-such": b'<?xml version="1.0" encoding="no-such"?><finesseLayout/>',
}


@pytest.mark.parametrize("reason", BAD)
def test_what_is_no_layout_is_refused_with_its_reason(reason: str) -> None:
    with pytest.raises(LayoutFault, match=re.escape(reason)):
        merged(BAD[reason], "12.6", BASE)


spaces = st.text(" \t\n", max_size=3)
remarks = st.sampled_from(["", "<!-- <gadget>x/CiscoCXJourneyGadget.xml</gadget> -->", "<!---->", "<?a b > c?>"])
others = st.sampled_from(["", "<gadget>/a.xml</gadget>", "<gadget id='x' a = \">\">https://b/c.xml?d=1&amp;e</gadget>"])


@st.composite
def layouts(draw: st.DrawFn) -> bytes:
    """Layouts that no one would write, but could."""

    def gap() -> str:
        return draw(spaces) + draw(remarks) + draw(spaces)

    def tab(name: str) -> str:
        gadgets = draw(
            st.sampled_from(["<gadgets/>", "<gadgets\n/>", "<gadgets>{}</gadgets >", "<gadgets >{}</gadgets>"])
        )
        inner = gadgets.format(f"{gap()}{draw(others)}{gap()}{draw(others)}{draw(spaces)}")
        columns = draw(
            st.sampled_from(
                ["{}", "<columns><column>{}</column></columns>", "<columns>\n<column>{}</column></columns>"]
            )
        )
        return f"<tab>{gap()}<id>{name}</id>{gap()}{columns.format(inner)}{gap()}</tab>"

    def role(name: str, *tabs: str) -> str:
        made = gap().join(tab(name) for name in tabs)
        return f"<layout>{gap()}<role>{draw(spaces)}{name}</role>{gap()}<tabs>{made}{gap()}</tabs></layout>"

    body = role("Agent", "home", "myStatistics") + gap() + role("Supervisor", "teamData", "home")
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    made = f'<finesseLayout xmlns="http://www.cisco.com/vtg/finesse">{gap()}{body}{gap()}</finesseLayout>'
    return made.replace("\n", ends).encode()


@given(layouts(), st.sampled_from(get_args(Release)))
def test_any_layout_keeps_every_byte_and_gets_each_gadget_once(before: bytes, release: Release) -> None:
    after = merged(before, release, BASE).layout
    assert is_kept(before, after)
    assert merged(after, release, BASE).layout == after
    assert sorted(place[:2] for place in ours(after)) == [
        ("Agent", "home"),
        ("Agent", "myStatistics"),
        ("Supervisor", "home"),
        ("Supervisor", "teamData"),
    ]


def run(*words: str, expected: int = 0, url: str = "https://pulse.bora.com") -> Result:
    environ = {**clean_environ(), **({"PULSE_PUBLIC_URL": url} if url else {})}
    ended = CliRunner().invoke(pulse, ["layout", *words], env=environ)
    assert ended.exit_code == expected, ended.output
    assert isinstance(ended.exception, SystemExit | None)
    return ended


def test_the_command_tells_the_layout_and_what_was_done(tmp_path: Path) -> None:
    file, new = tmp_path / "current.xml", tmp_path / "new.xml"
    file.write_bytes(layout("customised"))
    ended = run("--into", str(file), "--release", "12.6")
    assert ended.stdout_bytes == merged(layout("customised"), "12.6", BASE).layout
    assert "Agent: CiscoCXAnalyticsGadget.xml added on a new tab myStatistics" in ended.stderr
    assert file.read_bytes() == layout("customised")
    assert run("--into", str(file), "--release", "12.6", "--output", str(new)).stdout_bytes == b""
    assert new.read_bytes() == ended.stdout_bytes


def test_uploaded_files_are_named_on_finesse_itself(tmp_path: Path) -> None:
    ended = run("--into", str(FILES / "12.5.xml"), "--release", "12.5", "--files", "finesse", url="")
    addresses = {address.partition("?")[0] for _, _, address, _ in ours(ended.stdout_bytes)}
    assert addresses == {f"{UPLOADED}/CiscoCXJourneyGadget.xml", f"{UPLOADED}/CiscoCXAnalyticsGadget.xml"}


def test_the_command_says_plainly_what_cannot_be(tmp_path: Path) -> None:
    file = tmp_path / "page.xml"
    file.write_bytes(b"<html/>")
    assert "page.xml is no desktop layout" in run("--into", str(file), "--release", "12.6", expected=1).stderr
    assert "PULSE_PUBLIC_URL" in run("--into", str(file), "--release", "12.6", expected=2, url="").stderr
    assert "12.5" in run("--into", str(file), "--release", "11.6", expected=2).stderr
    assert "does not exist" in run("--into", str(tmp_path / "none"), "--release", "12.6", expected=2).stderr


def test_the_documents_show_what_is_changed() -> None:
    text = (ROOT / "docs/layouts.md").read_text("utf-8")
    for name, (release, _) in REAL.items():
        before, after = (
            body.decode().splitlines() for body in (layout(name), merged(layout(name), release, BASE).layout)
        )
        diff = [
            line.rstrip() for line in difflib.unified_diff(before, after, "current.xml", "new.xml", lineterm="", n=1)
        ]
        assert "\n".join(diff) in text, name
