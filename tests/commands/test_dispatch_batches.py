"""What waits or could not be read, as an administrator sees it at the command line and in doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.checks import batches
from commands.dispatch import command
from commands.doctor import command as doctor
from commands.store import opened_platform
from experience.dispatch.batches import Unreadable
from experience.dispatch.intake import Intake

DISPATCH = """
id: d
name: After a call
questionnaire_name: Post call survey
delivery_plan: {id: p, name: p, schedule: [{on_channel: email, text_body: x}]}
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("PULSE_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "d.yaml").write_text(DISPATCH)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(command, [str(argument) for argument in arguments])

    assert invoke("import", tmp_path / "d.yaml").exit_code == 0
    return invoke


def take(content: bytes) -> None:
    with opened_platform() as platform:
        Intake(platform).take(content, "text/plain", "/cherrypoint/surveydispatch")


def test_what_waits_is_told_by_its_fields_and_sent(run: Any) -> None:
    take(b'[{"ref": "d", "Email": "ann@example.com"}, {"ref": "d", "Email": "username@email.com"}]')
    shown = run("list", "--waiting").output
    assert "2 recipients wait" in shown
    assert "fields: ref, Email" in shown
    assert "ann@" not in shown
    checks = CliRunner().invoke(doctor, ["--json"]).output
    assert "batches_wait" in checks
    assert "ann@" not in checks
    assert "write it as field=dispatchId" in run("replay", "--map", "ref").output
    sent = run("replay", "--map", "ref=dispatchId").output
    assert sent.splitlines() == ["1 sent, 0 wait, 1 refused", "  1: no usable e-mail address"]
    assert run("list", "--waiting").output == "Nobody waits for a dispatch\n"


def test_a_body_that_could_not_be_read_is_listed_and_can_be_written_out(run: Any) -> None:
    assert run("list", "--unread").output == ""
    with pytest.raises(Unreadable):
        take(b"ann@example.com")
    line = run("list", "--unread").output
    assert "/cherrypoint/surveydispatch, text/plain, 15 bytes, times: 1" in line
    assert "ann@" not in line
    assert run("list", "--body", line.partition(":")[0]).output == "ann@example.com"
    assert "there is no such body" in run("list", "--body", "x").output
    assert batches.CHECK in CliRunner().invoke(doctor, []).output
