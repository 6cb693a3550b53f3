"""ADMIN_PORT: health, metrics and docs on loopback, and off the public port."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import create_server

import pytest
import urllib3

from commands import admin
from foundation.server.load import STUCK_SECONDS, Load
from tests.support.services import ORIGIN, ROOT, ServedNode, Service, clean_environ, free_port

HEALTH, ADMIN_ROUTES = ("/healthz", "/readyz"), ("/metrics", "/docs", "/openapi.json")
ENVIRON = {
    "PULSE_PUBLIC_URL": "https://pulse.bora.com",
    "PULSE_ALLOWED_ORIGINS": ORIGIN,
    "PULSE_FINESSE_NODES": "http://127.0.0.1:1",
    "PULSE_THREADS": "4",
}


def status(port: int, path: str, **headers: str) -> int:
    return urllib3.request("GET", f"http://127.0.0.1:{port}{path}", headers=headers, retries=False).status


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServedNode, int]]:
    port = free_port()
    with ServedNode(tmp_path_factory.mktemp("admin") / "data", {**ENVIRON, "PULSE_ADMIN_PORT": str(port)}) as node:
        yield node, port


def test_metrics_and_docs_are_on_the_administrators_port_alone(served: tuple[ServedNode, int]) -> None:
    node, port = served
    for path in (*HEALTH, *ADMIN_ROUTES):
        assert status(port, path) == 200, path
    assert [status(node.port, path) for path in HEALTH] == [200, 200]
    for path in ADMIN_ROUTES:
        answer = node.request("GET", path, {"pulse.admin_port": "1", "X-Pulse-Admin-Port": "1"})
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
        assert answer.headers["X-Request-Id"]


def test_nothing_else_is_on_the_administrators_port(served: tuple[ServedNode, int]) -> None:
    node, port = served
    for path in ("/gadgets/CiscoCXJourneyGadget.xml", "/gadgets/pulse", "/api/Questions", "/cherrypoint/status", "/"):
        assert status(port, path, Origin=ORIGIN) == 404, path
    assert status(node.port, "/gadgets/CiscoCXJourneyGadget.xml") == 200


def test_its_metrics_count_what_the_public_port_answered(served: tuple[ServedNode, int]) -> None:
    node, port = served
    node.request("GET", "/gadgets/pulse")
    text = urllib3.request("GET", f"http://127.0.0.1:{port}/metrics").data.decode()
    assert 'pulse_requests_total{route="/gadgets/pulse",status="401"}' in text


def test_a_port_that_is_taken_stops_the_start(tmp_path: Path) -> None:
    with closing(create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        environ = {**clean_environ(), **ENVIRON, "PULSE_DATA_DIR": str(tmp_path), "PULSE_ADMIN_PORT": str(port)}
        command = [sys.executable, "app.py", "serve", "--port", str(free_port())]
        done = subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, encoding="utf-8", timeout=200, check=False
        )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_it_says_when_the_public_port_is_not_served(service: Service) -> None:
    """The event loop of the public port turns twice a second; one that has stood still for a while is stuck."""
    now = [100.0]
    load, port = Load(lambda: now[0]), free_port()
    load.beat()
    admin.serve(port, service.app, load)
    assert status(port, "/healthz") == 200
    now[0] += STUCK_SECONDS + 1
    stuck = urllib3.request("GET", f"http://127.0.0.1:{port}/healthz", retries=False)
    assert (stuck.status, stuck.json()["code"]) == (503, "stuck")
    load.beat()
    assert status(port, "/healthz") == 200
