"""The trust store keeps the same in SQLite and in PostgreSQL, and an address may have an old and a new certificate."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.tls.certificates import Certificate, from_pem
from foundation.tls.trust import Trust
from tests.support import tls
from tests.support.databases import empty_schema


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'pulse.db'}"
        upgrade(url)
        connected = Database(url)
        yield connected
        connected.close()
        return
    with empty_schema() as url:
        upgrade(url)
        connected = Database(url)
        yield connected
        connected.close()


def made() -> Certificate:
    return from_pem(tls.self_signed()[0])[0]


def test_what_was_trusted_is_kept_until_it_is_removed(database: Database) -> None:
    trust, old, new = Trust(database), made(), made()
    for certificate in (old, new, new):
        trust.add("cc1.bora.com:8445", certificate, "certificate")
    trust.add("cc2.bora.com:8445", new, "issuer")
    kept = [(entry.address, entry.certificate.sha256, entry.kind) for entry in trust.all()]
    assert kept == [
        ("cc1.bora.com:8445", old.sha256, "certificate"),
        ("cc1.bora.com:8445", new.sha256, "certificate"),
        ("cc2.bora.com:8445", new.sha256, "issuer"),
    ]
    assert trust.context().exact == {old.der}
    assert trust.remove("cc1.bora.com:8445", old.sha256) == 1
    assert trust.remove("cc1.bora.com:8445") == 1
    assert trust.remove("cc1.bora.com:8445") == 0
    assert [entry.address for entry in trust.all()] == ["cc2.bora.com:8445"]


def test_a_name_with_a_star_stands_for_one_label_of_a_name() -> None:
    pem = tls.leaf(tls.authority(), "*.bora.com", "10.0.0.7").cert_chain_pems[0].bytes()
    certificate = from_pem(pem)[0]
    assert certificate.covers("Pulse.bora.com")
    assert certificate.covers("10.0.0.7")
    assert not certificate.covers("bora.com")
    assert not certificate.covers("a.pulse.bora.com")
    assert not certificate.covers("10.0.0.8")
