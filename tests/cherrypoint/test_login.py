"""Without a Cloud Connect: the token of a WxM's own LoginToken, as docs/cisco/wxm-api.md §2 has it."""

import json
import socket
from collections.abc import Callable

import pytest

from cherrypoint.client import NoToken
from cherrypoint.login import Login, LoginRefused
from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from foundation.http.failures import NoConnection
from tests.foundation.http.test_client import neighbour
from tests.support.services import free_port

LOGIN_BODY = {"access_token": "opaque", "token_type": "bearer", "expires_in": 43199, "userName": "system"}


def answering(status: int, body: bytes) -> Callable[[socket.socket], None]:
    def respond(wire: socket.socket) -> None:
        head = f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        wire.sendall(head.encode() + body)

    return respond


def log_in(status: int, body: bytes) -> object:
    """What a login came to: a token, or the kind of its error."""
    with neighbour(answering(status, body)) as base:
        try:
            return Login(HttpClient(), base, "system", "hush&hush", 3.0).fetch()
        except NeighbourDown as error:
            assert "hush" not in f"{error} {error.detail}"
            return type(error)


def test_a_login_gives_a_token_that_lives_at_most_twelve_hours() -> None:
    token = log_in(200, json.dumps(LOGIN_BODY | {"expires_in": 86399}).encode())
    assert "opaque" not in repr(token)
    assert getattr(token, "access_token", "") == "opaque"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"error": "invalid_grant", "error_description": "no"}'),
        (401, b'{"error": "two_factor", "error_description": "code"}'),
        (401, b"<html>no</html>"),
    ],
)
def test_a_refusal_is_fatal(status: int, body: bytes) -> None:
    assert log_in(status, body) is LoginRefused


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"access_token": "opaque", "expires_in": 0}'),
        (500, b"{}"),
        (503, b"<html>"),
        (302, b""),
        (404, b"{}"),
        (404, b'{"error": "not_found"}'),
        (429, b'{"error": "too_many", "error_description": "wait"}'),
        (503, b'{"error": "down"}'),
        (200, b'{"access_token": "opaque", "expires_in": "soon"}'),
        (200, b'{"access_token": "opaque", "expires_in": [1]}'),
        (200, b'{"access_token": "opaque", "expires_in": 1e400}'),
        (200, b"[" * 100_000),
    ],
)
def test_an_answer_without_a_token_may_pass(status: int, body: bytes) -> None:
    assert log_in(status, body) is NoToken


def test_a_refusal_is_told_in_our_words() -> None:
    body = b'{"error": "no account of ann@example.com", "error_description": "x"}'
    with neighbour(answering(400, body)) as base, pytest.raises(LoginRefused) as raised:
        Login(HttpClient(), base, "system", "key", 3.0).fetch()
    assert raised.value.detail == f"{base} refuses WXM_USERNAME and WXM_API_KEY: it answered an error"


def test_a_wxm_that_is_gone_is_no_connection() -> None:
    with pytest.raises(NoConnection):
        Login(HttpClient(), f"http://127.0.0.1:{free_port()}", "system", "key", 2.0).fetch()
