"""`serve` under hostile connections: a gadget works on, and what they took is given back."""

import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from socket import create_connection

import pytest

from tests.support import attackers, tls
from tests.support.services import ORIGIN, ServedNode

HOST = "127.0.0.1"
ENVIRON = {
    "PULSE_PUBLIC_URL": "https://pulse.bora.com",
    "PULSE_ALLOWED_ORIGINS": ORIGIN,
    "PULSE_FINESSE_NODES": "http://127.0.0.1:1",
    "PULSE_THREADS": "4",
}
ATTACKERS = 200
# Some threads of granian's own come with the first work that they are for.
FEW, SOME_MIB = 12, 64


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedNode]:
    folder = tmp_path_factory.mktemp("hostile")
    ca = tls.authority()
    made = tls.leaf(ca, HOST)
    made.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    made.private_key_pem.write_to_path(folder / "key.pem")
    ca.cert_pem.write_to_path(folder / "ca.pem")
    pair = {"PULSE_TLS_CERT": str(folder / "cert.pem"), "PULSE_TLS_KEY": str(folder / "key.pem")}
    with ServedNode(folder / "data", {**ENVIRON, **pair}, folder / "ca.pem") as served:
        yield served


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedNode]:
    with ServedNode(tmp_path_factory.mktemp("plain") / "data", ENVIRON) as served:
        yield served


def works(node: ServedNode) -> None:
    """What a gadget's page, a probe and a client with a body ask is answered."""
    assert node.request("GET", "/gadgets/CiscoCXJourneyGadget.xml").status_code == 200
    assert node.request("GET", "/gadgets/pulse?filterTags=cc_AgentId", {"Origin": ORIGIN}).status_code == 401
    assert node.request("POST", "/gadgets/session", {"Origin": ORIGIN}, {"user": "1001"}).status_code == 401
    assert [node.request("GET", path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


def test_a_gadget_works_on_under_200_slow_200_broken_off_and_200_idle_connections(plain: ServedNode) -> None:
    worker = attackers.worker_of(plain.process.pid)
    works(plain)
    before = attackers.held(worker)
    with ExitStack() as wires:
        for _ in range(ATTACKERS):
            for connect in (attackers.slow, attackers.idle):
                wires.enter_context(closing(connect(plain.port)))
            attackers.slow(plain.port).close()
            attackers.slow_http2(plain.port).close()
        for _ in range(5):
            works(plain)
    deadline = time.monotonic() + 30
    while attackers.held(worker)[1] > before[1] + FEW:
        assert time.monotonic() < deadline, attackers.held(worker)
        time.sleep(0.05)
    after = attackers.held(worker)
    assert after[0] <= before[0] + FEW
    assert after[2] <= before[2] + SOME_MIB
    works(plain)


def test_over_tls_http2_is_not_spoken(node: ServedNode) -> None:
    context = ssl.create_default_context(cafile=str(node.authority))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with closing(context.wrap_socket(create_connection((HOST, node.port), 10), server_hostname=HOST)) as line:
        assert line.selected_alpn_protocol() == "http/1.1"
    works(node)


def test_who_speaks_http2_alone_gets_no_connection(node: ServedNode) -> None:
    context = ssl.create_default_context(cafile=str(node.authority))
    context.set_alpn_protocols(["h2"])
    with create_connection((HOST, node.port), 10) as wire, pytest.raises(ssl.SSLError):
        context.wrap_socket(wire, server_hostname=HOST)


def test_headers_without_end_are_refused(plain: ServedNode) -> None:
    assert plain.raw(b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 200_000).startswith(b"HTTP/1.1 431")
