"""The service as tests meet it: in this process through Flask's test client, or its own process on granian."""

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import urllib3
from werkzeug.test import TestResponse

from app import create_app
from experience.platform import Platform
from foundation.keys import signing_keys
from foundation.settings import Settings
from gadgets.signin.guard import Sessions
from gadgets.signin.person import Person
from tests.support.answering import Answer
from tests.support.described import DescribedClient
from tests.support.scripted_finesse import basic

ROOT = Path(__file__).parents[2]
ORIGIN = "https://finesse1.bora.com:8445"
STARRED = "https://*.bora.com:8445"
READY_SECONDS = 90.0

_ports = itertools.count(37 * os.getpid())


def settings_for(data: Path, nodes: Iterable[str], **changes: Any) -> Settings:
    """Settings of a service on one SQLite file, that asks `nodes`."""
    facts: dict[str, Any] = {
        "public_url": "https://pulse.bora.com",
        "data_dir": data,
        "allowed_origins": (ORIGIN, STARRED),
        "finesse_nodes": tuple(nodes),
        **changes,
    }
    return Settings(**facts)


class Service:
    """One node in this process; `template` is a data folder whose database is at its newest state."""

    def __init__(self, settings: Settings, template: Path) -> None:
        if not (settings.data_dir / "pulse.db").exists():
            shutil.copytree(template, settings.data_dir, dirs_exist_ok=True)
        self.settings = settings
        self.app = create_app(settings)
        self.app.test_client_class = DescribedClient
        self.sessions = Sessions(signing_keys(settings))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.app.extensions["pulse"]["database"].close()

    def take(self, *answers: Answer) -> None:
        platform: Platform = self.app.extensions["pulse"]["platform"]
        taken = platform.take(answers)
        assert not taken.faults
        assert taken.added == len(answers)

    def get(
        self, path: str, who: Person | str | None = None, origin: str | None = ORIGIN, **headers: str
    ) -> TestResponse:
        """`who` is a person, signed in without further ado, or a token; header names are written with `_` for `-`."""
        return self.app.test_client().get(path, headers=self._headers(who, origin, headers))

    def post(
        self, path: str, body: object, who: Person | str | None = None, origin: str | None = ORIGIN, **headers: str
    ) -> TestResponse:
        return self.app.test_client().post(path, json=body, headers=self._headers(who, origin, headers))

    def sign_in(
        self,
        name: str,
        password: str = "right",
        *,
        user: str | None = None,
        bearer: str | None = None,
        origin: str | None = ORIGIN,
    ) -> TestResponse:
        credential = f"Bearer {bearer}" if bearer else basic(name, password)
        body = {"user": user if user is not None else name}
        return self.post("/gadgets/session", body, origin=origin, Authorization=credential)

    def token(self, person: Person) -> str:
        return self.sessions.issue(person)

    def _headers(self, who: Person | str | None, origin: str | None, more: Mapping[str, str]) -> dict[str, str]:
        token = self.token(who) if isinstance(who, Person) else who
        headers = {"Origin": origin, "Authorization": f"Bearer {token}" if token else None}
        return {name: text for name, text in headers.items() if text is not None} | {
            name.replace("_", "-"): text for name, text in more.items()
        }


@dataclass(frozen=True)
class Reply:
    """An answer over a real socket, in the words of Flask's test client."""

    status_code: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class ServedNode:
    """`python app.py serve` in a process of its own, on a port of its own; HTTPS where `authority` is its CA's file."""

    def __init__(
        self, data: Path, environ: Mapping[str, str], authority: Path | None = None, port: int | None = None
    ) -> None:
        self.port = port or free_port()
        self.base = f"{'https' if authority else 'http'}://127.0.0.1:{self.port}"
        self.data = data
        self.log = data / "node.log"
        data.mkdir(parents=True, exist_ok=True)
        self.authority = authority
        trusted = str(authority) if authority else None
        self._pool = urllib3.PoolManager(retries=False, timeout=20, maxsize=32, ca_certs=trusted)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                tied(sys.executable, "app.py", "serve", "--host", "127.0.0.1", "--port", str(self.port)),
                cwd=ROOT,
                env={**clean_environ(), "PULSE_DATA_DIR": str(data), **environ},
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def __enter__(self) -> Self:
        with ExitStack() as unready:
            unready.callback(self._kill)
            deadline = time.monotonic() + READY_SECONDS
            while not self._is_ready():
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.05)
            unready.pop_all()
        return self

    def _kill(self) -> None:
        """One that never came up, or came too late, and its workers: nothing of a run outlives it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self._pool.clear()

    def interrupt(self) -> None:
        """As Ctrl-C does it: every process hears of it."""
        os.killpg(self.process.pid, signal.SIGINT)

    def request(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: object = None) -> Reply:
        answer = self._pool.request(
            method,
            self.base + path,
            headers=dict(headers or {}) | ({"Content-Type": "application/json"} if body is not None else {}),
            body=json.dumps(body).encode() if body is not None else None,
            redirect=False,
        )
        return Reply(answer.status, answer.headers, answer.data)

    def raw(self, text: bytes) -> bytes:
        """All that is answered to these bytes until the connection is closed."""
        with closing(socket.create_connection(("127.0.0.1", self.port), 10)) as wire:
            wire.sendall(text)
            received = b""
            while part := wire.recv(65536):
                received += part
            return received

    def _is_ready(self) -> bool:
        try:
            return self.request("GET", "/readyz").status_code == 200
        except urllib3.exceptions.HTTPError:
            return False


def clean_environ() -> dict[str, str]:
    """This process's environment without settings of ours."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
    return clean | {"PULSE_CLOUDCONNECT_USERNAME": "admin", "PULSE_CLOUDCONNECT_PASSWORD": "cloud connect's word"}


def tied(*command: str) -> list[str]:
    """A command that is ended when the test process is gone, however that went; so far as this system can do that."""
    tie = shutil.which("setpriv")
    return [tie, "--pdeathsig", "TERM", *command] if tie else list(command)


def free_port() -> int:
    """A port that nobody has: a worker gives none twice, and the system gives those from 32768 on to connections."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    while True:
        port = 16_000 + 2_000 * worker + next(_ports) % 2_000
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
