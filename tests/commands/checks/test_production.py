"""`doctor` beside a service as production runs it: on HTTPS, all but Finesse built in."""

from pathlib import Path

from trustme import CA

from experience.accounts.users import Users
from foundation.db.database import Database
from tests.support import tls
from tests.support.machines import Machine, finesse_on
from tests.support.services import ServedNode


def test_nothing_fails_where_everything_is_well(machine: Machine, ca: CA, tmp_path: Path) -> None:
    own, authority = tmp_path / "own.pem", tmp_path / "ca.pem"
    own.write_bytes(tls.leaf(ca, "127.0.0.1").private_key_and_cert_chain_pem.bytes())
    authority.write_bytes(ca.cert_pem.bytes())
    database = Database(f"sqlite:///{machine.data / 'pulse.db'}")
    Users(database).add("system", "system")
    database.close()
    with finesse_on(machine, tls.leaf(ca)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        machine.set(tls_cert=str(own), tls_key=str(own))
        environ = {name: value for name, value in machine.environ.items() if name.startswith("PULSE_") and value}
        with ServedNode(machine.data, environ, authority) as node:
            machine.set(public_url=node.base)
            report = machine.doctor()
            done = machine.run("trust", "export")
    assert report.failures == {}
    assert report.status == 0
    assert report.of("PUBLIC_URL: chain")["state"] == "ok"
    assert report.of("Cloud Connect, built in: token")["state"] == "ok"
    assert report.of("WxM, built in: token")["state"] == "ok"
    assert done.stdout.startswith("-----BEGIN CERTIFICATE-----")
