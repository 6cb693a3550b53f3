"""A request reaches a route as it did through granian's WSGI interface, and no header poses as another."""

import re
from collections.abc import Iterator

import pytest

from tests.support.services import ORIGIN
from tests.support.small_server import SmallServer

BODY = b"x" * 70_000


def request(line: str, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([line.encode(), b"Host: h:1", *headers, b"Connection: close", b"", body])


REQUESTS = {
    "path": request("GET /a%20b/%e4%bd%a0/c%2Fd//e;f?q=%ff&z=%41&%zz HTTP/1.1"),
    "path, not UTF-8 and not escaped": b"GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    "path with what is no escape": request("GET /%zz%00%0d%0a HTTP/1.1"),
    "absolute": request("GET http://other:99/abs?x=1 HTTP/1.1"),
    "fragment": request("GET /a#b HTTP/1.1"),
    "HTTP/1.0": b"GET /a HTTP/1.0\r\n\r\n",
    "no host": b"GET /a HTTP/1.1\r\nConnection: close\r\n\r\n",
    "headers twice": request("GET /a HTTP/1.1", b"X-A: 1", b"X-A: 2", b"Cookie: a=1", b"Cookie: b=2"),
    "types twice": request("PUT /a HTTP/1.1", b"Content-Type: a/b", b"Content-Type: c/d"),
    "headers that are not ASCII": request("GET /a HTTP/1.1", b"X-A: caf\xc3\xa9", b"X-B: \xff", b"X-C:", b"X-D: a\tb"),
    "origin": request("GET /gadgets/environ HTTP/1.1", b"Origin: " + ORIGIN.encode()),
    "origin twice": request("GET /gadgets/environ HTTP/1.1", *2 * (b"Origin: " + ORIGIN.encode(),)),
    "origin that is not ASCII": request("GET /gadgets/environ HTTP/1.1", b"Origin: https://caf\xc3\xa9.bora.com:8445"),
    "preflight": request(
        "OPTIONS /gadgets/environ HTTP/1.1", b"Origin: " + ORIGIN.encode(), b"Access-Control-Request-Method: GET"
    ),
    "body": request("POST /a HTTP/1.1", b"Content-Type: a/b", b"Content-Length: 3", body=b"abc"),
    "body of a GET": request("GET /a HTTP/1.1", b"Content-Length: 3", body=b"abc"),
    "empty body": request("POST /a HTTP/1.1", b"Content-Length: 0"),
    "no body": request("POST /a HTTP/1.1"),
    "length twice": request("POST /a HTTP/1.1", b"Content-Length: 3", b"Content-Length: 3", body=b"abc"),
    "two lengths": request("POST /a HTTP/1.1", b"Content-Length: 3", b"Content-Length: 4", body=b"abcd"),
    "length that is none": request("POST /a HTTP/1.1", b"Content-Length: +3", body=b"abc"),
    "a body too large": request("POST /a HTTP/1.1", b"Content-Length: 70000", body=BODY),
    "a route that does not look at it": request("POST /unauthorized HTTP/1.1", b"Content-Length: 3", body=b"abc"),
    "a method that is not there": request("BREW /a HTTP/1.1"),
    "head": request("HEAD /long/5 HTTP/1.1"),
    "head of a long answer": request("HEAD /long/500000 HTTP/1.1"),
    "long": request("GET /long/500000 HTTP/1.1"),
    "no content": request("GET /empty/204 HTTP/1.1"),
    "not modified": request("GET /empty/304 HTTP/1.1"),
    "upgrade": request("GET /a HTTP/1.1", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"),
    "header without end": b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
}
# Of each answer its own; `Allow` is a set; the system's environment is no header.
OWN = re.compile(rb"(?i)(x-request-id|date|allow|connection|server): [^\r]*\r\n|\"HTTP_X_SYSTEM\":\"1\",")


@pytest.fixture(scope="module")
def wsgi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallServer]:
    with SmallServer(tmp_path_factory.mktemp("wsgi") / "log", "wsgi") as started:
        yield started


def comparable(answer: bytes, port: int) -> tuple[bytes, set[bytes], bytes]:
    """First line, headers and body without what differs between two answers to one request."""
    text = OWN.sub(b"", answer.replace(str(port).encode(), b"PORT").replace(b"Granian", b"granian"))
    head, _, body = text.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    return first, {header for header in headers if not header.startswith(b"content-length")}, body


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_answered_as_through_wsgi(server: SmallServer, wsgi: SmallServer, name: str) -> None:
    ours, theirs = (comparable(served.raw(REQUESTS[name]), served.port) for served in (server, wsgi))
    assert ours == theirs


def test_requests_one_behind_the_other_are_answered_in_turn(server: SmallServer) -> None:
    lines = b"".join(b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % number for number in range(9))
    answers = server.raw(lines + request("GET /9 HTTP/1.1"))
    assert re.findall(rb'"rest":"(\d)"', answers) == [b"%d" % number for number in range(10)]


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Content-Length", "Content-Type", "Origin", "Authorization"])
def test_a_header_with_an_underscore_does_not_pose_as_one_with_a_hyphen(server: SmallServer, name: str) -> None:
    posing = name.replace("-", "_") if "-" in name else f"{name}_"
    key = name.upper().replace("-", "_")
    for order in ([f"{posing}: 3", f"{name}: 4"], [f"{name}: 4", f"{posing}: 3"], [f"{posing}: 3"]):
        seen = server.request("\n".join(["POST /a", *order]), b"abcd").json
        value = seen.get(key, seen.get(f"HTTP_{key}"))
        assert value == ("4" if len(order) == 2 else None), order
        assert not [header for header in seen if header.endswith("_")]


def test_a_path_that_is_not_utf8_is_what_flask_makes_of_it(server: SmallServer, wsgi: SmallServer) -> None:
    for served in (server, wsgi):
        assert served.request("GET /a%ff%fe/b").json["rest"] == "a\ufffd\ufffd/b"


def test_the_environment_of_the_process_does_not_pose_as_headers(server: SmallServer) -> None:
    assert "HTTP_X_SYSTEM" not in server.request("GET /a").json
