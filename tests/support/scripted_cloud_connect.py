"""Cloud Connect nodes that do as a test tells them: HTTP on loopback ports, every call counted, each fault real."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

from tests.support.scripted_finesse import basic
from tests.support.services import free_port

NAME, PASSWORD = "admin", "cloud connect's word"
HUNG_SECONDS = 30.0


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024
    allow_reuse_address = True


class Node:
    """One node; `fault` names how it fails, "" is none. `body` is what it answers with, `delay` how late."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.fault = ""
        self.delay = 0.0
        self.life = 43_200.0
        self.body: Callable[[str], bytes] | None = None
        self.calls = 0
        self._over = threading.Event()
        self._server: Server | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        self._over.clear()
        self._server = Server(("127.0.0.1", self.port), handler_of(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def kill(self) -> None:
        """Nothing listens on the port any more, and calls under way end."""
        self._over.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    def token(self) -> bytes:
        """The next answer, with a token that tells which node it is from and which it is."""
        with self._lock:
            self.calls += 1
            token = f"{self.name}-token-{self.calls:06}"
        if self.body:
            return self.body(token)
        life = -60.0 if self.fault == "expired token" else self.life
        return json.dumps({"access_token": token, "expires_at": int((time.time() + life) * 1000)}).encode()

    def wait(self, seconds: float) -> None:
        self._over.wait(seconds)


def handler_of(node: Node) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            node.wait(node.delay)
            is_right = self.headers["Authorization"] == basic(NAME, PASSWORD)
            body = node.token()
            if node.fault == "401" or not is_right:
                self._send(401, b"")
            else:
                faults.get(node.fault, usual)(self, node, body)

        def _send(self, status: int, body: bytes, length: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                """A caller that has had enough hangs up."""

    def usual(handler: Handler, _node: Node, body: bytes) -> None:
        handler._send(200, body)

    def hung(handler: Handler, node: Node, _body: bytes) -> None:
        node.wait(HUNG_SECONDS)
        handler.close_connection = True

    def half(handler: Handler, _node: Node, body: bytes) -> None:
        handler._send(200, body[: len(body) // 2], len(body))
        handler.close_connection = True

    def trickle(handler: Handler, node: Node, body: bytes) -> None:
        handler._send(200, b"", len(body))
        for byte in body:
            handler.wfile.write(bytes((byte,)))
            node.wait(1.0)

    faults: Mapping[str, Callable[[Handler, Node, bytes], None]] = MappingProxyType(
        {
            "hung": hung,
            "500": lambda handler, _node, _body: handler._send(500, b"<h1>HTTP Status 500</h1>"),
            "half a body": half,
            "junk": lambda handler, _node, _body: handler._send(200, b"<html><body>Please wait</body></html>"),
            "slow bytes": trickle,
        }
    )
    return Handler


class Pair:
    """A publisher and a subscriber."""

    def __init__(self) -> None:
        self.publisher, self.subscriber = Node("publisher"), Node("subscriber")

    @property
    def calls(self) -> int:
        return self.publisher.calls + self.subscriber.calls

    @property
    def bases(self) -> tuple[str, str]:
        return self.publisher.base, self.subscriber.base


@contextmanager
def scripted_pair() -> Iterator[Pair]:
    pair = Pair()
    pair.publisher.start()
    pair.subscriber.start()
    try:
        yield pair
    finally:
        pair.publisher.kill()
        pair.subscriber.kill()
