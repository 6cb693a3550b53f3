"""Certificates are looked at through PROXY where calls go through it, and what is on this machine without it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from trustme import CA

from foundation.tls import handshake
from foundation.tls.trust import context
from tests.support import tls

# Not among the names that need no proxy, and on this machine all the same.
ELSEWHERE = "127.0.0.2"


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)


def tunnel(caller: socket.socket, requests: list[str]) -> None:
    with caller, suppress(OSError):
        line = caller.recv(65536).decode().splitlines()[0]
        requests.append(line)
        port = int(line.split()[1].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 5) as onward:
            caller.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=pump, args=(onward, caller), daemon=True).start()
            pump(caller, onward)


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """The address of a proxy, and the first line of everything that it is asked."""
    requests: list[str] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = server.accept()
                    threading.Thread(target=tunnel, args=(caller, requests), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", requests
        server.shutdown(socket.SHUT_RDWR)


def test_a_host_elsewhere_is_looked_at_through_the_proxy(ca: CA, proxy: tuple[str, list[str]]) -> None:
    address, requests = proxy
    made = tls.leaf(ca, ELSEWHERE)
    with tls.served(made) as port:
        seen = handshake.examine(f"https://{ELSEWHERE}:{port}", context([]), proxy=address)
    assert seen.fault is not None
    assert seen.fault.code == "unknown_issuer"
    assert seen.own is not None
    assert seen.own.names == (ELSEWHERE,)
    assert {line.split()[1] for line in requests} == {f"{ELSEWHERE}:{port}"}


def test_a_host_on_this_machine_is_looked_at_without_the_proxy(ca: CA, proxy: tuple[str, list[str]]) -> None:
    address, requests = proxy
    with tls.served(tls.leaf(ca)) as port:
        assert handshake.examine(f"https://localhost:{port}", context([]), proxy=address).chain
    assert requests == []


def test_a_proxy_that_is_not_there_is_said_so(ca: CA) -> None:
    with tls.served(tls.leaf(ca)) as gone:
        pass
    fault = handshake.examine("https://pulse.bora.com", context([]), proxy=f"http://127.0.0.1:{gone}").fault
    assert fault is not None
    assert fault.code == "proxy"
