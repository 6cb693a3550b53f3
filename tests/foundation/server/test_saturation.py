"""A server all of whose threads are held says so, goes on living, and is as before when they are let go."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.support import attackers
from tests.support.problems import assert_problem
from tests.support.services import ORIGIN, Reply
from tests.support.small_server import HEAD_SECONDS, THREADS, SmallServer, parse, read_all

LONG = 8 * 1024 * 1024
READERS = 40


class Hold:
    """Requests that hold a thread each, until whoever they called hangs up."""

    def __init__(self, server: SmallServer) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._callers: list[socket.socket] = []
        self._called: list[socket.socket] = []

    def begin(self) -> socket.socket:
        """One more, which may have to wait for its thread."""
        path = f"/gadgets/held/{self._listener.getsockname()[1]}"
        wire = self._server.connect()
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        self._callers.append(wire)
        return wire

    def all_threads(self) -> None:
        for _ in range(THREADS):
            self.begin()
            self._called.append(self._listener.accept()[0])

    def let_go(self) -> None:
        """Every call so far, those that waited for a thread included."""
        for wire in self._called:
            wire.close()
        for _ in self._callers[len(self._called) :]:
            self._listener.accept()[0].close()

    def close(self) -> None:
        for wire in (*self._called, *self._callers, self._listener):
            wire.close()


@pytest.fixture
def hold(server: SmallServer) -> Iterator[Hold]:
    with closing(Hold(server)) as hold:
        yield hold


def wait_until_saturated(server: SmallServer) -> Reply:
    deadline = time.monotonic() + 20
    while (reply := server.request("GET /readyz")).status_code == 200:
        assert time.monotonic() < deadline
    return reply


def test_a_saturated_node_lives_is_not_ready_and_tells_others_to_come_later(server: SmallServer, hold: Hold) -> None:
    hold.all_threads()
    assert server.request("GET /readyz").status_code == 200
    hold.begin()
    assert wait_until_saturated(server).json == {"status": "unready", "failing": {"threads": "saturated"}}
    assert server.request("GET /healthz").json["status"] == "up"
    for line, body in (("GET /gadgets/environ", b""), ("POST /gadgets/environ\nContent-Length: 1", b"a")):
        reply = server.request(f"{line}\nOrigin: {ORIGIN}\nX-Request-Id: mine", body)
        assert_problem(reply, 503, "busy")
        assert reply.headers["Retry-After"] == "2"
        assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert reply.headers["X-Request-Id"] == "mine"
    preflight = f"OPTIONS /gadgets/environ\nOrigin: {ORIGIN}\nAccess-Control-Request-Method: GET"
    assert server.request(preflight).status_code == 204
    assert 'pulse_requests_total{route="/gadgets/environ",status="503"} 2.0' in server.metrics()


def test_who_waited_is_answered_when_threads_are_free_again(server: SmallServer, hold: Hold) -> None:
    hold.all_threads()
    waiting = hold.begin()
    wait_until_saturated(server)
    hold.let_go()
    assert parse(read_all(waiting)).status_code == 200
    assert server.request("GET /readyz").status_code == 200


def test_slow_readers_of_long_answers_hold_neither_threads_nor_memory(server: SmallServer) -> None:
    worker = attackers.worker_of(server.process.pid)
    server.request(f"GET /long/{LONG}")
    before = attackers.held(worker)
    with ExitStack() as wires:
        readers: list[socket.socket] = []
        for path in paths():
            readers.append(wires.enter_context(closing(reader(server, path))))
            assert readers[-1].recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"
        assert server.request("GET /a").status_code == 200
        assert attackers.held(worker)[2] - before[2] < READERS * LONG / 2**20 / 3
        assert len(parse(read_all(readers[0])).data) == LONG
        assert len(parse(read_all(readers[1])).data) == LONG


def paths() -> list[str]:
    """Long answers that are there as a whole, and such as are made while they are sent."""
    return [f"/long/{LONG}", f"/streamed/65536/{LONG // 65536}"] * (READERS // 2)


def reader(server: SmallServer, path: str) -> socket.socket:
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.connect(("127.0.0.1", server.port))
    wire.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    return wire


def test_a_reader_who_takes_nothing_is_ended(tmp_path: Path) -> None:
    with SmallServer(tmp_path / "log", "impatient") as impatient:
        worker = attackers.worker_of(impatient.process.pid)
        before = attackers.held(worker)[1]
        with ExitStack() as wires:
            for _ in range(THREADS):
                wires.enter_context(closing(reader(impatient, f"/long/{LONG}"))).recv(1)
            # Of each the connection, and the file as granian opened it; the file as we made it goes a little later.
            assert attackers.held(worker)[1] >= before + 2 * THREADS
            deadline = time.monotonic() + 30
            while attackers.held(worker)[1] > before + THREADS:
                assert time.monotonic() < deadline
                time.sleep(0.1)


def test_an_answer_that_fails_while_it_is_made_is_no_half_answer_and_costs_no_thread(server: SmallServer) -> None:
    for after in (0, 10, 500_000):
        for _ in range(THREADS):
            assert server.request(f"GET /fails/{after}").status_code == 500
    assert server.request("GET /a").status_code == 200
    assert "not even an Exception" in server.log()


def test_a_connection_that_is_silent_is_ended(server: SmallServer) -> None:
    """One that never sent a byte, one in the midst of a head, and one whose last request was answered long ago."""
    began = time.monotonic()
    answered = server.connect()
    answered.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
    wires = [attackers.idle(server.port), attackers.half_head(server.port), answered]
    for wire in wires:
        with closing(wire):
            read_all(wire)
    assert time.monotonic() - began >= HEAD_SECONDS * 0.9


def test_http2_is_not_spoken_in_clear_text(server: SmallServer) -> None:
    with closing(attackers.slow_http2(server.port)) as wire:
        answer = read_all(wire)
    assert b"HTTP/2" not in answer
    assert answer[:9] in (b"", b"HTTP/1.1 ")
    upgraded = server.request("GET /a\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk")
    assert upgraded.status_code == 200
