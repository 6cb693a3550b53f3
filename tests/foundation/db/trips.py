"""Count the trips to PostgreSQL: a relay between driver and server that looks for the server's ReadyForQuery."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from sqlalchemy.engine import make_url


class Trips:
    """How many times the server has said that it is ready for another query."""

    def __init__(self) -> None:
        self.count = 0
        self._rest = b""

    def heard(self, data: bytes) -> None:
        """Bytes of the server: messages of a letter, their length and that much less four."""
        self._rest += data
        while len(self._rest) >= 5 and len(self._rest) > (length := int.from_bytes(self._rest[1:5])):
            self.count += self._rest[:1] == b"Z"
            self._rest = self._rest[1 + length :]


@contextmanager
def counted(url: str) -> Iterator[tuple[str, Trips]]:
    """A URL that leads to the same database, for one connection, and what is counted on it."""
    parsed, trips = make_url(url), Trips()
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = parsed.host or "127.0.0.1", parsed.port or 5432
        threading.Thread(target=_relay, args=(listening, server, trips), daemon=True).start()
        led = parsed.set(host="127.0.0.1", port=listening.getsockname()[1])
        plain = led.update_query_dict({"sslmode": "disable", "gssencmode": "disable"})
        yield plain.render_as_string(hide_password=False), trips


def _relay(listening: socket.socket, server: tuple[str, int], trips: Trips) -> None:
    with suppress(OSError):
        client, _ = listening.accept()
        with client, socket.create_connection(server) as upstream:
            asking = threading.Thread(target=_pass_on, args=(client, upstream, None), daemon=True)
            asking.start()
            _pass_on(upstream, client, trips)


def _pass_on(source: socket.socket, target: socket.socket, trips: Trips | None) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if trips:
                trips.heard(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
