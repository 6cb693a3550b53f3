"""The one client for outbound HTTP: every wait under one deadline, no redirect, no retry, no secret in an error."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from foundation.http.deadline import LARGEST_ANSWER
from foundation.http.failures import NoAnswer, NoConnection
from foundation.http.upstream import FAILURE_REMEMBERED
from tests.support.services import free_port
from tests.support.tls import authority, leaf

SECRET = {"Authorization": "Basic aHVzaDpodXNo"}
Responder = Callable[[socket.socket], None]


@contextmanager
def neighbour(respond: Responder, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that reads a request head, then does with the connection as `talk` does; its base URL."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(10)
        over = threading.Event()

        def serve(plain: socket.socket) -> None:
            try:
                with tls.wrap_socket(plain, server_side=True) if tls else plain as wire:
                    while wire.recv(65536):
                        respond(wire)
            except OSError:
                """The caller has hung up."""

        def accept() -> None:
            while not over.is_set():
                try:
                    wire, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(wire,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.getsockname()[1]}"
        over.set()
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def sending(*parts: bytes, pause: float = 0.0) -> Responder:
    def respond(wire: socket.socket) -> None:
        for part in parts:
            wire.sendall(part)
            time.sleep(pause)

    return respond


def refused(http: HttpClient, base: str, seconds: float = 1.0) -> tuple[NeighbourDown, float]:
    """The failure of a call, and how long it took."""
    began = time.monotonic()
    with pytest.raises(NeighbourDown) as raised:
        http.get(base, "/path?token=hush", SECRET, seconds)
    assert "hush" not in f"{raised.value} {raised.value.detail}"
    assert "aHVzaDpodXNo" not in f"{raised.value} {raised.value.detail} {raised.value.__cause__!r}"
    return raised.value, time.monotonic() - began


def test_an_answer_comes_whole() -> None:
    head = b"HTTP/1.1 404 Not Found\r\nContent-Type: Text/XML; charset=utf-8\r\nContent-Length: 5\r\n\r\n"
    with neighbour(sending(head, b"<a", b"/>\n", pause=0.02)) as base:
        answer = HttpClient().get(base, "/", {}, 2)
    assert (answer.status, answer.body) == (404, b"<a/>\n")


def test_a_body_in_chunks_comes_whole() -> None:
    text = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with neighbour(sending(text)) as base:
        assert HttpClient().get(base, "/", {}, 2).body == b"abcde"


def test_connections_are_kept() -> None:
    seen: list[tuple[str, int]] = []

    def respond(wire: socket.socket) -> None:
        seen.append(wire.getpeername())
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with neighbour(respond) as base:
        http = HttpClient()
        for _ in range(5):
            assert http.get(base, "/", {}, 2).body == b"ok"
    assert len(set(seen)) == 1
    assert len(seen) == 5


def test_a_kept_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    def respond(wire: socket.socket) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        wire.shutdown(socket.SHUT_RDWR)

    with neighbour(respond) as base:
        http = HttpClient()
        for _ in range(3):
            assert http.get(base, "/", {}, 2).body == b"ok"
            time.sleep(0.05)


def test_a_silent_neighbour_is_left_at_the_deadline() -> None:
    with neighbour(lambda _wire: time.sleep(5)) as base:
        failure, took = refused(HttpClient(), base, 0.5)
    assert isinstance(failure, NoAnswer)
    assert failure.status == 504
    assert 0.4 < took < 4


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_where_no_time_is_left_the_neighbour_is_not_waited_for(seconds: float) -> None:
    with neighbour(lambda _wire: time.sleep(5)) as base:
        _, took = refused(HttpClient(), base, seconds)
    assert took < 4


def test_a_body_that_trickles_is_left_at_the_deadline() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    with neighbour(sending(head, *[b"x"] * 100, pause=0.1)) as base:
        failure, took = refused(HttpClient(), base, 0.6)
    assert isinstance(failure, NoAnswer)
    assert took < 4


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\nX-Long: "])
def test_headers_that_trickle_are_left_at_the_deadline(head: bytes) -> None:
    with neighbour(sending(head, *[b"K"] * 100, pause=0.1)) as base:
        failure, took = refused(HttpClient(), base, 0.6)
    assert isinstance(failure, NoAnswer)
    assert took < 4


def test_headers_that_trickle_over_tls_are_left_at_the_deadline() -> None:
    ca = authority()
    tls, trusting = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    leaf(ca).configure_cert(tls)
    ca.configure_trust(trusting)
    with neighbour(sending(b"HTTP/1.1 200 OK\r\nX-Long: ", *[b"K"] * 100, pause=0.1), tls) as base:
        failure, took = refused(HttpClient(tls=lambda: trusting), base, 0.9)
    assert isinstance(failure, NoAnswer)
    assert took < 4


def test_a_body_that_stops_is_left_at_the_deadline() -> None:
    def respond(wire: socket.socket) -> None:
        time.sleep(0.5)
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
        time.sleep(5)

    with neighbour(respond) as base:
        failure, took = refused(HttpClient(), base, 0.8)
    assert isinstance(failure, NoAnswer)
    assert took < 4


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"no http at all\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"",
    ],
)
def test_half_an_answer_is_none(text: bytes) -> None:
    def respond(wire: socket.socket) -> None:
        wire.sendall(text)
        wire.shutdown(socket.SHUT_RDWR)

    with neighbour(respond) as base:
        failure, took = refused(HttpClient(), base, 2)
    assert isinstance(failure, NoAnswer)
    assert took < 4


@pytest.mark.parametrize(
    "length", [b"Content-Length: 99999999999", b"Transfer-Encoding: chunked", b"Connection: close"]
)
def test_a_body_without_end_is_left(length: bytes) -> None:
    def respond(wire: socket.socket) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n\r\n")
        part = b"x" * 65536
        while True:
            wire.sendall(b"10000\r\n" + part + b"\r\n" if b"chunked" in length else part)

    with neighbour(respond) as base:
        failure, took = refused(HttpClient(), base, 10)
    assert isinstance(failure, NoAnswer)
    assert took < 5
    assert LARGEST_ANSWER == 4 * 1024 * 1024


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with neighbour(
        sending(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    ) as base:
        assert HttpClient().get(base, "/", SECRET, 2).status == 302


def test_where_nothing_listens_there_is_no_connection() -> None:
    failure, took = refused(HttpClient(), f"http://127.0.0.1:{free_port()}")
    assert isinstance(failure, NoConnection)
    assert failure.status == 502
    assert took < 4


def test_a_name_that_does_not_exist_is_no_connection() -> None:
    failure, _ = refused(HttpClient(), "https://finesse1.invalid:8445", 3)
    assert isinstance(failure, NoConnection)


def test_a_certificate_that_nobody_signed_is_no_connection(tmp_path_factory: pytest.TempPathFactory) -> None:
    with neighbour(sending(b"HTTP/1.1 400 Plain\r\n\r\n")) as base:
        failure, _ = refused(HttpClient(), base.replace("http:", "https:"), 2)
    assert isinstance(failure, NoConnection)


def test_a_host_that_just_refused_is_not_tried_for_seconds_then_again() -> None:
    http, port = HttpClient(), free_port()
    base = f"http://127.0.0.1:{port}"
    refused(http, base)
    with closing(socket.create_server(("127.0.0.1", port))) as server:
        server.settimeout(0.1)
        failure, _ = refused(http, base)
        assert "a moment ago" in failure.detail
        with pytest.raises(TimeoutError):
            server.accept()
        time.sleep(FAILURE_REMEMBERED)
        refused(http, base, 0.3)
        server.accept()[0].close()


def test_a_slow_answer_does_not_close_the_door() -> None:
    with (
        neighbour(lambda _wire: time.sleep(2)) as slow,
        neighbour(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as quick,
    ):
        http = HttpClient()
        refused(http, slow, 0.2)
        assert http.get(quick, "/", {}, 1).status == 200
        _, took = refused(http, slow, 0.3)
        assert took > 0.2
