"""Expired, wrong name, unknown issuer and an EC key each have their own words, in errors and in the log."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from trustme import CA

from foundation.db.database import Database
from foundation.http.client import HttpClient
from foundation.http.failures import NoTrust
from foundation.tls import trust
from foundation.tls.certificates import from_pem
from foundation.tls.trust import CurrentTrust, Trust
from tests.support import tls
from tests.support.machines import Machine
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import basic
from tests.support.services import ORIGIN, ServedNode, Service

WORDS = [
    (lambda ca: tls.leaf(ca, days=(-9, -2)), "expired", "has expired"),
    (lambda ca: tls.leaf(ca, "elsewhere.bora.com"), "wrong_name", "is not for localhost"),
    (lambda ca: tls.leaf(tls.authority("Nobody")), "unknown_issuer", "whom nobody here trusts"),
    (lambda ca: tls.self_signed()[0], "self_signed", "it signed itself"),
]
Makes = Callable[[CA], "tls.Made | bytes"]


@pytest.fixture
def store(tmp_path: Path, template: Path, ca: CA) -> Trust:
    """A trust store that trusts `ca` for everybody."""
    (tmp_path / "pulse.db").write_bytes((template / "pulse.db").read_bytes())
    trust_store = Trust(Database(f"sqlite:///{tmp_path / 'pulse.db'}"))
    trust_store.add("localhost:1", from_pem(ca.cert_pem.bytes())[0], "issuer")
    return trust_store


@pytest.mark.parametrize(("made", "code", "words"), WORDS)
def test_the_door_says_what_of_a_certificate_is_wrong_to_the_next_caller_too(
    store: Trust, ca: CA, made: Makes, code: str, words: str
) -> None:
    http = HttpClient(tls=CurrentTrust(store))
    with tls.served(made(ca)) as port:
        for _ in range(2):
            with pytest.raises(NoTrust) as raised:
                http.get(f"https://localhost:{port}", "/", {}, 3)
            assert raised.value.code == code
            assert words in raised.value.detail
            assert raised.value.permanent


@pytest.mark.parametrize(("made", "code", "words"), WORDS)
def test_a_gadget_an_administrator_and_the_log_hear_it(
    start: Callable[..., Service], ca: CA, made: Makes, code: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database: Database = start().app.extensions["pulse"]["database"]
    Trust(database).add("localhost:1", from_pem(ca.cert_pem.bytes())[0], "issuer")
    with tls.served(made(ca)) as port:
        base = f"https://localhost:{port}"
        login = {"wxm_url": base, "wxm_username": "desktop", "wxm_api_key": "key"}
        service = start(finesse_nodes=[base], cloudconnect_username="admin", cloudconnect_password="word", **login)
        refused = assert_problem(service.sign_in("1001"), 502, "finesse_unavailable")
        assert words in refused["detail"]
        answer = service.get("/cherrypoint/authtoken", origin=None, Authorization=basic("admin", "word"))
        assert words in assert_problem(answer, 503, "cloud_connect_unavailable")["detail"]
    output = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert output.count(words) >= 2
    assert f"code={code}" in output


def test_an_ec_key_where_cisco_takes_rsa_alone_is_told_with_the_first_call_over_it(
    store: Trust, ca: CA, capsys: pytest.CaptureFixture[str]
) -> None:
    with tls.served(tls.leaf(ca, key=tls.EC)) as port, tls.served(tls.leaf(ca)) as other:
        bases = f"https://localhost:{port}", f"https://localhost:{other}"
        http = HttpClient(tls=CurrentTrust(store), rsa_only=bases)
        for base in bases * 3:
            assert http.get(base, "/", {}, 3).body == b"hello"
        plain_door = HttpClient(tls=CurrentTrust(store))
        assert plain_door.get(bases[0], "/", {}, 3).body == b"hello"
    lines = [line for line in capsys.readouterr().out.splitlines() if "ec_key" in line]
    assert len(lines) == 1
    assert f"localhost:{port} presents a certificate with an EC secp256r1 key" in lines[0]
    assert "RSA" in lines[0]


def test_what_is_trusted_later_is_used_without_another_door(
    store: Trust, ca: CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "LOOK_SECONDS", 0.0)
    nobody = tls.authority("Nobody")
    with tls.served(tls.leaf(nobody)) as port:
        base = f"https://localhost:{port}"
        http = HttpClient(tls=CurrentTrust(store))
        with pytest.raises(NoTrust):
            http.get(base, "/", {}, 3)
        store.add(f"localhost:{port}", from_pem(nobody.cert_pem.bytes())[0], "issuer")
        assert http.get(base, "/", {}, 3).body == b"hello"
        store.remove(f"localhost:{port}")
        with pytest.raises(NoTrust):
            http.get(base, "/", {}, 3)


def test_a_running_service_knows_within_seconds_what_trust_add_trusts(machine: Machine, ca: CA) -> None:
    with tls.served(tls.leaf(ca)) as port:
        base = f"https://localhost:{port}"
        environ = {"PULSE_PUBLIC_URL": "https://pulse.bora.com", "PULSE_ALLOWED_ORIGINS": ORIGIN}
        with ServedNode(machine.data, environ | {"PULSE_FINESSE_NODES": base, "PULSE_THREADS": "8"}) as node:

            def detail() -> str:
                headers = {"Origin": ORIGIN, "Authorization": basic("1001", "right")}
                return str(node.request("POST", "/gadgets/session", headers, {"user": "1001"}).json["detail"])

            assert "whom nobody here trusts" in detail()
            assert machine.run("trust", "add", f"localhost:{port}", "--yes").exit_code == 0
            deadline = time.monotonic() + 60
            while "whom nobody here trusts" in detail():
                assert time.monotonic() < deadline
                time.sleep(0.5)


def test_a_store_that_cannot_be_read_changes_nothing(
    store: Trust, ca: CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trust, "LOOK_SECONDS", 0.0)
    with tls.served(tls.leaf(ca)) as port:
        http = HttpClient(tls=CurrentTrust(store))
        with Database(f"sqlite:///{tmp_path / 'pulse.db'}").write() as connection:
            connection.exec_driver_sql("ALTER TABLE trusted_certificates RENAME TO elsewhere")
        assert http.get(f"https://localhost:{port}", "/", {}, 3).body == b"hello"
    assert "trust_not_read" in capsys.readouterr().out
