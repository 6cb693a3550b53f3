"""Our gadgets put into an administrator's own desktop layout; all else stays as it is, byte for byte; pure.

Places and attributes: docs/cisco/finesse.md §2. What stands in a comment, such as Cisco's own lines for these
gadgets, is no gadget.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gadgets.install.xml_places import Nested, Place, added, root_of

JOURNEY, ANALYTICS = "CiscoCXJourneyGadget.xml", "CiscoCXAnalyticsGadget.xml"
UPLOADED = "/3rdpartygadget/files/CXService"
MULTI_TAB_SCRIPT = "tabbedGadgets.js"
WITHOUT_MULTI_TAB = "12.5"
ROOT = "finesseLayout"
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_PREFIXED = re.compile(rf"</[^\s<>]+:{ROOT}\s*>\s*(?:<!--|<\?|\Z)")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

Release = Literal["12.5", "12.6", "15.0"]


class LayoutFault(ValueError):
    """A layout cannot be added to; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A gadget and where it belongs: a role's tab, which is made where it is missing and has an icon here."""

    role: str
    tab: str
    file: str
    query: str = ""
    icon: str = ""


WANTED = (
    Wanted("Agent", "home", JOURNEY),
    Wanted("Agent", "myStatistics", ANALYTICS, "?filterTags=cc_AgentId", "column-chart"),
    Wanted("Supervisor", "home", JOURNEY),
    Wanted("Supervisor", "teamData", ANALYTICS, "?filterTags=cc_TeamId", "agents"),
)


@dataclass(frozen=True, slots=True)
class Merged:
    """The layout with our gadgets, and what was done for each role."""

    layout: bytes
    notes: tuple[str, ...]


def merged(layout: bytes, release: Release, base: str) -> Merged:
    """`base` is where both gadget files are. Done twice, it changes nothing the second time. Raises LayoutFault."""
    encoding = _encoding(layout)
    text = _decoded(layout, encoding)
    _judge(text)
    utf8, notes = text.encode(), []
    if not any(_roles(utf8, wanted.role) for wanted in WANTED):
        raise LayoutFault("has no layout for the role Agent or Supervisor: copy the whole of it from Finesse's console")
    for wanted in WANTED:
        for place in range(len(_roles(utf8, wanted.role))):
            utf8, note = _placed(utf8, _roles(utf8, wanted.role)[place], wanted, release, base)
            notes.append(f"{wanted.role}: {wanted.file} {note}")
    return Merged(utf8.decode().encode(encoding), tuple(notes))


def _roles(utf8: bytes, role: str) -> list[Place]:
    """The layouts of a role; places are true for the very text that they were read from."""
    return [place for place in root_of(utf8).all("layout") if place.attribute("role") == role]


def _encoding(layout: bytes) -> str:
    """By its first bytes, else as it declares; UTF-8 without both."""
    marked = next((name for mark, name in _MARKS if layout.startswith(mark)), "")
    declared = _DECLARED.match(layout)
    return marked or (declared[1].decode() if declared else "utf-8")


def _decoded(layout: bytes, encoding: str) -> str:
    try:
        text = layout.decode(encoding)
        if text.encode(encoding) == layout:
            return text
    except (LookupError, UnicodeError):
        pass
    raise LayoutFault(f"is not written in {encoding}, as it says it is: save it as UTF-8")


def _judge(text: str) -> None:
    try:
        # The mark at the beginning is no part of the document.
        root = fromstring(text.removeprefix("\ufeff"), forbid_dtd=True)
    except ParseError as error:
        raise LayoutFault(f"is no XML: {error}") from None
    except DefusedXmlException:
        raise LayoutFault("declares a document type or entities, which no layout of Finesse does") from None
    except (ValueError, LookupError):
        raise LayoutFault("is no XML") from None
    if root.tag.rpartition("}")[2] != ROOT:
        raise LayoutFault(f"is no desktop layout: its outermost element is not <{ROOT}>")
    if _PREFIXED.search(text):
        raise LayoutFault(f"names its elements with a prefix, as in <f:{ROOT}>: take the layout from Finesse's console")


def _placed(utf8: bytes, role: Place, wanted: Wanted, release: Release, base: str) -> tuple[bytes, str]:
    """The text with one gadget in one role's layout, and what was done."""
    url = f"{base}/{wanted.file}{wanted.query}"
    known = next((gadget.text.strip() for gadget in role.all("gadget") if _file(gadget) == wanted.file), None)
    if known is not None:
        return utf8, "is there already" if known == url else f"is there already as {known}, left as it is"
    tab = _tab(role, wanted)
    if tab is None:
        return added(utf8, _tabs(role), _new_tab(wanted, f"<gadget>{escape(url)}</gadget>")), (
            f"added on a new tab {wanted.tab}"
        )
    manager = "" if release == WITHOUT_MULTI_TAB else _manager(role, tab, wanted)
    attribute, within = (f" managedBy={quoteattr(manager)}", f", managed by {manager}") if manager else ("", "")
    parent, wrapped = _column(tab, f"<gadget{attribute}>{escape(url)}</gadget>")
    return added(utf8, parent, wrapped), f"added on the tab {tab.attribute('id')}{within}"


def _file(gadget: Place) -> str:
    return urlsplit(gadget.text.strip()).path.rpartition("/")[2]


def _tabs(role: Place) -> Place:
    tabs = role.child("tabs")
    if tabs is None:
        raise LayoutFault(f"has no tabs for the role {role.attribute('role')}")
    return tabs


def _tab(role: Place, wanted: Wanted) -> Place | None:
    """The tab of that id; what belongs on home stands on the first tab where there is no home."""
    tabs = [place for place in _tabs(role).children if place.name == "tab"]
    named = next((tab for tab in tabs if tab.attribute("id") == wanted.tab), None)
    return named or (tabs[0] if tabs and not wanted.icon else None)


def _manager(role: Place, tab: Place | None, wanted: Wanted) -> str:
    """The Multi-Tab gadget that shows ours: on the same tab, or for home on the page around all tabs."""
    around = [tab, role.child("page") if not wanted.icon else None]
    containers = (gadget for place in around if place for gadget in place.all("gadget"))
    return next((gadget.attributes.get("id", "") for gadget in containers if _file(gadget) == MULTI_TAB_SCRIPT), "")


def _column(tab: Place, gadget: str) -> tuple[Place, Nested]:
    """What the gadget goes into, and what it has to bring along: it stands in the first column of its tab."""
    gadgets = next(tab.all("gadgets"), None)
    if gadgets is not None:
        return gadgets, [gadget]
    wrapped: Nested = ["<gadgets>", [gadget], "</gadgets>"]
    columns = tab.child("columns")
    if columns is None:
        return tab, wrapped
    column = columns.child("column")
    return (column, wrapped) if column else (columns, ["<column>", wrapped, "</column>"])


def _new_tab(wanted: Wanted, gadget: str) -> Nested:
    label = f"finesse.container.tabs.{wanted.role.lower()}.{wanted.tab}Label"
    facts: Nested = [f"<id>{wanted.tab}</id>", f"<icon>{wanted.icon}</icon>", f"<label>{label}</label>"]
    return ["<tab>", [*facts, "<gadgets>", [gadget], "</gadgets>"], "</tab>"]
