"""Delivery as an administrator sees it: the service sends, and commands, doctor and metrics say what does not go."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands import pulse
from experience.platform import Platform
from foundation.db.database import Database
from tests.support.delivering import accept, bring_forward, close_workers, keep_dispatch, rows, worker
from tests.support.scripted_smtp import ScriptedSmtp, scripted_smtp
from tests.support.services import ServedNode, Service

ANN = {"customer": "C-1", "email": "ann@example.com"}


@pytest.fixture
def smtp() -> Iterator[ScriptedSmtp]:
    with scripted_smtp() as server:
        yield server


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    """A data folder with a dispatch, by which one recipient was accepted."""
    shutil.copytree(template, tmp_path / "data")
    platform = opened(tmp_path / "data")
    keep_dispatch(platform)
    accept(platform, ANN)
    platform.database.close()
    return tmp_path / "data"


def opened(data: Path) -> Platform:
    return Platform(Database(f"sqlite:///{data / 'pulse.db'}"))


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("PULSE_DATA_DIR", str(data))
    monkeypatch.setenv("PULSE_PUBLIC_URL", "https://pulse.bora.com")

    def invoke(*arguments: str, **settings: str) -> Result:
        for name, value in settings.items():
            monkeypatch.setenv(f"PULSE_{name}", value)
        return CliRunner().invoke(pulse, arguments)

    return invoke


def findings(run: Callable[..., Result], **settings: str) -> dict[str, dict[str, Any]]:
    checks = json.loads(run("doctor", "--json", **settings).stdout)["checks"]
    return {finding["check"]: finding for finding in checks}


def test_the_service_sends_what_waits_and_names_nobody_in_its_log(data: Path, smtp: ScriptedSmtp) -> None:
    environ = {"PULSE_PUBLIC_URL": "https://pulse.bora.com", "PULSE_FACES": "api", "PULSE_WORKERS": "1"}
    senders = {"PULSE_SMTP_URL": smtp.url.replace("//", "//survey:hush@"), "PULSE_MAIL_FROM": "survey@bora.com"}
    with ServedNode(data, environ | senders) as node:
        deadline = time.monotonic() + 20
        while not smtp.received:
            assert time.monotonic() < deadline, node.log.read_text()
            time.sleep(0.05)
    assert smtp.recipients == ["ann@example.com"]
    log = node.log.read_text()
    assert [word for word in ("ann@", "hush", "traceback") if word in log.lower()] == []
    assert rows(opened(data)) == []


def test_without_a_sender_everything_says_that_messages_wait(run: Callable[..., Result]) -> None:
    assert "1 by email waiting; nothing is sent until PULSE_SMTP_URL is set" in run("dispatch", "list").output
    outbox = findings(run)["outbox"]
    assert (outbox["state"], outbox["code"], outbox["cure"]) == ("note", "no_sender", "set PULSE_SMTP_URL")
    assert run("dispatch", "work").exit_code == 2


def test_metrics_say_how_much_waits_and_since_when(start: Callable[..., Service], data: Path) -> None:
    service = start(data_dir=data)
    text = service.get("/metrics", origin=None).text
    assert 'pulse_outbox_messages{channel="email",state="waiting"} 1.0' in text
    assert 'pulse_outbox_messages{channel="sms",state="held"} 0.0' in text
    assert 'pulse_outbox_late_seconds{channel="email"}' in text


def test_what_failed_is_listed_with_its_reason_and_can_be_tried_again(
    run: Callable[..., Result], data: Path, smtp: ScriptedSmtp
) -> None:
    smtp.script = lambda command, _: "550 no" if command == "RCPT" else None
    platform = opened(data)
    worker(platform, smtp.port).deliver_due()
    close_workers()
    assert run("dispatch", "list", "--failed").output == "after-call, email: 1 failed: the mail server answered 550\n"
    assert findings(run, SMTP_URL=smtp.url, MAIL_FROM="s@b.tw")["outbox"]["code"] == "failed_messages"
    assert run("dispatch", "retry", "another").output == "0 are due again.\n"
    assert run("dispatch", "retry").output == "1 are due again.\n"
    bring_forward(platform)
    assert rows(platform)[0].tries == 0
    platform.database.close()


def test_one_can_send_a_message_to_oneself(run: Callable[..., Result], smtp: ScriptedSmtp) -> None:
    settings = {"SMTP_URL": smtp.url, "MAIL_FROM": "Bora <survey@bora.com>"}
    sent = run("dispatch", "test", "after-call", "--to", "me@bora.com", **settings)
    assert sent.output == "The server took the message.\n"
    assert smtp.recipients == ["me@bora.com"]
    assert "SMS_URL is not set" in run("dispatch", "test", "after-call", "--to", "+886912344455").output
    assert "no such dispatch" in run("dispatch", "test", "nothing", "--to", "me@bora.com").output


def test_doctor_connects_and_says_what_is_wrong(run: Callable[..., Result], smtp: ScriptedSmtp) -> None:
    settings = {"SMTP_URL": smtp.url.replace("//", "//survey:hush@"), "MAIL_FROM": "survey@bora.com"}
    assert findings(run, **settings)["delivery by e-mail"]["state"] == "ok"
    smtp.script = lambda command, _: "535 no" if command == "AUTH" else None
    finding = findings(run, **settings)["delivery by e-mail"]
    assert (finding["state"], finding["says"]) == ("failed", "the mail server refuses the login (535)")
    assert "hush" not in str(finding)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"SMTP_URL": "http://hush@host", "MAIL_FROM": "a@b.tw"}, "PULSE_SMTP_URL: must be smtp://"),
        ({"SMTP_URL": "smtp://host"}, "PULSE_MAIL_FROM: is required with SMTP_URL"),
        ({"SMTP_URL": "smtp://u:hu#sh@host", "MAIL_FROM": "a@b.tw"}, "PULSE_SMTP_URL: a password may not hold"),
        ({"MAIL_FROM": "Bora"}, "PULSE_MAIL_FROM = Bora: is no address"),
        ({"SMS_URL": "json://user:hush@host/"}, "PULSE_SMS_URL: must be an address of Apprise, with {to}"),
        ({"SMS_URL": "pigeon://hush@host/{to}"}, "PULSE_SMS_URL: is no address that Apprise can use"),
    ],
)
def test_a_sender_that_cannot_be_stops_the_start_and_shows_no_secret(
    run: Callable[..., Result], settings: dict[str, str], fault: str
) -> None:
    faults = [finding["says"] for finding in json.loads(run("doctor", "--json", **settings).stdout)["checks"]]
    assert [says for says in faults if says.startswith(fault)], faults
    assert "hush" not in str(faults)
