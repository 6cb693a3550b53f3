"""A gadget XML, read: title, features, preferences, locales and contents (docs/cisco/finesse.md §1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

KNOWN = frozenset(
    (
        *("core", "settitle", "dynamic-height", "pubsub-2", "setprefs", "loadingindicator", "content-rewrite"),
        *("collapsible", "views", "scrolling", "osapi", "minimessage", "locked-domain"),
    )
)


class Unloadable(Exception):
    """The container refuses to load this gadget; the text says why."""


@dataclass(frozen=True, slots=True)
class Locale:
    """Message texts for a language and a country; an empty one stands for all."""

    lang: str
    country: str
    messages: str
    inline: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    views: frozenset[str]
    html: str


@dataclass(frozen=True, slots=True)
class Spec:
    """`features` maps each Required or Optional feature to its Params, of which one name may occur several times."""

    title: str
    height: int
    features: Mapping[str, Mapping[str, tuple[str, ...]]]
    prefs: Mapping[str, str]
    locales: tuple[Locale, ...]
    contents: tuple[Content, ...]

    @property
    def views(self) -> frozenset[str]:
        return frozenset().union(*(content.views for content in self.contents))

    def html(self, view: str) -> str:
        """Contents of that view, one after the other; a view that the gadget has not is its default one."""
        wanted = view if view in self.views else "default"
        return "\n".join(content.html for content in self.contents if wanted in content.views)


def read(text: str) -> Spec:
    """Parse and judge; raises Unloadable."""
    try:
        root = ElementTree.fromstring(text.encode())
    except (ParseError, DefusedXmlException):
        raise Unloadable("The gadget XML cannot be read.") from None
    head = root.find("ModulePrefs")
    if root.tag != "Module" or head is None:
        raise Unloadable("The document is not a gadget.")
    features = _features(head)
    return Spec(
        title=head.get("title", ""),
        height=int(head.get("height", "200")),
        features=features,
        prefs={pref.get("name", ""): pref.get("default_value", "") for pref in root.iter("UserPref")},
        locales=tuple(map(_locale, head.iter("Locale"))),
        contents=tuple(_content(element) for element in root.iter("Content")),
    )


def _features(head: Element) -> dict[str, dict[str, tuple[str, ...]]]:
    required = {element.get("feature", ""): _params(element) for element in head.iter("Require")}
    optional = {element.get("feature", ""): _params(element) for element in head.iter("Optional")}
    unknown = sorted(set(required) - KNOWN)
    if unknown:
        raise Unloadable(f"Unsupported feature: {', '.join(unknown)}")
    features = {name: params for name, params in optional.items() if name in KNOWN} | required
    if "pubsub-2" not in features:
        raise Unloadable("The gadget does not require pubsub-2, so the OpenAjax Hub does not load it.")
    return features


def _params(feature: Element) -> dict[str, tuple[str, ...]]:
    params: dict[str, tuple[str, ...]] = {}
    for param in feature.iter("Param"):
        name = param.get("name", "")
        params[name] = (*params.get(name, ()), (param.text or "").strip())
    return params


def _locale(element: Element) -> Locale:
    inline = {msg.get("name", ""): (msg.text or "").strip() for msg in element.iter("msg")}
    return Locale(element.get("lang", ""), element.get("country", ""), element.get("messages", ""), inline)


def _content(element: Element) -> Content:
    if element.get("type", "html") != "html":
        raise Unloadable("Only contents of the type html are shown here.")
    views = frozenset(name.strip() for name in element.get("view", "default").split(",") if name.strip())
    return Content(views or frozenset({"default"}), element.text or "")
