"""The two gadget XML files, the sample layout, the zip to upload, and the built modules that they name."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Literal
from urllib.parse import SplitResult, urlsplit

from flask import Blueprint, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from foundation.errors import BadRequest
from foundation.settings import Settings
from foundation.web.models import RequestModel
from foundation.web.openapi import described
from gadgets.install.bundles import TYPES, Bundles

HERE: Final = Path(__file__).parent
STATIC: Final = HERE.parents[1] / "static"
XML: Final = "application/xml"
ZIP: Final = "application/zip"
ZIP_FOLDER: Final = "CXService"  # docs/cisco/finesse.md §1.1
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: equal content gives equal bytes

# For all applications of the process: each template is compiled once.
TEMPLATES: Final = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class Gadget:
    """One of the two: its file and title as Cisco shipped them (docs/cisco/finesse.md §1.1)."""

    file: str
    title: str
    key: str
    view: str


GADGETS: Final = (
    Gadget("CiscoCXJourneyGadget.xml", "Customer Experience Journey", "journey", ""),
    Gadget("CiscoCXAnalyticsGadget.xml", "Customer Experience Analytics", "analytics", "default,canvas"),
)

# Language and country as OpenSocial's Locale takes them; zh without a country covers desktops that name none.
DEFAULT: Final = "en"
LOCALES: Final = (("", "", DEFAULT), ("zh", "TW", "zh-TW"), ("zh", "", "zh-TW"))

Release = Literal["12.5", "12.6", "15.0"]
# Its layout's version number, and whether it has Multi-Tab gadgets (docs/cisco/finesse.md §2).
RELEASES: Final[dict[Release, tuple[str, bool]]] = {
    "12.5": ("1250.03", False),
    "12.6": ("1252.02", True),
    "15.0": ("1252.02", True),
}
LAYOUT_ROLES: Final = (
    ("Agent", "myStatistics", "column-chart", "cc_AgentId"),
    ("Supervisor", "teamData", "agents", "cc_TeamId"),
)


class UnknownRelease(BadRequest):
    code = "unknown_release"
    title = "There is no sample layout for this release"


class LayoutParameters(RequestModel):
    error: ClassVar[type[BadRequest]] = UnknownRelease
    usage: ClassVar[str] = f"release must be one of {', '.join(RELEASES)}"

    release: Release


class Shells:
    """Everything that the blueprint answers, made once at start."""

    def __init__(self, public_url: str, bundles: Bundles) -> None:
        self.public_url = public_url
        self.bundles = bundles
        self.gadgets = {gadget.file: self._gadget(gadget) for gadget in GADGETS}
        self.layouts = {release: self._layout(release) for release in RELEASES}
        self.zip = zipped(self.gadgets)

    def _gadget(self, gadget: Gadget) -> bytes:
        parts = urlsplit(self.public_url)
        address = host_and_port(parts)
        module = self._module()
        config = {
            "publicUrl": self.public_url,
            "address": address,
            "path": parts.path,
            "module": module,
            "gadget": gadget.key,
        }
        return self._render(
            "gadget.xml",
            gadget=gadget,
            public_url=self.public_url,
            address=address,
            excluded=parts.netloc,
            module=module,
            config=config,
            script=(HERE / "templates/shell.js").read_text("utf-8"),
            locales=[
                {"lang": lang, "country": country, "tag": tag, "words": words(tag)} for lang, country, tag in LOCALES
            ],
        )

    def _module(self) -> str:
        """Where the module is that both gadgets share; the container fills in the language of its desktop."""
        paths = {tag: self.bundles.path(f"pulse.{tag}.js") for *_, tag in LOCALES}
        return paths[DEFAULT].replace(f".{DEFAULT}.", ".__MSG_locale__.")

    def _layout(self, release: Release) -> bytes:
        version, multi_tab = RELEASES[release]
        return self._render(
            "layout.xml",
            release=release,
            version=version,
            multi_tab=multi_tab,
            public_url=self.public_url,
            roles=LAYOUT_ROLES,
        )

    def _render(self, template: str, **values: object) -> bytes:
        return TEMPLATES.get_template(template).render(values).encode()


def host_and_port(parts: SplitResult) -> str:
    """What Cisco's reverse proxy has in its map; an address may leave the port out (docs/cisco/finesse.md §1.4)."""
    return parts.netloc if parts.port else f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}"


def words(locale: str) -> dict[str, str]:
    """The words that the XML itself needs, from the gadgets' locale file."""
    texts = json.loads((STATIC / f"gadgets/locales/{locale}.json").read_text("utf-8"))
    shell: dict[str, str] = texts["shell"]
    return shell


def zipped(files: dict[str, bytes]) -> bytes:
    """The gadget files for Finesse's third-party gadget folder, readable by all (docs/cisco/finesse.md §1.3)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{ZIP_FOLDER}/{name}", ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def blueprint(settings: Settings, built: Path = STATIC / "dist") -> Blueprint:
    """The routes of the shells and of what they load; fails at once where the gadgets were never built."""
    shells = Shells(settings.public_url, Bundles.load(built))
    routes = Blueprint("shells", __name__)

    for file, xml in shells.gadgets.items():
        routes.add_url_rule(f"/gadgets/{file}", file.removesuffix(".xml"), _gadget(xml))

    @routes.get("/gadgets/layout.xml")
    @described(query=LayoutParameters, media=XML, status=(200, 304), errors=(UnknownRelease,))
    def layout() -> Response:
        """A sample `finesseLayout` with both gadgets in their places."""
        return conditional(shells.layouts[LayoutParameters.parse(request.args.to_dict()).release], XML)

    @routes.get("/gadgets/CXService.zip")
    @described(media=ZIP, status=(200, 304))
    def archive() -> Response:
        """Both gadget files, to upload to Finesse instead of naming this service in the layout."""
        return conditional(shells.zip, ZIP)

    @routes.get("/static/<release>/<path:name>")
    @described(media=tuple(TYPES.values()), status=(200, 304))
    def static(release: str, name: str) -> Response:
        """A built module of a release that is still kept, or a style of an earlier one."""
        return shells.bundles.answer(release, name)

    return routes


def _gadget(xml: bytes) -> Callable[[], Response]:
    @described(media=XML, status=(200, 304))
    def gadget() -> Response:
        """A gadget, as Finesse fetches it."""
        return conditional(xml, XML)

    return gadget


def conditional(body: bytes, mimetype: str) -> Response:
    """The body with its ETag, or 304 where the caller has it; to be asked again each time."""
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
