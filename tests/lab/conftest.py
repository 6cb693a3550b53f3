"""A lab without calls of its own, a vendor that serves gadget XML, and a browser on the desktop page."""

import base64
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from lab.desktop.app import create_desktop
from lab.desktop.layout import Layout, Placed, Tab
from lab.desktop.parts import Parts
from lab.finesse.second_node import listen

PROBE = Placed("probe", "/probe.xml?filterTags=cc_AgentId%2Ccc_TeamId&gadgetHeight=310", {"colour": "from the layout"})
OTHER = Placed("other", "/other.xml")
LAYOUT: Layout = {
    "Agent": (Tab("home", (PROBE,)), Tab("myStatistics", (OTHER,))),
    "Supervisor": (Tab("home", (PROBE,)), Tab("teamData", (OTHER,))),
}


@dataclass
class Vendor:
    """A web server of the gadgets' vendor; `requests` keeps path and headers of every request."""

    url: str = ""
    documents: dict[str, tuple[str, str]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def put(self, path: str, text: str, kind: str = "application/xml") -> str:
        self.documents[path] = (kind, text)
        return self.url + path


def basic(user: str, password: str = "lab") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture(scope="session")
def vendor_server() -> Iterator[tuple[Vendor, ThreadingHTTPServer]]:
    vendor = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            vendor.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            kind, text = vendor.documents.get(self.path.partition("?")[0], ("", ""))
            body = text.encode()
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", f"{kind or 'text/plain'};charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield vendor, server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def vendor(vendor_server: tuple[Vendor, ThreadingHTTPServer]) -> Vendor:
    vendor_server[0].documents.clear()
    vendor_server[0].requests.clear()
    return vendor_server[0]


@pytest.fixture
def app(vendor: Vendor) -> Flask:
    return create_desktop(vendor.url, calls=False, layout=LAYOUT)


@pytest.fixture
def parts(app: Flask) -> Parts:
    parts: Parts = app.extensions["lab"]
    return parts


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def node_urls(app: Flask, parts: Parts) -> Iterator[tuple[str, str]]:
    """The lab behind two real sockets, one for each node."""
    servers = [listen(app, "127.0.0.1", 0) for _ in range(2)]
    parts.nodes.ports = tuple(server.server_port for server in servers)
    first, second = (f"http://127.0.0.1:{port}" for port in parts.nodes.ports)
    yield first, second
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def desktop_url(node_urls: tuple[str, str]) -> str:
    """Its first node."""
    return node_urls[0]


@dataclass
class Desk:
    """A browser page on the desktop; `errors` holds what its console and its scripts complained of."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)

    def sign_in(self, user: str, address: str = "/desktop", password: str = "lab") -> None:
        self.page.goto(self.url + address)
        self.page.fill("#userId", user)
        self.page.fill("#password", password)
        self.page.click("#signIn")

    def text_of(self, key: str, name: str) -> Callable[[], str]:
        """What the probe gadget wrote into its element of that id."""
        frame = self.page.frame_locator(f"iframe[data-gadget={key}]")
        return lambda: frame.locator(f"#{name}").inner_text()


@pytest.fixture
def desk(browser: Browser, desktop_url: str) -> Iterator[Desk]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    desk = Desk(page, desktop_url)
    page.on("console", lambda message: desk.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: desk.errors.append(str(error)))
    yield desk
    context.close()
