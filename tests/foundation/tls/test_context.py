"""Connections are made to what the system or an administrator trusts, and to nothing else: real TLS throughout."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from trustme import CA

from foundation.db.database import Database
from foundation.http.client import HttpClient
from foundation.http.failures import NoConnection
from foundation.tls import handshake
from foundation.tls.certificates import Certificate, from_pem
from foundation.tls.trust import Kind, Trust, Trusted, context
from tests.support import tls


def trusted(certificate: Certificate, kind: Kind) -> Trusted:
    return Trusted("localhost:1", kind, certificate, datetime.now(UTC))


def first(pem: bytes) -> Certificate:
    return from_pem(pem)[0]


def root(ca: CA) -> Certificate:
    return first(ca.cert_pem.bytes())


def fault_of(port: int, *entries: Trusted, host: str = "localhost", rsa_only: bool = False) -> str:
    fault = handshake.examine(f"https://{host}:{port}", context(list(entries)), rsa_only=rsa_only).fault
    return fault.code if fault else ""


def test_an_unknown_issuer_is_refused_and_a_trusted_one_is_not() -> None:
    ca = tls.authority()
    with tls.served(tls.leaf(ca)) as port:
        assert fault_of(port) == "unknown_issuer"
        assert fault_of(port, trusted(root(tls.authority()), "issuer")) == "unknown_issuer"
        assert fault_of(port, trusted(root(ca), "issuer")) == ""


def test_a_certificate_trusted_exactly_is_enough_without_its_issuer() -> None:
    ca = tls.authority()
    made = tls.leaf(ca)
    own = first(made.cert_chain_pems[0].bytes())
    with tls.served(made) as port:
        assert fault_of(port, trusted(own, "certificate")) == ""
    with tls.served(tls.leaf(ca)) as port:
        assert fault_of(port, trusted(own, "certificate")) == "unknown_issuer"


@pytest.mark.parametrize(
    ("certificate", "code"),
    [
        (lambda ca: tls.leaf(ca, days=(-9, -2)), "expired"),
        (lambda ca: tls.leaf(ca, days=(2, 9)), "not_yet_valid"),
        (lambda ca: tls.leaf(ca, "elsewhere.bora.com"), "wrong_name"),
        (lambda ca: tls.leaf(ca, key=tls.EC), ""),
    ],
)
def test_each_failure_of_a_trusted_issuers_certificate_has_its_own_word(
    certificate: Callable[[CA], tls.Made], code: str
) -> None:
    ca = tls.authority()
    with tls.served(certificate(ca)) as port:
        assert fault_of(port, trusted(root(ca), "issuer")) == code


def test_an_ec_key_is_refused_where_cisco_takes_rsa_alone() -> None:
    ca = tls.authority()
    with tls.served(tls.leaf(ca, key=tls.EC)) as port:
        assert fault_of(port, trusted(root(ca), "issuer"), rsa_only=True) == "ec_key"
    with tls.served(tls.leaf(ca)) as port:
        assert fault_of(port, trusted(root(ca), "issuer"), rsa_only=True) == ""


def test_a_self_signed_certificate_works_once_it_is_trusted_and_for_its_names_alone() -> None:
    pem, _ = tls.self_signed()
    with tls.served(pem) as port:
        assert fault_of(port) == "self_signed"
        assert fault_of(port, trusted(first(pem), "certificate")) == ""
        assert fault_of(port, trusted(first(pem), "certificate"), host="127.0.0.1") == "wrong_name"


def test_a_certificate_trusted_exactly_cannot_vouch_for_another() -> None:
    """Cisco's self-signed ones may sign others: who holds one node's key must not pass for every neighbour."""
    ca = tls.authority()
    with tls.served(tls.leaf(ca)) as port:
        assert fault_of(port, trusted(root(ca), "certificate")) == "unknown_issuer"
        http = HttpClient(tls=partial(context, [trusted(root(ca), "certificate")]))
        with pytest.raises(NoConnection):
            http.get(f"https://localhost:{port}", "/", {}, 3)


def test_the_door_speaks_to_what_the_store_trusts(tmp_path: Path, template: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pulse.db'}"
    (tmp_path / "pulse.db").write_bytes((template / "pulse.db").read_bytes())
    database = Database(url)
    ca = tls.authority()
    with tls.served(tls.leaf(ca)) as port:
        base = f"https://localhost:{port}"
        with pytest.raises(NoConnection):
            HttpClient(tls=Trust(database).context).get(base, "/", {}, 3)
        Trust(database).add(f"localhost:{port}", root(ca), "issuer")
        assert HttpClient(tls=Trust(database).context).get(base, "/", {}, 3).body == b"hello"
        assert [entry.address for entry in Trust(database).all()] == [f"localhost:{port}"]
        assert Trust(database).remove(f"localhost:{port}") == 1
        with pytest.raises(NoConnection):
            HttpClient(tls=Trust(database).context).get(base, "/", {}, 3)
    database.close()


def test_what_cannot_be_reached_is_said_so() -> None:
    with tls.served(tls.leaf(tls.authority())) as port:
        pass
    assert fault_of(port) == "refused"
    assert fault_of(port, host="no-such-host.invalid") == "unknown_name"
