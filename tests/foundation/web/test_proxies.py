"""Forwarding headers count as far as proxies that were named wrote them, and from nobody else."""

from collections.abc import Callable
from ipaddress import ip_network

import pytest
from werkzeug.test import TestResponse

from cherrypoint.gate import GUESSES_AN_ADDRESS
from foundation.settings import Settings
from foundation.web.proxies import nearest
from tests.support.scripted_finesse import basic
from tests.support.services import Service

TRUSTED = ("10.1.2.3", "10.1.9.0/24", "2001:db8::/64")


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.1.2.3", "198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "192.0.2.1, 198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "192.0.2.1, 198.51.100.7, 10.1.9.77", "198.51.100.7"),
        ("10.1.2.3", "10.1.2.3, 203.0.113.9, 10.1.9.77", "203.0.113.9"),
        ("10.1.2.3", "198.51.100.7:50123", "198.51.100.7"),
        ("10.1.2.3", "[2001:db8:1::7]:50123", "2001:db8:1::7"),
        ("2001:db8::3", "2001:db8:1::7", "2001:db8:1::7"),
        ("::ffff:10.1.2.3", "198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "unknown", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.7, <script>", "10.1.2.3"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "10.1.9.1,10.1.9.2", "10.1.9.1"),
        ("", "198.51.100.7", ""),
    ],
)
def test_the_last_hop_that_is_no_trusted_proxy_is_who_asks(peer: str, forwarded_for: str, expected: str) -> None:
    assert nearest(peer, forwarded_for, [ip_network(network) for network in TRUSTED]) == expected


def guess(service: Service, forwarded_for: str, peer: str, password: str = "wrong") -> TestResponse:
    headers = {"Authorization": basic("admin", password), "X-Forwarded-For": forwarded_for}
    client = service.app.test_client()
    return client.get("/cherrypoint/status", headers=headers, environ_base={"REMOTE_ADDR": peer})


@pytest.fixture
def behind(start: Callable[..., Service]) -> Callable[..., Service]:
    """A node of one administrator, behind these proxies."""
    known = {"cloudconnect_username": "admin", "cloudconnect_password": "right"}
    return lambda *trusted: start(trusted_proxies=trusted, **known)


def test_who_guesses_behind_a_trusted_proxy_is_braked_alone(
    behind: Callable[..., Service], capsys: pytest.CaptureFixture[str]
) -> None:
    service = behind("10.1.2.3")
    for number in range(GUESSES_AN_ADDRESS + 2):
        guess(service, f"192.0.2.{number}, 198.51.100.7", "10.1.2.3")
    assert guess(service, "198.51.100.7", "10.1.2.3", "right").status_code == 429
    assert guess(service, "198.51.100.8", "10.1.2.3", "right").status_code == 200
    assert "198.51.100.7" in capsys.readouterr().out


def test_nobody_talks_himself_out_of_the_brake(behind: Callable[..., Service]) -> None:
    for service in (behind(), behind("10.1.2.3")):
        for number in range(GUESSES_AN_ADDRESS + 2):
            guess(service, f"198.51.100.{number}", "203.0.113.9")
        assert guess(service, "198.51.100.200", "203.0.113.9", "right").status_code == 429


@pytest.mark.parametrize("world", ["0.0.0.0/0", "::/0", "everybody", "10.0.0.1/8"])
def test_nobody_trusts_everybody(world: str) -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings(trusted_proxies=(world,))
