"""The two nodes of the lab's Finesse: one process, two ports, one state; which of them is in service."""

import threading
from urllib.parse import urlsplit


class NoOtherNode(Exception):
    """There is no other node to go to."""


class Nodes:
    """Thread-safe. A request belongs to the node whose port its Host names; any other port is the first node's."""

    def __init__(self, bases: tuple[str, ...], time_zone: str) -> None:
        self.time_zone = time_zone
        self.ports = tuple(urlsplit(base).port or 80 for base in bases)
        self.jitter_seconds = 2.0
        self._guard = threading.Lock()
        self._active = 0
        self._out: int | None = None

    def fail_over(self, jitter_seconds: float) -> None:
        """The node in use goes out of service, the other one is the node in use."""
        if len(self.ports) < 2:
            raise NoOtherNode
        with self._guard:
            self.jitter_seconds = jitter_seconds
            self._out, self._active = self._active, 1 - self._active

    def restore(self) -> None:
        """Both in service, the first in use; nobody moves on his own, as with a real Finesse."""
        with self._guard:
            self._out, self._active = None, 0

    def is_out(self, host: str) -> bool:
        return self._out is not None and self._at(host) == self._out

    def elsewhere(self, host: str) -> str:
        """The other node, under the host name that the browser uses."""
        return f"http://{host.partition(':')[0]}:{self.ports[1 - self._at(host)]}"

    def to_dict(self) -> dict[str, int | None]:
        return {"active": self.ports[self._active], "out": None if self._out is None else self.ports[self._out]}

    def _at(self, host: str) -> int:
        port = host.rpartition(":")[2]
        return next((at for at, own in enumerate(self.ports) if str(own) == port), 0)
