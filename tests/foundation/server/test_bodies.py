"""Bodies that come slowly, in part, or not at all cost their sender's connection, and nothing else."""

import re
import socket
import time
from contextlib import ExitStack, closing

import pytest

from tests.support.problems import assert_problem
from tests.support.services import ORIGIN
from tests.support.small_server import GRACE, LARGEST, THREADS, SmallServer, parse, read_all

MANY = 40
SMALL_POSTS, A_CONNECTION = 3_000, 300


def head(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: h", *headers, "", ""]).encode()


def begun(server: SmallServer, text: bytes) -> socket.socket:
    wire = server.connect()
    wire.sendall(text)
    return wire


def test_a_body_that_does_not_come_is_told_so_in_time_and_its_page_can_read_it(server: SmallServer) -> None:
    origin, began = f"Origin: {ORIGIN}", time.monotonic()
    sized, chunked = "Content-Length: 9", "Transfer-Encoding: chunked"
    with ExitStack() as wires:
        slow = [
            wires.enter_context(closing(begun(server, head("/gadgets/environ", origin, kind) + part)))
            for kind, part in ((sized, b""), (sized, b"abc"), (chunked, b"3\r\nabc\r\n"), (chunked, b"3\r\na"))
        ]
        for reply in [parse(read_all(wire)) for wire in slow]:
            assert_problem(reply, 408, "too_slow")
            assert reply.headers["Connection"] == "close"
            assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert re.fullmatch(r"[0-9a-f]{16}", reply.headers["X-Request-Id"])
    assert time.monotonic() - began >= GRACE


def test_a_body_that_comes_steadily_has_more_time(server: SmallServer) -> None:
    """48 KiB are worth three seconds."""
    with closing(begun(server, head("/a", f"Content-Length: {48 * 1024 + 1}", "Connection: close"))) as wire:
        wire.sendall(b"x" * 48 * 1024)
        time.sleep(2 * GRACE)
        wire.sendall(b"y")
        assert parse(read_all(wire)).status_code == 200


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (head("/a", "Content-Length: 9") + b"abc", None),
        (head("/a", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n", None),
        (head("/a", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n", b"no length\r\n"),
        (head("/a", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n", b"0\r\nX-Trailer: 1\r\n\r\n"),
    ],
    ids=["half", "no last chunk", "a bad chunk", "trailers"],
)
def test_a_body_that_is_not_whole_reaches_no_route(server: SmallServer, begin: bytes, end: bytes | None) -> None:
    with closing(begun(server, begin)) as wire:
        if end:
            wire.sendall(end)
        else:
            wire.shutdown(socket.SHUT_WR)
        assert_problem(parse(read_all(wire)), 400, "incomplete_body")


def test_slow_senders_hold_no_thread(server: SmallServer) -> None:
    """Ten times as many as there are threads; what others ask is answered before any of them times out."""
    with ExitStack() as wires:
        slow = [begun(server, head("/a", "Content-Length: 9") + b"a") for _ in range(MANY)]
        for wire in slow:
            wires.enter_context(closing(wire))
        assert len(slow) > 2 * THREADS
        assert [server.request("POST /a\nContent-Length: 1", b"a").status_code for _ in range(2 * THREADS)] == [200] * 8
        assert {parse(read_all(wire)).status_code for wire in slow} == {408}


def test_what_is_longer_than_it_may_be_is_refused_before_it_is_sent(server: SmallServer) -> None:
    for size in (LARGEST + 1, 10**12):
        reply = server.request(f"POST /a\nContent-Length: {size}\nExpect: 100-continue")
        assert_problem(reply, 413, "request_entity_too_large")
        assert reply.headers["Connection"] == "close"


def test_what_turns_out_to_be_longer_than_it_may_be_is_refused_and_not_cut_off(server: SmallServer) -> None:
    half = b"%x\r\n%s\r\n" % (LARGEST // 2, b"x" * (LARGEST // 2))
    whole = server.raw(head("/a", "Transfer-Encoding: chunked", "Connection: close") + 2 * half + b"0\r\n\r\n")
    assert (parse(whole).status_code, len(parse(whole).json["body"])) == (200, LARGEST)
    longer = server.raw(head("/a", "Transfer-Encoding: chunked") + 2 * half + b"1\r\ny\r\n")
    assert_problem(parse(longer), 413, "request_entity_too_large")


def test_who_waits_to_be_told_to_go_on_is_told(server: SmallServer) -> None:
    begin = head("/a", "Content-Length: 3", "Expect: 100-continue", "Connection: close")
    with closing(begun(server, begin)) as wire:
        assert wire.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(b"abc")
        assert parse(read_all(wire)).json["body"] == "abc"


def test_small_posts_that_are_refused_leave_their_connection_open(server: SmallServer) -> None:
    """Whoever sends the next request on it must not lose that: none of 3,000 is dropped."""
    post = head("/unauthorized", "Content-Length: 20") + b"x" * 20
    last = head("/unauthorized", "Content-Length: 20", "Connection: close") + b"x" * 20
    answers = b""
    for _ in range(SMALL_POSTS // A_CONNECTION):
        with closing(begun(server, post * (A_CONNECTION - 1) + last)) as wire:
            answers += read_all(wire)
    assert answers.count(b"HTTP/1.1 401") == SMALL_POSTS
    assert answers.lower().count(b"connection: close") == SMALL_POSTS // A_CONNECTION


def test_all_bodies_together_are_bounded_and_what_broke_off_is_given_back(server: SmallServer) -> None:
    """Bodies of which the last byte is missing hold all that bodies may hold; then they are gone."""
    post, body = f"POST /gadgets/environ\nOrigin: {ORIGIN}\nContent-Length: {LARGEST}", b"x" * LARGEST
    with ExitStack() as wires:
        while (reply := server.request(post, body)).status_code == 200:
            wires.enter_context(closing(begun(server, head("/a", f"Content-Length: {LARGEST}") + body[1:])))
        assert_problem(reply, 503, "busy")
        assert reply.headers["Retry-After"] == "2"
        assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert server.request("GET /a").status_code == 200
    deadline = time.monotonic() + 20
    while server.request(post, body).status_code != 200:
        assert time.monotonic() < deadline
