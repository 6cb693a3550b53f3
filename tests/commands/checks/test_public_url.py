"""PUBLIC_URL answers, with a certificate that Finesse will accept: names, full chain, SHA-256, RSA."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from trustme import CA

from foundation.invocation import invocation
from tests.support import tls
from tests.support.machines import Machine, Report, pulse_responder, word

FINE = {"names": "ok", "validity": "ok", "chain": "ok", "signature": "ok", "key": "ok"}


@contextmanager
def public(
    machine: Machine, certificate: tls.Made | bytes, responder: tls.Responder = pulse_responder
) -> Iterator[int]:
    with tls.served(certificate, responder) as port:
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
    command = invocation(f"trust add localhost:{port}")
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


GADGET = "PUBLIC_URL: /gadgets/CiscoCXJourneyGadget.xml"


@pytest.mark.parametrize(
    ("answer", "code", "why"),
    [
        ((200, "<html>Welcome to nginx!</html>"), "not_pulse", "another service"),
        ((404, "nothing of that name"), "not_pulse", "another service"),
        ((302, ""), "not_pulse", "another service"),
        ((502, "Bad Gateway"), "status", "does not reach `serve`"),
    ],
)
def test_what_is_not_pulse_is_said_so(machine: Machine, ca: CA, answer: tls.Answer, code: str, why: str) -> None:
    with public(machine, tls.leaf(ca), lambda path, headers: answer) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
        assert word(report, GADGET) == ("failed", code)
        assert why in report.of(GADGET)["says"]
        machine.set(faces="cherrypoint,api")
        assert machine.doctor().failures["PUBLIC_URL: /healthz"] == code


def test_a_pulse_of_another_address_is_told_from_this_one(machine: Machine, ca: CA) -> None:
    def elsewhere(path: str, headers: tls.Headers) -> tls.Answer:
        status, body = pulse_responder(path, headers)
        return status, body.replace(f"https://{headers['Host']}", "https://pulse.bora.com")

    with public(machine, tls.leaf(ca), elsewhere) as port:
        machine.trust(port, ca.cert_pem.bytes())
        assert word(machine.doctor(), GADGET) == ("failed", "other_pulse")


def test_other_faces_are_known_by_their_health(machine: Machine, ca: CA) -> None:
    machine.set(faces="cherrypoint,api")
    with public(machine, tls.leaf(ca)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        assert machine.doctor().of("PUBLIC_URL: /healthz")["state"] == "ok"


def test_an_authority_that_is_unknown_here_is_named_though_the_chain_is_complete(machine: Machine, ca: CA) -> None:
    made = tls.leaf(ca)
    whole = made.private_key_and_cert_chain_pem.bytes() + ca.cert_pem.bytes()
    for presented in (whole, tls.self_signed()[0]):
        with public(machine, presented) as port:
            report = machine.doctor()
        assert word(report, "PUBLIC_URL: trusted here") == ("failed", "unknown_here")
        assert invocation(f"trust add localhost:{port}") in report.of("PUBLIC_URL: trusted here")["cure"]
        assert report.of(GADGET)["state"] == "not applicable"


def test_the_agents_browsers_are_named_among_those_who_must_trust_it(machine: Machine, ca: CA) -> None:
    with public(machine, tls.leaf(ca)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        assert "browsers" in machine.doctor().of("PUBLIC_URL: chain")["says"]
    with public(machine, tls.self_signed()[0]):
        chain = machine.doctor().of("PUBLIC_URL: chain")
    assert "browsers" in chain["says"] + chain["cure"]
