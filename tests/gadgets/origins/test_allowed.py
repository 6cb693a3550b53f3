"""Over real HTTP: an allowed origin may read every answer, errors too; without an Origin there is no CORS header."""

import json
from pathlib import Path

import pytest

from tests.gadgets.origins.hostile import ALLOWED
from tests.gadgets.origins.wire import Wire, values_of
from tests.support.scripted_finesse import Account, ScriptedFinesse, basic
from tests.support.services import ROOT, Reply, ServedNode

HEADERS = {"authorization", "content-type", "x-finesse-authorization", "if-none-match", "x-request-id"}
EXPOSED = {"ETag", "Retry-After", "X-Request-Id"}


def bundle() -> str:
    manifest = json.loads(Path(ROOT / "static/dist/manifest.json").read_text())
    return f"/static/{manifest['current']}/pulse.en.js"


def ask(node: ServedNode, method: str, path: str, origin: str | None, **headers: str) -> Reply:
    """Header names are written with `_` for `-`; `body` goes out as the body."""
    body = headers.pop("body", "").encode()
    pairs = [(name.replace("_", "-"), value.encode()) for name, value in headers.items()]
    with Wire(node.port) as wire:
        return wire.request(method, path, pairs + ([("Origin", origin.encode())] if origin else []), body)


def preflight(node: ServedNode, path: str, origin: str, wanted: str) -> Reply:
    method = {"Access_Control_Request_Method": "GET", "Access_Control_Request_Headers": wanted}
    return ask(node, "OPTIONS", path, origin, **method)


def assert_readable(reply: Reply, status: int, origin: str) -> None:
    assert reply.status_code == status
    assert values_of(reply.headers, "Access-Control-Allow-Origin") == [origin]
    assert "Origin" in values_of(reply.headers, "Vary")
    assert set(values_of(reply.headers, "Access-Control-Expose-Headers")) == EXPOSED
    assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.fixture
def token(node: ServedNode, finesse: ScriptedFinesse) -> str:
    finesse.add(Account("1001", "ann"))
    body = {"user": "1001"}
    reply = node.request("POST", "/gadgets/session", {"Authorization": basic("1001", "right")}, body)
    assert reply.status_code == 200
    return f"Bearer {reply.json['access_token']}"


@pytest.mark.parametrize("origin", ALLOWED)
def test_every_answer_names_exactly_the_origin_that_asked(node: ServedNode, token: str, origin: str) -> None:
    pulse = "/gadgets/pulse?filterTags=cc_AgentId"
    reply = ask(node, "GET", pulse, origin, Authorization=token)
    assert_readable(reply, 200, origin)
    again = ask(node, "GET", pulse, origin, Authorization=token, If_None_Match=reply.headers["ETag"])
    assert_readable(again, 304, origin)
    assert_readable(ask(node, "GET", pulse, origin), 401, origin)
    assert_readable(ask(node, "GET", "/gadgets/pulse", origin, Authorization=token), 400, origin)
    assert_readable(ask(node, "GET", "/gadgets/nowhere", origin), 404, origin)
    assert_readable(ask(node, "PUT", "/gadgets/pulse", origin), 405, origin)
    assert_readable(ask(node, "GET", "/gadgets/CiscoCXJourneyGadget.xml", origin), 200, origin)
    assert_readable(ask(node, "GET", bundle(), origin), 200, origin)
    assert_readable(ask(node, "GET", "/static/nowhere/pulse.en.js", origin), 404, origin)


def test_a_wrong_password_and_a_broken_body_can_be_read_too(node: ServedNode, finesse: ScriptedFinesse) -> None:
    finesse.add(Account("1003", "cat"))
    wrong = basic("1003", "wrong")
    for body, status in (('{"user":"1003"}', 401), ("{", 400), ("x" * 70_000, 413)):
        reply = ask(node, "POST", "/gadgets/session", ALLOWED[0], body=body, Authorization=wrong)
        assert_readable(reply, status, ALLOWED[0])


@pytest.mark.parametrize("path", ["/gadgets/session", "/gadgets/pulse", "/static/any/pulse.en.js", "/gadgets/nowhere"])
@pytest.mark.parametrize("origin", ALLOWED)
def test_a_preflight_is_204_with_our_methods_and_headers(node: ServedNode, origin: str, path: str) -> None:
    reply = preflight(node, path, origin, ",".join(sorted(HEADERS)))
    assert_readable(reply, 204, origin)
    assert reply.data == b""
    assert set(values_of(reply.headers, "Access-Control-Allow-Methods")) == {"GET", "POST", "DELETE"}
    assert {name.lower() for name in values_of(reply.headers, "Access-Control-Allow-Headers")} == HEADERS
    assert reply.headers["Access-Control-Max-Age"] == "7200"


def test_a_preflight_names_all_our_headers_whatever_it_asks(node: ServedNode) -> None:
    for requested in ("authorization", "x-evil", "authorization, x-evil", "," * 900):
        reply = preflight(node, "/gadgets/pulse", ALLOWED[0], requested)
        assert_readable(reply, 204, ALLOWED[0])
        assert {name.lower() for name in values_of(reply.headers, "Access-Control-Allow-Headers")} == HEADERS


def test_a_preflight_with_an_endless_header_list_costs_little(node: ServedNode) -> None:
    reply = preflight(node, "/gadgets/pulse", ALLOWED[0], "," * 8000)
    assert reply.status_code == 204
    assert sum(len(name) + len(value) for name, value in reply.headers.items()) < 1024


@pytest.mark.parametrize(
    "path", ["/gadgets/CiscoCXJourneyGadget.xml", "/gadgets/layout.xml?release=12.6", "/gadgets/nowhere", "/static/x/y"]
)
def test_without_an_origin_there_is_no_cors_header_but_vary(node: ServedNode, path: str) -> None:
    reply = ask(node, "GET", path, None)
    assert "Origin" in values_of(reply.headers, "Vary")
    assert not [name for name in reply.headers if name.lower().startswith("access-control")]


def test_the_pulse_also_varies_by_who_asks(node: ServedNode, token: str) -> None:
    reply = ask(node, "GET", "/gadgets/pulse?filterTags=cc_AgentId", ALLOWED[0], Authorization=token)
    assert {"Origin", "Authorization"} <= set(values_of(reply.headers, "Vary"))
