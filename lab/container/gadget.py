"""One gadget for one viewer: its XML fetched, its placeholders filled, its page written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from lab.container import messages
from lab.container.fetch import Fetcher, Unreachable
from lab.container.rewrite import rewritten, split_document
from lab.container.spec import Spec, Unloadable, read

# What Shindig writes into a page whose content begins without a doctype (docs/cisco/finesse.md §1.6).
WITHOUT_DOCTYPE = (
    "<style>body,td,div,span,p{font-family:arial,sans-serif}a{color:#0000cc}a:visited{color:#551a8b}"
    "a:active{color:#ff0000}body{margin:0px;padding:0px;background-color:white}</style>"
)
FILLED = ("scheme", "host", "hostPort", "externalServerHost", "id")  # docs/cisco/finesse.md §1.4


@dataclass(frozen=True, slots=True)
class Gadget:
    """`prefs` holds every declared UserPref with its value here, `texts` the messages of the viewer's language."""

    url: str
    module_id: str
    lang: str
    country: str
    spec: Spec
    prefs: Mapping[str, str]
    texts: Mapping[str, str]

    @property
    def title(self) -> str:
        return self._filled(self.spec.title, safe=False)

    def page(self, view: str, *, whole: bool = False) -> str:
        """The document of the iframe: all styles before all scripts, and at its end what connects the hub."""
        params = self.spec.features.get("content-rewrite", {})
        html = rewritten(self._filled(self.spec.html(view), safe=True), self.url, params, whole=whole)
        doctype, styles, html = split_document(html)
        scripts = ":".join(["core", *(name for name in self.spec.features if name != "core")])
        boot = json.dumps(self._boot(view), ensure_ascii=False).replace("<", "\\u003c")
        return (
            f'{doctype}<html lang="{escape(self.lang)}"><head><meta charset="utf-8"><title>{escape(self.title)}</title>'
            f"{'' if doctype else WITHOUT_DOCTYPE}{styles}"
            f'<script>var gadgets = {{boot: {boot}}};</script><script src="/gadgets/js/{scripts}.js"></script>'
            f"</head><body>{html}<script>gadgets.util.runOnLoadHandlers();</script></body></html>"
        )

    def facts(self) -> dict[str, Any]:
        """What the desktop needs to know before it makes the frame."""
        loading = self.spec.features.get("loadingindicator")
        return {
            "title": self.title,
            "height": self.spec.height,
            "features": sorted(self.spec.features),
            "views": sorted(self.spec.views),
            "prefs": sorted(self.prefs),
            "loading": None if loading is None else _loading(loading),
        }

    def _boot(self, view: str) -> dict[str, Any]:
        return {
            "moduleId": self.module_id,
            "prefs": dict(self.prefs),
            "texts": dict(self.texts),
            "lang": self.lang,
            "country": self.country,
            "features": sorted(self.spec.features),
            "view": view,
        }

    def _filled(self, text: str, *, safe: bool) -> str:
        for name, message in self.texts.items():
            text = text.replace(f"__MSG_{name}__", message)
        for name, value in self.prefs.items():
            text = text.replace(f"__UP_{name}__", escape(value) if safe else value)
        return text.replace("__MODULE_ID__", escape(self.module_id))


def _loading(params: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    timeout = params.get("loading-timeout", ("",))[-1]
    return {
        "manualDismiss": params.get("manual-dismiss", ("false",))[-1] == "true",
        "timeout": int(timeout) if timeout.isdigit() else None,
    }


def load(query: Mapping[str, str], filled: Mapping[str, str], fetcher: Fetcher) -> Gadget:
    """From the query of the frame's address; `filled` are the names that the container fills in. Raises Unloadable."""
    url = query.get("url", "")
    try:
        text = fetcher.get(url).text
    except Unreachable as fault:
        raise Unloadable(f"The gadget could not be fetched: {fault}.") from None
    spec = read(text)
    lang, country = query.get("lang", "en"), query.get("country", "US")
    prefs = {name: query.get(f"up_{name}", filled.get(name, default)) for name, default in spec.prefs.items()}
    texts = messages.texts(spec.locales, lang, country, url, fetcher)
    return Gadget(url, query.get("mid", "0"), lang, country, spec, prefs, texts)
