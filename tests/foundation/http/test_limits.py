"""The HTTP client: so many calls to one neighbour and no more, retries where they may help, a proxy as configured."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from foundation.http.failures import Busy, NoAnswer, NoConnection, NoName, NoProxy, NoTrust, TooLarge
from tests.foundation.http.test_client import neighbour, sending
from tests.support.services import free_port

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DOWN = b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"


def ask(http: HttpClient, base: str, method: str = "GET", seconds: float = 2.0, tries: int = 1) -> int:
    return http.ask(
        method, base, "/", headers={}, body=b"" if method == "POST" else None, seconds=seconds, tries=tries
    ).status


def kinds(http: HttpClient, base: str, calls: int, seconds: float) -> list[str]:
    """What became of so many calls at once."""

    def outcome(_: int) -> str:
        try:
            return str(ask(http, base, seconds=seconds))
        except NeighbourDown as error:
            return type(error).__name__

    with ThreadPoolExecutor(calls) as pool:
        return sorted(pool.map(outcome, range(calls)))


def test_one_call_too_many_is_refused_at_once_and_the_others_are_not_held_up() -> None:
    with neighbour(lambda _wire: time.sleep(5)) as slow, neighbour(sending(OK)) as quick:
        http = HttpClient(limit=4)
        waiting = [threading.Thread(target=kinds, args=(http, slow, 1, 3.0)) for _ in range(4)]
        for thread in waiting:
            thread.start()
        time.sleep(1)
        began = time.monotonic()
        with pytest.raises(Busy) as raised:
            ask(http, slow)
        assert ask(http, quick) == 200
        assert time.monotonic() - began < 1.5
        assert (raised.value.status, raised.value.retry_after) == (503, 1)
        for thread in waiting:
            thread.join()


def test_a_neighbour_that_fell_silent_gets_an_eighth_until_it_answers() -> None:
    silent = threading.Event()
    silent.set()

    def respond(wire: socket.socket) -> None:
        if silent.is_set():
            time.sleep(3)
        else:
            time.sleep(0.2)
            wire.sendall(OK)

    with neighbour(respond) as base:
        http = HttpClient(limit=16)
        assert kinds(http, base, 16, 1.0) == ["NoAnswer"] * 16
        assert kinds(http, base, 16, 1.0) == ["Busy"] * 14 + ["NoAnswer"] * 2
        silent.clear()
        assert ask(http, base) == 200
        assert kinds(http, base, 16, 10.0) == ["200"] * 16


def test_places_are_free_again_after_every_kind_of_end() -> None:
    texts = [OK, DOWN, b"junk\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", b""]
    for text in texts:

        def respond(wire: socket.socket, text: bytes = text) -> None:
            wire.sendall(text)
            wire.shutdown(socket.SHUT_RDWR)

        with neighbour(respond) as base:
            http = HttpClient(limit=1)
            for _ in range(5):
                assert kinds(http, base, 1, 2.0) != ["Busy"]


def replies(*texts: bytes) -> tuple[Callable[[socket.socket], None], list[bytes]]:
    """Sends one text after the other, the last one again and again; and the list of what was sent."""
    sent: list[bytes] = []

    def respond(wire: socket.socket) -> None:
        text = texts[min(len(sent), len(texts) - 1)]
        sent.append(text)
        wire.sendall(text)
        if b"Content-Length" not in text:
            wire.shutdown(socket.SHUT_RDWR)

    return respond, sent


@pytest.mark.parametrize("first", [DOWN, DOWN.replace(b"503", b"429"), b"half an answer\r\n\r\n"])
def test_an_idempotent_call_is_made_again_where_the_failure_may_pass(first: bytes) -> None:
    respond, sent = replies(first, OK)
    with neighbour(respond) as base:
        assert ask(HttpClient(), base, tries=2) == 200
    assert len(sent) == 2


@pytest.mark.parametrize("status", [b"400", b"401", b"403", b"404", b"409"])
def test_a_fatal_answer_is_taken_as_it_is(status: bytes) -> None:
    respond, sent = replies(DOWN.replace(b"503", status), OK)
    with neighbour(respond) as base:
        assert ask(HttpClient(), base, tries=3) == int(status)
    assert len(sent) == 1


def test_a_post_is_never_made_again() -> None:
    respond, sent = replies(DOWN, OK)
    with neighbour(respond) as base:
        assert ask(HttpClient(), base, "POST", tries=3) == 503
    assert len(sent) == 1


def test_the_last_try_tells_what_it_found_within_the_deadline() -> None:
    respond, sent = replies(DOWN)
    with neighbour(respond) as base:
        began = time.monotonic()
        assert ask(HttpClient(), base, tries=50, seconds=2.0) == 503
    assert time.monotonic() - began < 4
    assert 2 < len(sent) < 50


def test_a_pause_that_is_asked_for_is_told_and_kept() -> None:
    respond, _ = replies(DOWN.replace(b"Content", b"Retry-After: 1\r\nContent"), OK)
    with neighbour(respond) as base:
        began = time.monotonic()
        assert ask(HttpClient(), base, tries=2, seconds=5.0) == 200
        assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize(("text", "seconds"), [(b"7", 7.0), (b"soon", None), (b"", None), (b"-1", None)])
def test_retry_after_is_read(text: bytes, seconds: float | None) -> None:
    respond, _ = replies(DOWN.replace(b"Content", b"Retry-After: " + text + b"\r\nContent"))
    with neighbour(respond) as base:
        assert HttpClient().get(base, "/", {}, 2.0).retry_after == seconds


def test_retry_after_as_a_date_is_read() -> None:
    moment = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30)).encode()
    respond, _ = replies(DOWN.replace(b"Content", b"Retry-After: " + moment + b"\r\nContent"))
    with neighbour(respond) as base:
        wait = HttpClient().get(base, "/", {}, 2.0).retry_after
    assert wait is not None
    assert 25 < wait <= 30


@contextmanager
def proxy(answer: bytes, target: tuple[str, int] | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that says `answer` to whatever is asked of it, and then joins the caller to `target`."""
    heads: list[bytes] = []

    def serve(wire: socket.socket) -> None:
        heads.append(wire.recv(65536))
        wire.sendall(answer)
        if target:
            with closing(socket.create_connection(target)) as inner:
                wire.settimeout(1)
                inner.sendall(wire.recv(65536))
                wire.sendall(inner.recv(65536))

    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def accept() -> None:
            try:
                while True:
                    with server.accept()[0] as wire:
                        serve(wire)
            except OSError:
                """The test is over."""

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heads
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def reason(http: HttpClient, base: str) -> tuple[type[NeighbourDown], str]:
    with pytest.raises(NeighbourDown) as raised:
        ask(http, base, seconds=3.0)
    return type(raised.value), getattr(raised.value, "reason", "")


def test_only_https_to_other_machines_goes_through_the_proxy() -> None:
    with proxy(b"HTTP/1.1 502 No\r\n\r\n") as (address, heads), neighbour(sending(OK)) as base:
        http = HttpClient(address)
        assert ask(http, base) == 200
        assert heads == []
        reason(http, "https://wxm.bora.com:8443")
        assert heads[0].startswith(b"CONNECT wxm.bora.com:8443 HTTP/1")
        assert b"Authorization" not in heads[0]


def test_a_proxy_that_refuses_or_is_gone_is_said() -> None:
    with proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as (address, _):
        assert reason(HttpClient(address), "https://wxm.bora.com") == (NoProxy, "proxy")
    assert reason(HttpClient(f"http://127.0.0.1:{free_port()}"), "https://wxm.bora.com") == (NoProxy, "proxy")


def test_nothing_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(b"HTTP/1.1 502 No\r\n\r\n") as (address, heads), neighbour(sending(OK)) as base:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, address)
        monkeypatch.setenv("no_proxy", "")
        assert ask(HttpClient(), base) == 200
        assert reason(HttpClient(), "https://finesse1.invalid")[0] is NoName
        assert heads == []


def test_each_failure_says_what_stood_in_the_way() -> None:
    assert reason(HttpClient(), f"http://127.0.0.1:{free_port()}") == (NoConnection, "connection")
    assert reason(HttpClient(), "https://finesse1.invalid:8445") == (NoName, "name")
    with neighbour(sending(b"HTTP/1.1 400 Plain\r\n\r\n")) as base:
        assert reason(HttpClient(), base.replace("http:", "https:")) == (NoTrust, "certificate")
    with neighbour(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", b"x" * 5_000_000)) as base:
        assert reason(HttpClient(), base) == (TooLarge, "size")
    assert NoTrust.permanent
    assert not NoAnswer.permanent
