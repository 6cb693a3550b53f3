"""What a Finesse says of itself (docs/cisco/finesse.md §4.4): its texts, and the nodes of its cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from foundation.tls.handshake import address_of


@dataclass(frozen=True, slots=True)
class Node:
    """A node as Finesse names it; before 12.6 without its port, which is 0 then."""

    host: str
    port: int

    def is_at(self, base: str) -> bool:
        """Whether this base URL leads to it; a name may be short in one place and whole in the other."""
        host, port = address_of(base)
        ours, theirs = host.casefold().split("."), self.host.casefold().split(".")
        short = min(len(ours), len(theirs)) == 1
        same = ours[0] == theirs[0] if short else ours == theirs
        return same and self.port in {0, port}


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """`texts` by tag; `nodes` as they are named, primary first, each once."""

    texts: dict[str, str]
    nodes: tuple[Node, ...]

    @classmethod
    def parse(cls, body: bytes) -> Self | None:
        """None where it is no SystemInfo."""
        try:
            root: Element = fromstring(body)
        except (ParseError, DefusedXmlException, ValueError):
            return None
        if root.tag != "SystemInfo":
            return None
        named = (_node(root.find(tag)) for tag in ("primaryNode", "secondaryNode"))
        texts = {child.tag: (child.text or "").strip() for child in root}
        return cls(texts, tuple(dict.fromkeys(node for node in named if node)))

    def get(self, tag: str) -> str:
        return self.texts.get(tag, "")

    def names(self, base: str) -> bool:
        """Whether a node that it names is at this base URL."""
        return any(node.is_at(base) for node in self.nodes)


def _node(element: Element | None) -> Node | None:
    if element is None:
        return None
    host, port = ((element.findtext(tag) or "").strip() for tag in ("host", "httpsPort"))
    return Node(host, int(port) if port.isdecimal() else 0) if host else None
