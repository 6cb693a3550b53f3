"""Message bundles: which texts stand for __MSG_name__ in a language."""

from collections.abc import Iterable
from urllib.parse import urljoin
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from lab.container.fetch import Fetcher, Unreachable
from lab.container.spec import Locale


def texts(locales: Iterable[Locale], lang: str, country: str, gadget_url: str, fetcher: Fetcher) -> dict[str, str]:
    """The nearer bundle wins: all languages, then the language, then the language of that country."""
    bundle: dict[str, str] = {}
    for locale in sorted(_matching(locales, lang, country), key=lambda place: (place.lang != "", place.country != "")):
        bundle |= _bundle(locale, gadget_url, fetcher)
    return bundle


def _matching(locales: Iterable[Locale], lang: str, country: str) -> list[Locale]:
    def fits(offered: str, wanted: str) -> bool:
        return offered.lower() in ("", "all", wanted.lower())

    return [locale for locale in locales if fits(locale.lang, lang) and fits(locale.country, country)]


def _bundle(locale: Locale, gadget_url: str, fetcher: Fetcher) -> dict[str, str]:
    if not locale.messages:
        return dict(locale.inline)
    try:
        root = ElementTree.fromstring(fetcher.get(urljoin(gadget_url, locale.messages)).text.encode())
    except (Unreachable, ParseError, DefusedXmlException):
        return dict(locale.inline)
    return {msg.get("name", ""): (msg.text or "").strip() for msg in root.iter("msg")} | dict(locale.inline)
