"""The way between a browser and the lab: how long it takes, and how much of it is lost."""

import time

from flask import Flask, Response, request

MOST_LATENCY_MS = 400.0


class Network:
    """`latency_ms` is there and back; `loss` is the share that never arrives, which the desktop page sees to.

    An answer of ours that says it is lost would have arrived.
    """

    def __init__(self) -> None:
        self.latency_ms = 0.0
        self.loss = 0.0

    def to_dict(self) -> dict[str, float]:
        return {"latencyMs": self.latency_ms, "loss": self.loss}

    def install(self, app: Flask) -> None:
        """Half of the way before each request of a browser, half after; programs beside the lab are near it."""

        @app.before_request
        def there() -> None:
            self._pass()

        @app.after_request
        def back(response: Response) -> Response:
            self._pass()
            return response

    def _pass(self) -> None:
        if self.latency_ms and "Sec-Fetch-Site" in request.headers and not request.path.startswith("/lab/"):
            time.sleep(self.latency_ms / 2000)
