"""Cloud Connect's two nodes and WxM: reachable, certificate, credential, token, questions and their tags."""

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from trustme import CA

from commands.checks import cloud_connect
from tests.support import tls
from tests.support.machines import Machine, pulse_responder, word
from tests.support.services import free_port
from tests.support.tls import Answer, Headers

TAGS = ("cc_AgentId", "cc_TeamId", "cc_CustomerId", "NPS", "csat_satisfaction_5", "ces_effort_7", "Comments")
TOKEN = "a-token-of-wxm-0123456789"


def real_one(path: str, headers: Headers) -> Answer:
    wanted = "Basic " + base64.b64encode(b"admin:cloud connect's word").decode()
    if headers.get("Authorization") != wanted:
        return 401, ""
    return 200, json.dumps({"access_token": TOKEN, "expires_in": 3600})


def test_a_credential_is_presented_once_a_node(machine: Machine, ca: CA) -> None:
    paths: list[str] = []

    def refuse(path: str, headers: Headers) -> Answer:
        paths.append(path)
        return 401, ""

    with tls.served(tls.leaf(ca), refuse) as port:
        machine.trust(port, ca.cert_pem.bytes())
        base = f"https://localhost:{port}"
        machine.set(cloudconnect_publisher=base, wxm_url=base)
        report = machine.doctor()
    assert paths == ["/cherrypoint/authtoken"]
    assert word(report, f"WxM localhost:{port}: token") == ("failed", "credential_refused")


def wxm(*tags: str) -> tls.Responder:
    def respond(path: str, headers: Headers) -> Answer:
        if path == "/api/LoginToken":
            return 200, json.dumps({"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600})
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, ""
        return 200, json.dumps([{"id": str(place), "questionTags": [tag]} for place, tag in enumerate(tags)])

    return respond


@contextmanager
def two_nodes(machine: Machine, ca: CA, subscriber: tls.Made) -> Iterator[tuple[str, str]]:
    """Publisher and subscriber, both from an issuer that the machine trusts; the names of their checks."""
    with ExitStack() as stack:
        ports = [stack.enter_context(tls.served(made, real_one)) for made in (tls.leaf(ca), subscriber)]
        first, second = (f"https://localhost:{port}" for port in ports)
        machine.set(cloudconnect_publisher=first, cloudconnect_subscriber=second)
        machine.trust(ports[0], ca.cert_pem.bytes())
        yield f"Cloud Connect publisher localhost:{ports[0]}", f"Cloud Connect subscriber localhost:{ports[1]}"


def test_both_nodes_of_cloud_connect_are_looked_at_apart(machine: Machine, ca: CA) -> None:
    with two_nodes(machine, ca, tls.leaf(ca, "elsewhere.bora.com")) as (publisher, subscriber):
        report = machine.doctor()
    for what in ("reachable", "certificate", "credential", "token"):
        assert report.of(f"{publisher}: {what}")["state"] == "ok", what
    assert word(report, f"{subscriber}: certificate") == ("failed", "wrong_name")
    assert report.of(f"{subscriber}: credential")["state"] == "not applicable"


def test_a_wrong_password_fails_as_the_credential_and_is_not_shown(machine: Machine, ca: CA) -> None:
    machine.set(cloudconnect_password="wrong-hush")
    with two_nodes(machine, ca, tls.leaf(ca)) as names:
        report = machine.doctor()
    for name in names:
        assert word(report, f"{name}: credential") == ("failed", "credential_refused")
    assert report.status == 1
    assert "hush" not in str(report.checks)


def test_an_ec_key_fails_where_cisco_takes_rsa_alone(machine: Machine, ca: CA) -> None:
    with two_nodes(machine, ca, tls.leaf(ca, key=tls.EC)) as (publisher, subscriber):
        report = machine.doctor()
    assert report.of(f"{publisher}: certificate")["state"] == "ok"
    assert word(report, f"{subscriber}: certificate") == ("failed", "ec_key")
    assert report.of(f"{subscriber}: token")["state"] == "ok"


def test_a_wxm_with_all_tags_is_green_by_its_own_login(machine: Machine, ca: CA) -> None:
    with tls.served(tls.leaf(ca), wxm(*TAGS)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        machine.set(wxm_url=f"https://localhost:{port}", wxm_username="desktop", wxm_api_key="key")
        report = machine.doctor()
    for what in ("reachable", "certificate", "token", "questions", "tags"):
        assert report.of(f"WxM localhost:{port}: {what}")["state"] == "ok", what


def test_the_tags_that_a_wxm_lacks_are_named(machine: Machine, ca: CA) -> None:
    with tls.served(tls.leaf(ca), wxm("cc_agentid", "nps", "Mobile")) as port:
        machine.trust(port, ca.cert_pem.bytes())
        machine.set(wxm_url=f"https://localhost:{port}", wxm_username="desktop", wxm_api_key="key")
        report = machine.doctor()
    lacking = {check["says"]: check["state"] for check in report.checks if check["code"] == "tag_missing"}
    assert len(lacking) == 4
    assert [state for message, state in lacking.items() if "cc_TeamId" in message] == ["failed"]
    assert {state for message, state in lacking.items() if "cc_TeamId" not in message} == {"note"}


def test_an_ec_key_of_a_wxm_fails(machine: Machine, ca: CA) -> None:
    with tls.served(tls.leaf(ca, key=tls.EC), wxm(*TAGS)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        machine.set(wxm_url=f"https://localhost:{port}", wxm_username="desktop", wxm_api_key="key")
        report = machine.doctor()
    assert report.failures[f"WxM localhost:{port}: certificate"] == "ec_key"


@pytest.mark.parametrize(
    "neighbour", ["Cloud Connect publisher", "Cloud Connect subscriber", "delivery by e-mail", "SSO"]
)
def test_what_does_not_apply_is_said_so(machine: Machine, neighbour: str) -> None:
    assert machine.doctor().of(neighbour)["state"] == "not applicable"


PORT = "Cloud Connect, built in: port 8445"


@pytest.mark.parametrize(
    ("responder", "state"),
    [(pulse_responder, ("ok", "")), (lambda path, headers: (404, ""), ("failed", "port_8445"))],
)
def test_a_built_in_cloud_connect_is_looked_for_on_ciscos_port(
    machine: Machine, ca: CA, monkeypatch: pytest.MonkeyPatch, responder: tls.Responder, state: tuple[str, str]
) -> None:
    with tls.served(tls.leaf(ca), pulse_responder) as port, tls.served(tls.leaf(ca), responder) as ciscos:
        machine.trust(port, ca.cert_pem.bytes())
        monkeypatch.setattr(cloud_connect, "CISCOS_PORT", ciscos)
        machine.set(public_url=f"https://localhost:{port}")
        report = machine.doctor()
    assert word(report, PORT.replace("8445", str(ciscos))) == state


def test_a_built_in_cloud_connect_that_is_not_on_ciscos_port_says_what_to_do(
    machine: Machine, ca: CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = free_port()
    monkeypatch.setattr(cloud_connect, "CISCOS_PORT", nothing)
    with tls.served(tls.leaf(ca), pulse_responder) as port:
        machine.trust(port, ca.cert_pem.bytes())
        machine.set(public_url=f"https://localhost:{port}")
        found = machine.doctor().of(f"Cloud Connect, built in: port {nothing}")
        assert (found["state"], found["code"]) == ("failed", "port_8445")
        assert f"serve --port {nothing}" in found["cure"]
        assert "PULSE_FACES" in found["cure"]
        monkeypatch.setattr(cloud_connect, "CISCOS_PORT", port)
        assert machine.doctor().of(f"Cloud Connect, built in: port {port}")["state"] == "ok"
