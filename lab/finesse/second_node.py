"""The second node's listener: the same application on another port, in the process of the first."""

import threading

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as the first node keeps them

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet, as the first node is."""


def listen(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Serve from now on, each connection in a thread, until `shutdown` or the end of the process."""
    server = make_server(host, port, app, threaded=True, request_handler=_Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), name="second-node", daemon=True).start()
    return server
