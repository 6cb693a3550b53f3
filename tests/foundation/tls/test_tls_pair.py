"""TLS_CERT and TLS_KEY are judged with the other settings: PEM, one for the other, and no passphrase."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from foundation.setting_rules import tls_pair
from foundation.settings import read
from tests.support import tls


def test_a_certificate_with_its_own_key_is_a_pair(tmp_path: Path) -> None:
    made = tls.leaf(tls.authority())
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(made.cert_chain_pems[0].bytes())
    key.write_bytes(made.private_key_pem.bytes())
    assert tls_pair(cert, key) == ""
    key.write_bytes(tls.leaf(tls.authority()).private_key_pem.bytes())
    assert tls_pair(cert, key) == "the key is not that of the certificate"


def test_what_is_no_pem_and_a_key_with_a_passphrase_are_told(tmp_path: Path) -> None:
    made = tls.leaf(tls.authority())
    cert, key, junk = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "junk"
    cert.write_bytes(made.cert_chain_pems[0].bytes())
    opened = load_pem_private_key(made.private_key_pem.bytes(), None)
    key.write_bytes(opened.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hush")))
    junk.write_text("junk")
    for pair in ((cert, key), (cert, junk), (junk, key), (cert, cert)):
        assert "in PEM and without a passphrase" in tls_pair(*pair)


def test_the_start_names_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("junk").write_text("junk")
    monkeypatch.setenv("PULSE_TLS_CERT", "junk")
    monkeypatch.setenv("PULSE_TLS_KEY", "junk")
    assert [fault.partition(":")[0] for fault in read()[1]] == ["PULSE_TLS_CERT and PULSE_TLS_KEY"]
