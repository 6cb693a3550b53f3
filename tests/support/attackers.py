"""Connections that cost their sender next to nothing, and are meant to cost a server a lot. Against loopback alone."""

import socket
from pathlib import Path

# It reads a body before it asks who sends it.
PATH = "/api/LoginToken"
KIND = "application/x-www-form-urlencoded"
FORM = f"Content-Type: {KIND}\r\n"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# HTTP/2 frame types and flags (RFC 9113 §6).
DATA, HEADERS, SETTINGS, END_HEADERS = 0, 1, 4, 4


def slow(port: int) -> socket.socket:
    """The first byte of a body, and then none."""
    wire = _connect(port)
    wire.sendall(f"POST {PATH} HTTP/1.1\r\nHost: h\r\n{FORM}Content-Length: 1000\r\n\r\n{{".encode())
    return wire


def slow_chunked(port: int) -> socket.socket:
    """The same without a length."""
    wire = _connect(port)
    wire.sendall(f"POST {PATH} HTTP/1.1\r\nHost: h\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n".encode())
    return wire


def slow_http2(port: int) -> socket.socket:
    """The same over HTTP/2 in clear text, for a server that speaks it."""
    wire = _connect(port)
    wire.sendall(PREFACE + _frame(SETTINGS, 0, 0, b"") + _frame(HEADERS, END_HEADERS, 1, _head()))
    wire.sendall(_frame(DATA, 0, 1, b"{"))
    return wire


def idle(port: int) -> socket.socket:
    """Not a byte."""
    return _connect(port)


def half_head(port: int) -> socket.socket:
    """A request that does not get to its body."""
    wire = _connect(port)
    wire.sendall(b"GET /gadgets/pulse HTTP/1.1\r\nHost: h\r\nX-")
    return wire


def held(worker: int) -> tuple[int, int, int]:
    """Threads, file descriptors and resident MiB of a process."""
    status = Path(f"/proc/{worker}/status").read_text()
    facts = dict(line.split(":", 1) for line in status.splitlines())
    return (
        int(facts["Threads"]),
        len(list(Path(f"/proc/{worker}/fd").iterdir())),
        int(facts["VmRSS"].split()[0]) // 1024,
    )


def worker_of(server: int) -> int:
    """The one child of a server's process that serves; the other is the resource tracker of multiprocessing."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return max(map(int, children), key=lambda child: held(child)[2])


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def _head() -> bytes:
    """POST, http, path, authority, length and type, as HPACK writes them uncompressed (RFC 7541 §6.2.2)."""
    return (
        b"\x83\x86"
        + _literal(4, PATH.encode())
        + _literal(1, b"h")
        + _literal(28, b"1000")
        + _literal(31, KIND.encode())
    )


def _literal(index: int, value: bytes) -> bytes:
    prefix = bytes((index,)) if index < 15 else bytes((15, index - 15))
    return prefix + bytes((len(value),)) + value
