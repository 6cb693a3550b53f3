"""Requests as bytes on a socket: for headers that no well-behaved client sends."""

import socket
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPMessage, HTTPResponse
from typing import cast

from tests.support.services import Reply

Headers = Sequence[tuple[str, bytes]]


class Wire:
    """One kept-alive connection to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def request(self, method: str, path: str, headers: Headers, body: bytes = b"") -> Reply:
        """Header values go out byte for byte, in the order given, twice where they are given twice."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), 10)
        lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: pulse.bora.com"]
        lines += [name.encode() + b": " + value for name, value in headers]
        lines += [b"Content-Type: application/json", b"Content-Length: %d" % len(body)] if body else []
        self._socket.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        with closing(HTTPResponse(self._socket, method=method)) as response:
            response.begin()
            reply = Reply(response.status, cast(Mapping[str, str], response.headers), response.read())
            if response.will_close:
                self._hang_up()
        return reply

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def values_of(headers: object, name: str) -> list[str]:
    """Every word of a header that may stand in several lines."""
    assert isinstance(headers, HTTPMessage)
    return [word.strip() for line in headers.get_all(name, []) for word in line.split(",")]
