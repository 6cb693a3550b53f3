"""The lab as a test meets it: calls placed on request, answers brought in while it runs."""

import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3

REPOSITORY = Path(__file__).parents[2]
QUESTION = "64b0000000000000000000{}"


@dataclass(slots=True)
class Lab:
    """A running lab: its desktop, its service, its data folder."""

    desktop: str
    service: str
    data: Path
    calls: list[str] = field(default_factory=list)

    def call(self, agent: str, pod_id: str, from_address: str = "886912344455") -> str:
        """Place a call; it stays up until it is ended."""
        body = {"agent": agent, "podId": pod_id, "fromAddress": from_address}
        answered = urllib3.request("POST", f"{self.desktop}/lab/calls", json=body)
        assert answered.status < 300, answered.data
        dialog_id: str = answered.json()["dialogId"]
        self.calls.append(dialog_id)
        return dialog_id

    def hang_up(self, dialog_id: str) -> None:
        urllib3.request("DELETE", f"{self.desktop}/lab/calls/{dialog_id}")

    def end_calls(self) -> None:
        while self.calls:
            self.hang_up(self.calls.pop())

    def bring_in(self, *answers: dict[str, Any]) -> None:
        """`history import` beside the running service, as an administrator does it."""
        file = self.data / f"{uuid.uuid4().hex}.json"
        file.write_text(json.dumps(list(answers)))
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
        command = [sys.executable, "app.py", "history", "import", str(file)]
        subprocess.run(
            command, cwd=REPOSITORY, env=environ | {"PULSE_DATA_DIR": str(self.data)}, check=True, capture_output=True
        )


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
