"""Without a Cloud Connect: the token of a WxM's own LoginToken, as contract/wxm-api.md §2 has it."""

import json
import socket
from collections.abc import Callable

import pytest

from cherrypoint.client import NoToken
from cherrypoint.login import Login, LoginRefused
from foundation.door import Door
from foundation.errors import NeighbourDown
from foundation.failures import NoConnection
from tests.foundation.test_door import neighbour
from tests.services import free_port

FOUND = {"access_token": "opaque", "token_type": "bearer", "expires_in": 43199, "userName": "system"}


def answering(status: int, body: bytes) -> Callable[[socket.socket], None]:
    def talk(wire: socket.socket) -> None:
        head = f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        wire.sendall(head.encode() + body)

    return talk


def log_in(status: int, body: bytes) -> object:
    """What a login came to: a token, or the kind of its error."""
    with neighbour(answering(status, body)) as base:
        try:
            return Login(Door(), base, "system", "hush&hush", 3.0).fetch()
        except NeighbourDown as error:
            assert "hush" not in f"{error} {error.detail}"
            return type(error)


def test_a_login_gives_a_token_that_lives_at_most_twelve_hours() -> None:
    found = log_in(200, json.dumps(FOUND | {"expires_in": 86399}).encode())
    assert "opaque" not in repr(found)
    assert getattr(found, "access_token", "") == "opaque"


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
    ],
)
def test_an_answer_without_a_token_may_pass(status: int, body: bytes) -> None:
    assert log_in(status, body) is NoToken


def test_a_wxm_that_is_gone_is_no_connection() -> None:
    with pytest.raises(NoConnection):
        Login(Door(), f"http://127.0.0.1:{free_port()}", "system", "key", 2.0).fetch()
