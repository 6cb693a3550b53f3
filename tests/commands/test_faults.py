"""Whatever stops a command that an administrator can mend is one line that says so, and no traceback."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from commands.faults import describe
from foundation.tls.trust import trusted
from tests.support.machines import Machine, machine, word
from tests.support.services import ROOT, clean_environ, free_port

__all__ = ["machine"]


COMMANDS = "db upgrade", "serve", "user list", "trust list", "questionnaire list", "cherrypoint show", "history export"


def away(machine: Machine) -> None:
    url = f"postgresql+psycopg://pulse:hu%40sh@127.0.0.1:{free_port()}/pulse"
    machine.set(database_url=url, secret_key="k" * 32)


def junk(machine: Machine) -> None:
    (machine.data / "pulse.db").write_bytes(b"\xff" * 9000)


def newer(machine: Machine) -> None:
    with sqlite3.connect(machine.data / "pulse.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("UPDATE database_facts SET value = '9999' WHERE name = 'oldest_code'")
    connection.close()


def the_line(done: Result) -> str:
    """What was said on standard error, which is a line."""
    assert (done.exit_code, done.stdout) == (1, ""), done.output
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (away, "the database cannot be used ("),
        (junk, "(file is not a database)"),
        (newer, "newer version"),
    ],
    ids=lambda parameter: parameter.__name__ if callable(parameter) else "",
)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_cannot_be_used(
    machine: Machine, command: str, break_it: Callable[[Machine], None], reason: str
) -> None:
    machine.set(allowed_origins="https://f1.bora.com:8445", finesse_nodes="https://f1.bora.com:8445")
    machine.set(cloudconnect_username="cc", cloudconnect_password="cc")
    break_it(machine)
    options = ["--host", "127.0.0.1", "--port", str(free_port())] if command == "serve" else []
    line = the_line(machine.run(*command.split(), *options))
    assert reason in line
    assert "hu" not in line.split()
    assert "sh@" not in line


@pytest.mark.parametrize("command", COMMANDS)
def test_a_data_folder_that_is_a_file(machine: Machine, command: str) -> None:
    folder = machine.data / "pulse.db"
    machine.set(data_dir=str(folder), allowed_origins="https://f1.bora.com:8445", finesse_nodes="https://f1.bora.com")
    done = machine.run(*command.split())
    assert (done.exit_code, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    assert str(folder) in done.stderr
    assert "PULSE_DATA_DIR" in done.stderr


def test_a_locked_database_is_said_to_be_locked(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foundation.db.database.BUSY_SECONDS", 0.1)
    with sqlite3.connect(machine.data / "pulse.db") as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute(f"DELETE FROM {trusted.name}")
        assert "database is locked" in the_line(machine.run("user", "add", "cvp"))
    other.close()


@pytest.mark.parametrize(
    "command",
    [
        ("history", "export"),
        ("history", "export", "all.json", "--questions"),
        ("questionnaire", "export", "Post call survey"),
        ("cvp-properties", "--release", "12.6", "--into"),
    ],
    ids=" ".join,
)
def test_a_file_that_cannot_be_written_is_named(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    target = str(tmp_path / "file" / "out")
    assert the_line(machine.run(*command, target)) == f"Error: {target}: Not a directory"


@pytest.mark.parametrize("kind", [DataError, IntegrityError])
def test_a_value_that_the_database_refuses_is_not_shown(kind: type[DBAPIError]) -> None:
    cause = ValueError('invalid input syntax for type integer: "ann@bora.com"\nDETAIL: (mobile)=(0912344455)')
    line = describe(kind("INSERT", {"mobile": "0912344455"}, cause))
    assert kind.__name__ in line
    assert "bora" not in line
    assert "0912" not in line


def test_doctor_tells_a_newer_database_from_an_older_one(machine: Machine) -> None:
    newer(machine)
    report = machine.doctor()
    assert word(report, "database: migrated") == ("failed", "newer")
    assert "9999" in report.of("database: migrated")["says"]
    assert "db upgrade" not in report.of("database: migrated")["cure"]


def test_doctor_says_why_the_database_refuses(machine: Machine) -> None:
    junk(machine)
    assert "file is not a database" in machine.doctor().of("database: reachable")["says"]


@pytest.mark.parametrize("port", ["0", "-1", "65536"])
@pytest.mark.parametrize("option", [("serve", "--port"), ("lab", "--desktop-port")], ids=" ".join)
def test_a_port_is_one_that_there_is(machine: Machine, option: tuple[str, str], port: str) -> None:
    done = machine.run(*option, port)
    assert (done.exit_code, "Traceback" in done.output) == (2, False)
    assert f"'{option[1]}'" in done.stderr


def test_no_port_is_given_twice(machine: Machine) -> None:
    machine.set(allowed_origins="https://f1.bora.com:8445", finesse_nodes="https://f1.bora.com:8445", faces="gadgets")
    machine.set(admin_port="8999")
    assert "PULSE_ADMIN_PORT" in machine.run("serve", "--port", "8999").stderr
    assert "differ" in machine.run("lab", "--port", "8999", "--desktop-port", "8999").stderr


def test_whoever_cannot_type_is_not_waited_for(tmp_path: Path) -> None:
    command = f"exec '{sys.executable}' app.py cherrypoint config <&-"
    environ = {**clean_environ(), "PULSE_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, env=environ, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr.strip()) == (1, "Aborted!")


def test_what_a_file_holds_moves_no_cursor(machine: Machine, tmp_path: Path) -> None:
    answers = tmp_path / "a.json"
    text = {"questionId": "\x1b[2J", "textInput": 7}
    document = {
        "id": "1",
        "locationId": "Post call survey",
        "responseDateTime": "2026-11-08T03:12:44Z",
        "responses": [text],
    }
    answers.write_text(json.dumps(document), "utf-8")
    done = machine.run("history", "import", str(answers))
    assert done.exit_code == 1
    assert "\x1b" not in done.output
    assert r"question \x1b[2J" in done.stderr
