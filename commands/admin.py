"""The administrator's port on loopback: health, metrics and docs of a node that serves, and nothing else of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from typing_extensions import override
from werkzeug.serving import WSGIRequestHandler, make_server

from foundation.errors import PulseError
from foundation.server.load import EventLoopStuck, Load
from foundation.web.admin_port import ADMIN_PORT
from foundation.web.error_handler import REFUSAL

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
ALIVE = "/healthz"


class Stuck(PulseError):
    status = 503
    code = "stuck"
    title = "The process does not serve its public port"


class _Quiet(WSGIRequestHandler):
    @override
    def log(self, type: str, message: str, *args: object) -> None:
        """What failed or was slow is in the service's own log."""


def serve(port: int, app: WSGIApplication, load: Load) -> None:
    """Answer on the port in a thread. Of several workers the one that comes first does: counts are of all."""

    def flagged(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[ADMIN_PORT] = True
        if environ["PATH_INFO"] == ALIVE:
            try:
                load.check_loop()
            except EventLoopStuck:
                environ[REFUSAL] = Stuck("Its event loop does not turn.")
        return app(environ, start_response)

    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            wire.bind((HOST, port))
            wire.listen()
        except OSError:
            return
        server = make_server(HOST, port, flagged, threaded=True, request_handler=_Quiet, fd=wire.fileno())
    threading.Thread(target=server.serve_forever, name="admin", daemon=True).start()
