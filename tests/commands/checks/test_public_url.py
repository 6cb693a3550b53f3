"""PUBLIC_URL answers, with a certificate that Finesse will accept: names, full chain, SHA-256, RSA."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from trustme import CA

from tests.support import tls
from tests.support.machines import Machine, Report, word

FINE = {"names": "ok", "validity": "ok", "chain": "ok", "signature": "ok", "key": "ok"}


@contextmanager
def public(machine: Machine, certificate: tls.Made | bytes) -> Iterator[int]:
    with tls.served(certificate) as port:
        machine.set(public_url=f"https://localhost:{port}")
        yield port


def states(report: Report) -> dict[str, str]:
    states_by_check = {check["check"]: check["state"] for check in report.checks}
    return {
        name.removeprefix("PUBLIC_URL: "): state
        for name, state in states_by_check.items()
        if name.startswith("PUBLIC_URL")
    }


def test_a_good_certificate_is_green_and_the_gadget_answers(machine: Machine, ca: CA) -> None:
    with public(machine, tls.leaf(ca)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    assert states(report) == FINE | {"/gadgets/CiscoCXJourneyGadget.xml": "ok"}


@pytest.mark.parametrize(
    ("made", "check", "code"),
    [
        (lambda ca: tls.leaf(ca, "pulse.bora.com"), "names", "wrong_name"),
        (lambda ca: tls.leaf(ca, days=(-9, -2)), "validity", "expired"),
        (lambda ca: tls.leaf(ca, days=(2, 9)), "validity", "not_yet_valid"),
        (lambda ca: tls.leaf(ca, key=tls.EC), "key", "ec_key"),
        (lambda ca: tls.leaf(ca.create_child_ca(key_type=tls.RSA)), "chain", ""),
    ],
)
def test_what_finesse_would_refuse_fails_in_its_own_words(
    machine: Machine, ca: CA, made: Callable[[CA], tls.Made], check: str, code: str
) -> None:
    with public(machine, made(ca)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    assert word(report, f"PUBLIC_URL: {check}") == ("failed" if code else "ok", code)
    named = {check["check"] for check in report.checks if check["code"] == code and code}
    # Our own token is asked for at the same address.
    assert named - {"Cloud Connect, built in: token"} <= {f"PUBLIC_URL: {check}"}


def test_a_chain_without_its_intermediate_fails(machine: Machine, ca: CA) -> None:
    made = tls.leaf(ca.create_child_ca(key_type=tls.RSA))
    alone = made.private_key_pem.bytes() + made.cert_chain_pems[0].bytes()
    with public(machine, alone) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    assert word(report, "PUBLIC_URL: chain") == ("failed", "chain_incomplete")


def test_an_authority_of_the_companys_own_may_be_trusted_and_the_command_is_named(machine: Machine, ca: CA) -> None:
    with public(machine, tls.leaf(ca)) as port:
        report = machine.doctor()
    command = f"python app.py trust add localhost:{port}"
    assert report.of("PUBLIC_URL: chain")["cure"].endswith(command)
    token = report.of("Cloud Connect, built in: token")
    assert token["says"].endswith(command)
    assert "PUBLIC_URL" in token["cure"]


def test_our_own_certificate_is_renewed_in_time(machine: Machine, ca: CA) -> None:
    with public(machine, tls.leaf(ca, days=(-9, 20))) as port:
        machine.trust(port, ca.cert_pem.bytes())
        assert word(machine.doctor(), "PUBLIC_URL: validity") == ("note", "ends_soon")


def test_our_own_self_signed_certificate_is_noted_with_where_to_import_it(machine: Machine, tmp_path: Path) -> None:
    pem, _ = tls.self_signed()
    file = tmp_path / "own.pem"
    file.write_bytes(pem)
    machine.set(tls_cert=str(file), tls_key=str(file))
    with public(machine, pem):
        report = machine.doctor()
    assert word(report, "PUBLIC_URL: chain") == ("note", "self_signed")
    assert "tomcat-trust" in report.of("PUBLIC_URL: chain")["cure"]
    assert report.of("PUBLIC_URL: /gadgets/CiscoCXJourneyGadget.xml")["state"] == "ok"


def test_nothing_there_is_said_so(machine: Machine, ca: CA) -> None:
    with tls.served(tls.leaf(ca)) as port:
        pass
    machine.set(public_url=f"https://localhost:{port}")
    assert word(machine.doctor(), "PUBLIC_URL: reachable") == ("failed", "refused")
