"""A small application on granian in a process of its own: through our adapter, with short deadlines, or by WSGI.

python -m tests.support.small_server PORT rsgi|impatient|wsgi
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import Any, Self, cast

from flask import Flask, Response, request
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from commands import children, serve
from commands.listener import end_stalled_readers
from foundation.server.adapter import Adapter
from foundation.server.bodies import Limits
from foundation.server.load import Load
from foundation.web import error_handler, health, middleware
from foundation.web.health import Dependency, Health
from foundation.web.logs import configure_logs
from foundation.web.probe import Probe
from gadgets.origins import allow_list, cors
from tests.support.services import ORIGIN, ROOT, Reply, free_port, tied

THREADS = 4
# Short for a test, and long for a busy machine.
GRACE, PATIENCE, HEAD_SECONDS = 1.5, 1.0, 2.0
IMPATIENT_SECONDS = 1.0
LARGEST, TOTAL = 64 * 1024, 512 * 1024
READY_SECONDS = 60.0
SEEN = ("HTTP_", "REQUEST_", "SERVER_", "CONTENT_", "REMOTE_", "PATH_INFO", "QUERY_", "SCRIPT_")
# A name of the system's environment that looks like a header.
OF_THE_SYSTEM = {"HTTP_X_SYSTEM": "1"}


def create_app(load: Load) -> Flask:
    app = Flask("small", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    error_handler.install(app)
    cors.install(app, allow_list.AllowList.of((ORIGIN,), ()), lambda origin: None)
    middleware.install(app)
    health.install(app, Health({"threads": Dependency((Probe(load.check_threads, every=0, again=0),))}))

    @app.route("/gadgets/environ", methods=["GET", "POST", "PUT"])
    @app.route("/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
    def environ(rest: str = "") -> dict[str, Any]:
        """What a route sees of a request."""
        seen = {name: text for name, text in request.environ.items() if name.startswith(SEEN)}
        return {**seen, "scheme": request.scheme, "rest": rest, "body": request.get_data().decode("latin-1")}

    @app.post("/unauthorized")
    def unauthorized() -> tuple[str, int]:
        """Refused before anybody looks at the body."""
        return "", 401

    @app.get("/gadgets/held/<int:port>")
    def held(port: int) -> str:
        """Hold a thread until whoever listens on the port hangs up."""
        with closing(socket.create_connection(("127.0.0.1", port))) as wire:
            wire.recv(1)
        return "let go"

    @app.get("/long/<int:size>")
    def long(size: int) -> Response:
        return Response(b"x" * size)

    @app.get("/streamed/<int:size>/<int:times>")
    def streamed(size: int, times: int) -> Response:
        return Response(b"%08d" % number + b"x" * (size - 8) for number in range(times))

    @app.get("/fails/<int:after>")
    def fails(after: int) -> Response:
        def parts() -> Iterator[bytes]:
            yield b"x" * after
            raise SystemExit("not even an Exception")

        return Response(parts())

    @app.get("/empty/<int:status>")
    def empty(status: int) -> Response:
        return Response(status=status, headers={"ETag": '"1"'})

    return app


def load_rsgi(port: int, stalled: float) -> Adapter:
    children.follow_parent()
    load, limits = Load(), Limits(GRACE, total=TOTAL)
    listening = partial(end_stalled_readers, port, stalled)
    return Adapter(create_app(load), THREADS, load, lambda path: LARGEST, limits, PATIENCE, listening)


def load_wsgi() -> Flask:
    children.follow_parent()
    return create_app(Load())


def main(port: int, interface: str) -> None:
    configure_logs("info")
    loaders: dict[str, tuple[Interfaces, Callable[[], Any], int]] = {
        "rsgi": (Interfaces.RSGI, partial(load_rsgi, port, serve.STALLED_SECONDS), 1),
        "impatient": (Interfaces.RSGI, partial(load_rsgi, port, IMPATIENT_SECONDS), 1),
        "wsgi": (Interfaces.WSGI, load_wsgi, THREADS),
    }
    kind, loader, threads = loaders[interface]
    Server(
        "small",
        port=port,
        interface=kind,
        blocking_threads=threads,
        http=HTTPModes.http1,
        http1_settings=replace(serve.HTTP1, header_read_timeout=int(1000 * HEAD_SECONDS)),
        websockets=False,
        workers_kill_timeout=1,
        log_level=LogLevels.error,
    ).serve(target_loader=loader, wrap_loader=False)


class SmallServer:
    """One that runs: its port, its worker's threads and memory."""

    def __init__(self, log: Path, interface: str) -> None:
        self.port = free_port()
        self._log = log
        with log.open("wb") as out:
            command = tied(sys.executable, "-m", "tests.support.small_server", str(self.port), interface)
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=os.environ | OF_THE_SYSTEM)

    def __enter__(self) -> Self:
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)

    def log(self) -> str:
        return self._log.read_text()

    def request(self, head: str, body: bytes = b"") -> Reply:
        """Ask on a connection of its own; `head` is the first line without the version, and more headers."""
        line, _, more = head.partition("\n")
        lines = [f"{line} HTTP/1.1", "Host: h", "Connection: close", *more.splitlines()]
        answer = self.raw("\r\n".join([*lines, "", ""]).encode() + body)
        return parse(answer)

    def raw(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """All that is answered to these bytes until the connection is closed."""
        with closing(self.connect()) as wire:
            for part in parts:
                wire.sendall(part)
                time.sleep(pause)
            return read_all(wire)

    def metrics(self) -> str:
        return self.request("GET /metrics").data.decode()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 30)

    def _is_ready(self) -> bool:
        try:
            return self.raw(b"GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")
        except OSError:
            return False


def parse(answer: bytes) -> Reply:
    head, _, body = answer.partition(b"\r\n\r\n")
    line, _, headers = head.partition(b"\r\n")
    return Reply(int(line.split()[1]), cast(Mapping[str, str], message_from_bytes(headers)), body)


def read_all(wire: socket.socket) -> bytes:
    received = b""
    while part := wire.recv(1 << 20):
        received += part
    return received


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
