"""Shindig's rewriting: scripts and styles that are not excluded come from the server (docs/cisco/finesse.md §1.6)."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from urllib.parse import urlencode, urljoin

# Comments, inline scripts and styles are matched whole, so that nothing inside them is taken for a tag.
_PIECE = re.compile(
    r"<!--.*?-->|<script\b[^>]*>.*?</script\s*>|<style\b[^>]*>.*?</style\s*>|<link\b[^>]*>", re.DOTALL | re.IGNORECASE
)
_DOCTYPE = re.compile(r"<!doctype html\b[^>]*>", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b([^>]*)>\s*</script\s*>\Z", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
JAVASCRIPT, CSS = "text/javascript", "text/css"


def rewritten(html: str, gadget_url: str, params: Mapping[str, Sequence[str]], *, whole: bool = False) -> str:
    """`params` are content-rewrite's. Neighbouring external scripts become one, with the attributes of the first.

    `whole` makes one of them all, in the place of the first.
    """
    excluded = [text.lower() for text in params.get("exclude-url", ()) if text]
    pieces: list[str] = []
    waiting: list[tuple[str, str]] = []
    place = 0
    for piece in _split(html):
        url = _external(piece, gadget_url, excluded)
        if url and _SCRIPT.match(piece):
            place = place if waiting else len(pieces)
            waiting.append((piece, url))
        elif whole:
            pieces.append(_style(piece, url) if url else piece)
        elif not waiting or piece.strip():
            pieces.extend(_script(waiting))
            waiting = []
            pieces.append(_style(piece, url) if url else piece)
    return "".join([*pieces[:place], *_script(waiting), *pieces[place:]])


def split_document(html: str) -> tuple[str, str, str]:
    """The doctype at the start, the styles that Shindig moves into the head wherever they stood, and the rest."""
    doctype = _DOCTYPE.match(html)
    pieces = _split(html[doctype.end() :] if doctype else html)
    styles = [piece for piece in pieces if _is_style(piece)]
    return doctype.group() if doctype else "", "".join(styles), "".join(p for p in pieces if not _is_style(p))


def _is_style(piece: str) -> bool:
    start = piece[:6].lower()
    return start == "<style" or (start[:5] == "<link" and _attributes(piece).get("rel", "").lower() == "stylesheet")


def _split(html: str) -> list[str]:
    parts: list[str] = []
    at = 0
    for match in _PIECE.finditer(html):
        parts += [html[at : match.start()], match.group()]
        at = match.end()
    return [*parts, html[at:]]


def _external(piece: str, gadget_url: str, excluded: Sequence[str]) -> str | None:
    """The absolute URL of a script or style sheet that the server is to fetch."""
    if _SCRIPT.match(piece):
        url = _attributes(piece).get("src", "")
    elif piece[:5].lower() == "<link" and _is_style(piece):
        url = _attributes(piece).get("href", "")
    else:
        return None
    if not url or any(text in url.lower() for text in excluded):
        return None
    return urljoin(gadget_url, url)


def _concat(kind: str, urls: Sequence[str]) -> str:
    numbered = [("rewriteMime", kind), *((str(number), url) for number, url in enumerate(urls, 1))]
    return "/gadgets/concat?" + urlencode(numbered).replace("&", "&amp;")


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(tag)}


def _with_address(tag: str, name: str, url: str) -> str:
    """The same tag with another address; all other attributes survive, such as type=module and crossorigin."""
    return _ATTRIBUTE.sub(lambda match: f'{name}="{url}"' if match[1].lower() == name else match[0], tag)


def _script(joined: Sequence[tuple[str, str]]) -> list[str]:
    return [_with_address(joined[0][0], "src", _concat(JAVASCRIPT, [url for _, url in joined]))] if joined else []


def _style(tag: str, url: str) -> str:
    return _with_address(tag, "href", _concat(CSS, [url]))


_CSS_URL = re.compile(r"url\(\s*(['\"]?)(?!data:|https?:|//)([^'\")]+)\1\s*\)")


def absolute_css(text: str, url: str) -> str:
    """A style sheet served from elsewhere still finds its pictures and fonts."""
    return _CSS_URL.sub(lambda match: f'url("{urljoin(url, match.group(2))}")', text)
