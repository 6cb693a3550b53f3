"""A real Cloud Connect: publisher, then subscriber, on what may pass; never on a refused credential."""

import json
import time
from collections.abc import Callable

import pytest

from cherrypoint.client import CloudConnect, CredentialRefused, NoToken
from cherrypoint.reading import LONGEST_LIFE, token_in
from tests.support.scripted_cloud_connect import Pair

MAY_PASS = ["killed", "hung", "500", "half a body", "junk", "slow bytes", "expired token"]
Clients = Callable[..., CloudConnect]


def break_down(pair: Pair, which: str, fault: str) -> None:
    node = pair.publisher if which == "publisher" else pair.subscriber
    if fault == "killed":
        node.kill()
    node.fault = fault


@pytest.mark.parametrize("fault", MAY_PASS)
def test_the_subscriber_answers_where_the_publisher_cannot(pair: Pair, client: Clients, fault: str) -> None:
    break_down(pair, "publisher", fault)
    began = time.monotonic()
    assert client(4.0).fetch().access_token.startswith("subscriber-")
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("fault", MAY_PASS)
def test_both_at_fault_are_told_within_the_timeout(pair: Pair, client: Clients, fault: str) -> None:
    break_down(pair, "publisher", fault)
    break_down(pair, "subscriber", fault)
    began = time.monotonic()
    with pytest.raises(NoToken) as raised:
        client(2.0).fetch()
    assert time.monotonic() - began < 3.8
    assert all(base in raised.value.detail for base in pair.bases)


def test_a_refused_credential_is_not_taken_to_the_other_node(pair: Pair, client: Clients) -> None:
    with pytest.raises(CredentialRefused):
        client(password="wrong").fetch()
    assert (pair.publisher.calls, pair.subscriber.calls) == (1, 0)


def test_the_node_that_answered_last_is_asked_first(pair: Pair, client: Clients) -> None:
    asking = client(2.0)
    pair.publisher.fault = "500"
    asking.fetch()
    pair.publisher.fault = ""
    asking.fetch()
    assert (pair.publisher.calls, pair.subscriber.calls) == (1, 2)
    pair.subscriber.fault = "500"
    assert asking.fetch().access_token.startswith("publisher-")


@pytest.mark.parametrize(
    ("body", "token", "life"),
    [
        ({"access_token": "opaque", "expires_in": 43199}, "opaque", 43199),
        ({"access_token": "opaque", "expires_in": "600"}, "opaque", 600),
        ({"access_token": "opaque", "expires_at": 1_000_600}, "opaque", 600),
        ({"access_token": "opaque", "expires_at": 1_795_161_600_000}, "opaque", LONGEST_LIFE),
        ({"access_token": "opaque", "expires_in": 86399}, "opaque", LONGEST_LIFE),
        ({"access_token": "opaque", "expires_in": 1_800_000}, "opaque", 1800),
        ({"access_token": "opaque", "token_type": "bearer"}, "opaque", LONGEST_LIFE),
        ("a.string-of_16+chars", "a.string-of_16+chars", LONGEST_LIFE),
    ],
)
def test_a_token_is_read_however_it_is_said(body: object, token: str, life: float) -> None:
    assert token_in(json.dumps(body).encode(), 1_000_000.0) == (token, 1_000_000.0 + life)


def test_a_bare_token_is_read() -> None:
    for token in ("AbC.~+/=-_0123456", "1234567890123456"):
        assert token_in(f"{token}\r\n".encode(), 0.0) == (token, LONGEST_LIFE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"too short",
        b"fifteen-letters",
        b"x" * 8193,
        b"<html>sixteen letters and more</html>",
        b"[]",
        b"null",
        b"123456789012345",
        b'{"error": "invalid"}',
        b'{"access_token": ""}',
        b'{"access_token": 1234567890123456789}',
        b'{"access_token": "two\\r\\nlines-of-a-header"}',
        b'{"access_token": "opaque", "expires_in": 0}',
        b'{"access_token": "opaque", "expires_at": 999999}',
        b'{"access_token": "opaque", "expires_in": -1}',
        "ein-Schlüssel-mit-Umlaut".encode(),
        b"\xff\xfe" * 20,
    ],
)
def test_what_is_no_token_is_none(body: bytes) -> None:
    assert token_in(body, 1_000_000.0) is None


def test_neither_password_nor_token_is_in_what_is_told(pair: Pair, client: Clients) -> None:
    pair.publisher.fault = pair.subscriber.fault = "junk"
    with pytest.raises(NoToken) as raised:
        client(2.0).fetch()
    pair.publisher.fault = ""
    shown = f"{raised.value} {raised.value.detail} {client().fetch()!r}"
    assert "word" not in shown
    assert "token-0" not in shown
