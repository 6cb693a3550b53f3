"""Shindig's rewriting: scripts and styles that are not excluded come from the server (docs/cisco/finesse.md §1.6)."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from urllib.parse import urlencode, urljoin

# Comments and inline scripts are matched whole, so that nothing inside them is taken for a tag.
_PIECE = re.compile(r"<!--.*?-->|<script\b[^>]*>.*?</script\s*>|<link\b[^>]*>", re.DOTALL | re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b([^>]*)>\s*</script\s*>\Z", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
JAVASCRIPT, CSS = "text/javascript", "text/css"


def rewritten(html: str, gadget_url: str, params: Mapping[str, Sequence[str]], *, whole: bool = False) -> str:
    """`params` are content-rewrite's. Neighbouring external scripts become one classic script: type=module is lost.

    `whole` makes one of them all, in the place of the first.
    """
    excluded = [text for text in params.get("exclude-url", ()) if text]
    pieces: list[str] = []
    waiting: list[str] = []
    place = 0
    for piece in _split(html):
        url = _external(piece, gadget_url, excluded)
        if url and _SCRIPT.match(piece):
            place = place if waiting else len(pieces)
            waiting.append(url)
        elif whole:
            pieces.append(_style(url) if url else piece)
        elif not waiting or piece.strip():
            pieces.extend(_script(waiting))
            waiting = []
            pieces.append(_style(url) if url else piece)
    return "".join([*pieces[:place], *_script(waiting), *pieces[place:]])


def _split(html: str) -> list[str]:
    parts: list[str] = []
    at = 0
    for match in _PIECE.finditer(html):
        parts += [html[at : match.start()], match.group()]
        at = match.end()
    return [*parts, html[at:]]


def _external(piece: str, gadget_url: str, excluded: Sequence[str]) -> str | None:
    """The absolute URL of a script or style sheet that the server is to fetch."""
    attributes = {name.lower(): unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(piece)}
    if _SCRIPT.match(piece):
        url = attributes.get("src", "")
    elif piece[:5].lower() == "<link" and attributes.get("rel", "").lower() == "stylesheet":
        url = attributes.get("href", "")
    else:
        return None
    if not url or any(text in url for text in excluded):
        return None
    return urljoin(gadget_url, url)


def _concat(kind: str, urls: Sequence[str]) -> str:
    numbered = [("rewriteMime", kind), *((str(number), url) for number, url in enumerate(urls, 1))]
    return "/gadgets/concat?" + urlencode(numbered).replace("&", "&amp;")


def _script(urls: Sequence[str]) -> list[str]:
    return [f'<script src="{_concat(JAVASCRIPT, urls)}"></script>'] if urls else []


def _style(url: str) -> str:
    return f'<link rel="stylesheet" href="{_concat(CSS, [url])}">'


_CSS_URL = re.compile(r"url\(\s*(['\"]?)(?!data:|https?:|//)([^'\")]+)\1\s*\)")


def absolute_css(text: str, url: str) -> str:
    """A style sheet served from elsewhere still finds its pictures and fonts."""
    return _CSS_URL.sub(lambda match: f'url("{urljoin(url, match.group(2))}")', text)
