"""Answers that are read whole within one time-out, their headers too: http.client's own is for each read of bytes."""

import io
import time
from http.client import HTTPResponse
from socket import socket
from typing import Any

from typing_extensions import Buffer, override
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection

from foundation.http.failures import NoAnswer, TooLarge

LARGEST_ANSWER = 4 * 1024 * 1024
SHORTEST_WAIT = 0.001


class _Paced(io.RawIOBase):
    """What comes in on a socket, each read waiting no longer than what is left of the time-out that it has now."""

    def __init__(self, wire: socket, raw: io.RawIOBase) -> None:
        self._wire = wire
        self._raw = raw
        self._deadline = time.monotonic() + (wire.gettimeout() or 0.0)

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer) -> int | None:
        self._wire.settimeout(max(SHORTEST_WAIT, self._deadline - time.monotonic()))
        return self._raw.readinto(buffer)

    @override
    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    @override
    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: io.BufferedReader = io.BufferedReader(_Paced(sock, self.fp.detach()))


class PacedConnection(HTTPConnection):
    response_class = _Answer


class PacedSecureConnection(HTTPSConnection):
    response_class = _Answer


def read_body(base: str, response: BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body; an error where it is too large, breaks off, or comes in slower than the deadline allows."""
    parts: list[bytes] = []
    size = 0
    while response.length_remaining != 0:
        part = response.read1(65536)
        if not part:
            break
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            response.close()
            raise TooLarge(f"{base} sent more than can be taken in")
        if time.monotonic() > deadline:
            response.close()
            raise NoAnswer(f"{base} sent too slowly")
    response.release_conn()
    return b"".join(parts)
