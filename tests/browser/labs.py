"""The lab as a test meets it: calls placed on request, answers brought in while it runs."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3
from click.testing import CliRunner

from commands import pulse
from tests.support.services import clean_environ, free_port, tied

REPOSITORY = Path(__file__).parents[2]
QUESTION = "64b0000000000000000000{}"


@dataclass(slots=True)
class Lab:
    """A running lab: its desktop's first node, its service, its data folder, the desktop's second node."""

    desktop: str
    service: str
    data: Path
    second: str
    calls: list[str] = field(default_factory=list)

    def call(self, agent: str, pod_id: str | None, from_address: str = "886912344455", **more: Any) -> str:
        """Place a call; it stays up until it is ended."""
        body = {"agent": agent, "podId": pod_id, "fromAddress": from_address, **more}
        dialog_id: str = self.control("calls", **body)["dialogId"]
        self.calls.append(dialog_id)
        return dialog_id

    def move(self, dialog_id: str, word: str, **body: Any) -> str:
        """Let something happen to a call: hold, consult, transfer, …; the dialog that it is about then."""
        moved: str = self.control(f"calls/{dialog_id}/{word}", **body)["dialogId"]
        if moved not in self.calls:
            self.calls.append(moved)
        return moved

    def control(self, word: str, **body: Any) -> dict[str, Any]:
        answered = urllib3.request("POST", f"{self.desktop}/lab/{word}", json=body)
        assert answered.status < 300, answered.data
        told: dict[str, Any] = answered.json()
        return told

    def hang_up(self, dialog_id: str) -> None:
        urllib3.request("DELETE", f"{self.desktop}/lab/calls/{dialog_id}")

    def end_calls(self) -> None:
        while self.calls:
            self.hang_up(self.calls.pop())

    def bring_in(self, *answers: dict[str, Any]) -> None:
        """`history import` beside the running service, by an administrator whose process this is."""
        file = self.data / f"{uuid.uuid4().hex}.json"
        file.write_text(json.dumps(list(answers)))
        environ = {**clean_environ(), "PULSE_DATA_DIR": str(self.data)}
        done = CliRunner().invoke(pulse, ["history", "import", str(file)], env=environ)
        assert done.exit_code == 0, done.output


@contextmanager
def started(data: Path) -> Iterator[Lab]:
    """`python app.py lab --quiet` in a data folder of its own, as a person would start it."""
    port, first, second, mail = (free_port() for _ in range(4))
    ports = ["--port", str(port), "--desktop-port", str(first), "--second-port", str(second), "--mail-port", str(mail)]
    command = tied(sys.executable, "app.py", "lab", "--quiet", "--data", str(data), *ports)
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, encoding="utf-8", process_group=0
    ) as process:
        try:
            assert process.stdout is not None
            assert "ready" in process.stdout.readline()
            yield Lab(f"http://localhost:{first}", f"http://localhost:{port}", data, f"http://localhost:{second}")
        finally:
            # Its desktop would wait for browsers that are gone; how a lab ends is not what these tests are about.
            os.killpg(process.pid, signal.SIGKILL)


def answer(customer: str, *, nps: int, comment: str = "", agent: str = "6001", team: str = "5001") -> dict[str, Any]:
    """A WxM answer of a minute ago."""

    def said(question: str, text: str | None, number: int = 0) -> dict[str, Any]:
        return {"questionId": QUESTION.format(question), "textInput": text, "numberInput": number}

    prefills = [said("a1", customer), said("a2", agent), said("a3", team)]
    return {
        "id": uuid.uuid4().hex[:24],
        "locationId": "Post call survey",
        "responseDateTime": f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}",
        "surveyClient": "sms",
        "responses": [said("01", None, nps), *([said("04", comment)] if comment else []), *prefills],
    }
