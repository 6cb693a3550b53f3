"""Where the elements of an XML text stand in it, so that it can be added to and all else stays, byte for byte; pure.

The parser is expat, told that the text is UTF-8 whatever it declares. Judge a text with defusedxml first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat


@dataclass(slots=True)
class Place:
    """An element by its local name, and where it begins, where its content does, where that ends, and where it ends.

    Of `<gadgets/>` all but the first are one: `is_bare` says so.
    """

    name: str
    attributes: dict[str, str]
    start: int
    content: int = -1
    close: int = -1
    end: int = -1
    text: str = ""
    children: list[Place] = field(default_factory=list)

    @property
    def is_bare(self) -> bool:
        return self.end == self.close

    def all(self, name: str) -> Iterator[Place]:
        """Every element of this name below, in their order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.all(name)

    def child(self, name: str) -> Place | None:
        return next((child for child in self.children if child.name == name), None)

    def attribute(self, name: str) -> str:
        """The text of a child, without the white space around it."""
        child = self.child(name)
        return child.text.strip() if child else ""


def root_of(text: bytes) -> Place:
    """The outermost element of a UTF-8 text. Raises expat's ExpatError."""
    return _Reading(text).root


Nested = Sequence["str | Nested"]


def added(text: bytes, parent: Place, lines: Nested) -> bytes:
    """With `lines` as the last thing in an element, laid out as what is there; a list in them stands further in."""
    opened, content = text[parent.start : parent.content], text[parent.content : parent.close]
    if parent.is_bare:
        opened, content = text[parent.start : parent.end - 2] + b">", b""
    kept = content.rstrip()
    own, indent = _indent(text, parent.start), _inner(text, parent)
    if indent is None or (kept and b"\n" not in content) or (content and not kept and b"\n" not in content):
        laid, closing = "".join(_flat(lines)).encode(), b""
    else:
        newline = "\r\n" if b"\r\n" in text else "\n"
        laid = "".join(newline + line for line in _indented(lines, indent, _step(text, parent))).encode()
        closing = b"" if content else (newline + (own or "")).encode()
    end = text[parent.close :]
    if parent.is_bare:
        name = re.match(rb"<([^\s/>]+)", opened)
        end = b"</" + (name[1] if name else b"") + b">" + text[parent.end :]
    return text[: parent.start] + opened + kept + laid + closing + content[len(kept) :] + end


def _inner(text: bytes, parent: Place) -> str | None:
    """How far what is in an element stands in: as its last child that begins a line, else a step more than itself."""
    beginning = (indent for child in reversed(parent.children) if (indent := _indent(text, child.start)) is not None)
    known = next(beginning, None)
    if known is not None:
        return known
    own = _indent(text, parent.start)
    return None if own is None else own + _step(text, parent)


def _indent(text: bytes, at: int) -> str | None:
    """The white space before what begins its line; None where something stands before it."""
    before = text[text.rfind(b"\n", 0, at) + 1 : at].decode()
    return before if not before.strip("\ufeff \t") and (before or at) else None


def _step(text: bytes, parent: Place) -> str:
    """How much further in a child stands here: a tab where tabs are used, else two spaces."""
    own = _indent(text, parent.start) or ""
    return "\t" if "\t" in own else "  "


def _flat(lines: Nested) -> Iterator[str]:
    for line in lines:
        if isinstance(line, str):
            yield line
        else:
            yield from _flat(line)


def _indented(lines: Nested, indent: str, step: str) -> Iterator[str]:
    for line in lines:
        if isinstance(line, str):
            yield indent + line
        else:
            yield from _indented(line, indent + step, step)


class _Reading:
    """Each event of the parser ends the tag before it."""

    def __init__(self, text: bytes) -> None:
        top = Place("", {}, 0)
        self._open = [top]
        self._unfinished: list[tuple[Place, str]] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._begins
        self._parser.EndElementHandler = self._ends
        self._parser.CharacterDataHandler = self._text
        self._parser.DefaultHandler = self._passes
        self._parser.Parse(text, True)
        self._finish(len(text))
        self.root = top.children[0]

    def _begins(self, name: str, attributes: dict[str, str]) -> None:
        at = self._at()
        place = Place(name.rpartition(":")[2], attributes, at)
        self._open[-1].children.append(place)
        self._open.append(place)
        self._unfinished.append((place, "content"))

    def _ends(self, _name: str) -> None:
        place = self._open.pop()
        place.close = self._at()
        self._unfinished.append((place, "end"))

    def _text(self, text: str) -> None:
        self._at()
        self._open[-1].text += text

    def _passes(self, _text: str) -> None:
        self._at()

    def _at(self) -> int:
        at = self._parser.CurrentByteIndex
        self._finish(at)
        return at

    def _finish(self, at: int) -> None:
        for place, what in self._unfinished:
            setattr(place, what, at)
        self._unfinished = []
