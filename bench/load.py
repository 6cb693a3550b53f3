"""A load of one GET over keep-alive connections: requests per second and waiting times, from one thread."""

import selectors
import socket
import time
from dataclasses import dataclass

CRLF = b"\r\n"
HEADER_END = CRLF + CRLF


@dataclass(frozen=True, slots=True)
class Result:
    """`rate` in requests per second; `p50` and `p99` in milliseconds; `bodies` is the size of the last body."""

    rate: float
    p50: float
    p99: float
    body: int


@dataclass(slots=True)
class Line:
    """One connection with one request on its way."""

    socket: socket.socket
    sent: float
    received: bytearray


def get(port: int, path: str, headers: dict[str, str], *, connections: int, seconds: float) -> Result:
    """GET `path` from 127.0.0.1:`port` again and again for `seconds`. Any answer but 200 is an error."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n{lines}\r\n".encode()
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        _connect(selector, port, request)
    waits: list[float] = []
    began = time.perf_counter()
    body = 0
    while (now := time.perf_counter()) < began + seconds:
        for key, _ in selector.select(1.0):
            line: Line = key.data
            line.received += line.socket.recv(262144)
            size = _whole(line.received)
            if size is not None:
                body = size
                now = time.perf_counter()
                waits.append(now - line.sent)
                line.received.clear()
                line.sent = now
                line.socket.send(request)
    elapsed = now - began
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    waits.sort()
    return Result(len(waits) / elapsed, 1000 * waits[len(waits) // 2], 1000 * waits[int(len(waits) * 0.99)], body)


def _connect(selector: selectors.BaseSelector, port: int, request: bytes) -> None:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.send(request)
    selector.register(connection, selectors.EVENT_READ, Line(connection, time.perf_counter(), bytearray()))


def _whole(received: bytearray) -> int | None:
    """The size of the body, once the whole answer is there."""
    end = received.find(HEADER_END)
    if end < 0:
        return None
    if not received.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"answered {received.partition(CRLF)[0].decode()}")
    size = int(bytes(received[:end]).lower().partition(b"content-length:")[2].partition(CRLF)[0])
    return size if len(received) >= end + 4 + size else None
