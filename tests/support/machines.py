"""A machine on which an administrator runs commands: a data folder, settings, and neighbours on real TLS."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from trustme import CA

from commands import pulse
from foundation.db.database import Database
from foundation.tls.certificates import from_pem
from foundation.tls.trust import Kind, Trust
from gadgets.install.bundles import Bundles
from gadgets.install.shells import STATIC, Shells
from tests.support import tls
from tests.support.services import clean_environ
from tests.support.tls import Answer, Headers, Made

SYSTEM_INFO = """<SystemInfo><currentTimestamp>{now}</currentTimestamp><deploymentType>{kind}</deploymentType>{nodes}
<status>{status}</status><systemAuthMode>NON_SSO</systemAuthMode>
<timezoneOffset>{offset}</timezoneOffset></SystemInfo>"""


class Report:
    """What `doctor` found: states by check, and each failure by its code."""

    def __init__(self, output: str, status: int) -> None:
        report = json.loads(output)
        self.status = status
        self.ok: bool = report["ok"]
        self.checks: list[dict[str, str]] = report["checks"]

    def of(self, check: str) -> dict[str, str]:
        (entry,) = [entry for entry in self.checks if entry["check"] == check]
        return entry

    @property
    def failures(self) -> dict[str, str]:
        return {check["check"]: check["code"] for check in self.checks if check["state"] == "failed"}


class Machine:
    """A data folder, and the settings that a test gives it."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.environ: dict[str, str | None] = {
            **clean_environ(),
            "PULSE_DATA_DIR": str(data),
            "PULSE_PUBLIC_URL": "http://localhost:1",
        }
        self.set(**settings)

    def set(self, **settings: str) -> None:
        self.environ |= {f"PULSE_{name.upper()}": value for name, value in settings.items()}

    def trust(self, port: int, pem: bytes, kind: Kind = "issuer") -> None:
        database = Database(f"sqlite:///{self.data / 'pulse.db'}")
        Trust(database).add(f"localhost:{port}", from_pem(pem)[0], kind)
        database.close()

    def run(self, *arguments: str, typed: str = "") -> Result:
        """A command in this process, with the machine's settings in the environment."""
        return CliRunner().invoke(pulse, arguments, input=typed, env=self.environ)

    def doctor(self, *arguments: str, typed: str = "") -> Report:
        done = self.run("doctor", "--json", *arguments, typed=typed)
        assert done.stdout, done.stderr
        return Report(done.stdout, done.exit_code)


def finesse_responder(
    kind: str = "UCCE", status: str = "IN_SERVICE", behind: float = 0.0, offset: str = "0", nodes: tuple[str, ...] = ()
) -> tls.Responder:
    """SystemInfo alone, of a Finesse whose clock is `behind` seconds behind, `offset` minutes east of UTC.

    `nodes` are `host:port`, or hosts alone as before 12.6, of the primary and the secondary node.
    """
    named = zip(("primaryNode", "secondaryNode"), nodes, strict=False)
    parts = [(name, *node.partition(":")[::2]) for name, node in named]
    cluster = "".join(
        f"<{name}><host>{host}</host>{f'<httpsPort>{port}</httpsPort>' if port else ''}</{name}>"
        for name, host, port in parts
    )

    def respond(path: str, headers: Headers) -> Answer:
        if path != "/finesse/api/SystemInfo":
            return 404, ""
        now = datetime.fromtimestamp(datetime.now(UTC).timestamp() - behind, UTC)
        return 200, SYSTEM_INFO.format(
            now=now.isoformat(timespec="milliseconds"), kind=kind, status=status, nodes=cluster, offset=offset
        )

    return respond


def pulse_responder(path: str, headers: Headers) -> Answer:
    """Pulse, as far as `doctor` looks without a credential, at the address by which it is asked."""
    if path == "/healthz":
        return 200, '{"status": "up", "version": "0"}'
    if path.startswith("/cherrypoint/"):
        return 401, '{"code": "invalid_credentials"}'
    shells = Shells(f"https://{headers['Host']}", Bundles.load(STATIC / "dist"))
    return 200, shells.gadgets[path.rpartition("/")[2]].decode()


@contextmanager
def finesse_on(machine: Machine, certificate: Made | bytes, responder: tls.Responder | None = None) -> Iterator[int]:
    """A Finesse on TLS that the machine's settings name, its origin among those allowed."""
    with tls.served(certificate, responder or finesse_responder()) as port:
        base = f"https://localhost:{port}"
        machine.set(finesse_nodes=base, allowed_origins=base)
        yield port


def finesse_check(port: int, what: str) -> str:
    return f"Finesse localhost:{port}: {what}"


def word(report: Report, check: str) -> tuple[str, Any]:
    entry = report.of(check)
    return entry["state"], entry["code"]


@pytest.fixture
def machine(tmp_path: Path, template: Path) -> Machine:
    shutil.copytree(template, tmp_path / "data")
    return Machine(tmp_path / "data")


@pytest.fixture(scope="session")
def ca() -> CA:
    return tls.authority()
