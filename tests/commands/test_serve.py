"""`serve` ends as an administrator expects it to, whatever is under way."""

import json
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from socket import create_connection, create_server, socket

import pytest

from tests.support.scripted_finesse import basic
from tests.support.services import ORIGIN, ServedNode

CLIENTS = 20
# A worker that does not end by itself is killed after ten seconds.
SOON = 8.0


def sign_in_begun(port: int, user: str) -> socket:
    """A sign-in that has been sent; its answer is not read."""
    body = json.dumps({"user": user})
    head = f"POST /gadgets/session HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {ORIGIN}\r\n"
    head += f"Authorization: {basic(user, 'right')}\r\nContent-Type: application/json\r\n"
    wire = create_connection(("127.0.0.1", port), 10)
    wire.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    return wire


def wait_until_requested(node: ServedNode, finesse: str) -> None:
    deadline = time.monotonic() + 10
    wanted = f'pulse_neighbour_calls_in_flight{{neighbour="http://{finesse}"}} {CLIENTS:.1f}'
    while wanted not in node.request("GET", "/metrics").data.decode():
        assert time.monotonic() < deadline, wanted
        time.sleep(0.05)


@pytest.mark.parametrize(
    "end", [ServedNode.interrupt, lambda node: node.process.send_signal(signal.SIGTERM)], ids=["Ctrl-C", "SIGTERM"]
)
def test_what_is_under_way_is_answered_and_nothing_is_killed(tmp_path: Path, end: Callable[[ServedNode], None]) -> None:
    with closing(create_server(("127.0.0.1", 0), backlog=2 * CLIENTS)) as silent:
        finesse = f"127.0.0.1:{silent.getsockname()[1]}"
        environ = {
            "PULSE_PUBLIC_URL": "https://pulse.bora.com",
            "PULSE_ALLOWED_ORIGINS": ORIGIN,
            "PULSE_FINESSE_NODES": f"http://{finesse}",
            "PULSE_FINESSE_ORIGINS": f"{ORIGIN}=http://{finesse}",
        }
        with ServedNode(tmp_path / "data", environ) as node:
            clients = [sign_in_begun(node.port, f"{1001 + place}") for place in range(CLIENTS)]
            wait_until_requested(node, finesse)
            for gone in clients[::2]:
                gone.close()
            end(node)
            silent.close()
            for waiting in clients[1::2]:
                with waiting:
                    assert waiting.recv(11) == b"HTTP/1.1 50"
            assert node.process.wait(SOON) == 0
            log = node.log.read_text()
            assert "panic" not in log
            assert "Consider reviewing your configuration" not in log
