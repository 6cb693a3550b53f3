"""`doctor` beside a service as production runs it: on HTTPS, all but Finesse built in."""

from pathlib import Path

import pytest
from trustme import CA

from commands.checks import cloud_connect
from experience.accounts.users import Users
from foundation.db.database import Database
from tests.support import tls
from tests.support.machines import Machine, finesse_on
from tests.support.services import ServedNode, free_port


def test_nothing_fails_where_everything_is_well(
    machine: Machine, ca: CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, authority = tmp_path / "own.pem", tmp_path / "ca.pem"
    own.write_bytes(tls.leaf(ca, "127.0.0.1").private_key_and_cert_chain_pem.bytes())
    authority.write_bytes(ca.cert_pem.bytes())
    database = Database(f"sqlite:///{machine.data / 'pulse.db'}")
    Users(database).add("system", "system")
    database.close()
    with finesse_on(machine, tls.leaf(ca)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        own_port = free_port()
        monkeypatch.setattr(cloud_connect, "CISCOS_PORT", own_port)
        machine.set(tls_cert=str(own), tls_key=str(own), public_url=f"https://127.0.0.1:{own_port}")
        environ = {name: value for name, value in machine.environ.items() if name.startswith("PULSE_") and value}
        with ServedNode(machine.data, environ, authority, own_port):
            report = machine.doctor()
            done = machine.run("trust", "export")
    assert report.failures == {}
    assert report.status == 0
    assert report.of("PUBLIC_URL: chain")["state"] == "ok"
    assert report.of("Cloud Connect, built in: token")["state"] == "ok"
    assert report.of("WxM, built in: token")["state"] == "ok"
    assert done.stdout.startswith("-----BEGIN CERTIFICATE-----")
