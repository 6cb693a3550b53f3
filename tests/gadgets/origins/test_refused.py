"""Over real HTTP: an origin that is not allowed is refused before any work, wherever it knocks."""

import pytest

from tests.gadgets.origins.hostile import ALLOWED, CLASSES
from tests.gadgets.origins.wire import Wire, values_of
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import Account, ScriptedFinesse, basic
from tests.support.services import Reply, ServedNode

PREFLIGHT = [("Access-Control-Request-Method", b"GET"), ("Access-Control-Request-Headers", b"authorization")]
KNOCKS = (
    ("GET", "/gadgets/pulse?filterTags=cc_AgentId"),
    ("GET", "/gadgets/pulse.csv?filterTags=cc_AgentId"),
    ("GET", "/gadgets/journey?dialogId=1"),
    ("POST", "/gadgets/session"),
    ("POST", "/gadgets/journey"),
    ("OPTIONS", "/gadgets/pulse"),
    ("OPTIONS", "/gadgets/session"),
    ("OPTIONS", "/static/x/pulse.en.js"),
    ("OPTIONS", "/gadgets/nowhere"),
    ("GET", "/gadgets/CiscoCXJourneyGadget.xml"),
    ("GET", "/gadgets/CiscoCXAnalyticsGadget.xml"),
    ("GET", "/gadgets/layout.xml?release=12.6"),
    ("GET", "/gadgets/CXService.zip"),
    ("HEAD", "/static/x/pulse.en.js"),
    ("GET", "/static/nowhere"),
    ("GET", "/static"),
    ("GET", "/gadgets"),
    ("GET", "/gadgets/"),
    ("GET", "/gadgets/nowhere"),
    ("DELETE", "/gadgets/pulse"),
    ("PUT", "/gadgets/session"),
    ("GET", "/finesse/api/CloudConnectTokenService"),
    ("GET", "/%67adgets/pulse"),
    ("GET", "//gadgets/pulse"),
    ("POST", "//gadgets/session"),
    ("OPTIONS", "/%2Fgadgets/session"),
)


def sent(origin: str) -> bytes:
    """As bytes: browsers send ASCII; whatever else comes, comes as UTF-8."""
    return origin.encode()


@pytest.fixture
def ann(finesse: ScriptedFinesse) -> str:
    """The right credential of someone whom Finesse knows: work that a refusal must come before."""
    finesse.add(Account("1001", "ann"))
    return basic("1001", "right")


def knock(wire: Wire, method: str, path: str, origins: list[bytes], credential: str) -> Reply:
    headers = [("Origin", origin) for origin in origins] + [("Authorization", credential.encode())]
    body = b'{"user": "1001"}' if method == "POST" else b""
    return wire.request(method, path, headers + (PREFLIGHT if method == "OPTIONS" else []), body)


def assert_refused(reply: Reply, method: str) -> None:
    if method == "HEAD":
        assert reply.status_code == 403
    else:
        assert_problem(reply, 403, "origin_not_allowed")
    assert "Origin" in values_of(reply.headers, "Vary")
    assert not [name for name in reply.headers if name.lower().startswith("access-control")]
    assert reply.headers["X-Request-Id"]


@pytest.mark.parametrize("kind", CLASSES)
def test_hostile_origins_are_refused_on_every_route(
    node: ServedNode, finesse: ScriptedFinesse, ann: str, kind: str
) -> None:
    with Wire(node.port) as wire:
        for origin in CLASSES[kind]:
            for method, path in KNOCKS:
                assert_refused(knock(wire, method, path, [sent(origin)], ann), method)
    assert finesse.seen == []


@pytest.mark.parametrize(
    "pair", [(ALLOWED[0], ALLOWED[0]), (ALLOWED[0], "https://evil.com"), ("https://evil.com", ALLOWED[1])]
)
def test_two_origin_headers_are_refused(
    node: ServedNode, finesse: ScriptedFinesse, ann: str, pair: tuple[str, str]
) -> None:
    with Wire(node.port) as wire:
        for method, path in KNOCKS:
            assert_refused(knock(wire, method, path, [sent(origin) for origin in pair], ann), method)
    assert finesse.seen == []


def test_a_refused_origin_is_not_told_who_is_allowed(node: ServedNode, ann: str) -> None:
    with Wire(node.port) as wire:
        reply = knock(wire, "GET", "/gadgets/pulse", [b"https://evil.com"], ann)
    shown = reply.data + str(reply.headers).encode()
    assert b"bora" not in shown.replace(b"pulse.bora.com", b"")
    assert b"acme" not in shown


def test_health_has_no_cors_headers_for_anyone(node: ServedNode) -> None:
    for origin in (ALLOWED[0], "https://evil.com"):
        reply = node.request("GET", "/healthz", {"Origin": origin})
        assert reply.status_code == 200
        assert not [name for name in reply.headers if name.lower().startswith("access-control")]
