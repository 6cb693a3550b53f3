"""`user`: users of the built-in WxM API are made, given keys, listed and disabled."""

import os
import subprocess
import sys
from pathlib import Path

from experience.accounts.users import Users
from foundation.db.database import Database
from tests.support.services import ROOT, clean_environ


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "app.py", "user", *words]
    environ = {**clean_environ(), "PULSE_DATA_DIR": str(data), "PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, encoding="utf-8", check=False)


def test_a_user_is_made_with_a_key_given_another_disabled_and_let_in_again(tmp_path: Path) -> None:
    first = run(tmp_path, "add", "cvp", "--role", "system").stdout.strip()
    second = run(tmp_path, "key", "cvp").stdout.strip()
    database = Database(f"sqlite:///{tmp_path / 'pulse.db'}")
    users = Users(database)
    assert users.check("cvp", first) is None
    found = users.check("cvp", second)
    assert found and found.may_write
    assert run(tmp_path, "list").stdout == "cvp: system, reads and writes\n"
    assert run(tmp_path, "disable", "cvp").returncode == 0
    assert run(tmp_path, "list").stdout == "cvp: system, disabled\n"
    assert users.check("cvp", second) is None
    assert run(tmp_path, "enable", "cvp").returncode == 0
    assert run(tmp_path, "list").stdout == "cvp: system, reads and writes\n"
    assert users.check("cvp", second)
    database.close()


def test_what_cannot_be_is_said_plainly(tmp_path: Path) -> None:
    run(tmp_path, "add", "cvp")
    for words in (("add", "cvp"), ("add", "a:b"), ("key", "nobody"), ("disable", "nobody"), ("enable", "nobody")):
        ended = run(tmp_path, *words)
        assert ended.returncode == 1
        assert ended.stderr.startswith("Error: ")
        assert "Traceback" not in ended.stderr


def test_no_user_is_made_where_the_password_is_not_given(tmp_path: Path) -> None:
    command = [sys.executable, "app.py", "user", "add", "reporter", "--password"]
    environ = {**clean_environ(), "PULSE_DATA_DIR": str(tmp_path)}
    ended = subprocess.run(command, cwd=ROOT, env=environ, input=b"one\nanother\n", capture_output=True, check=False)
    assert ended.returncode == 1
    assert run(tmp_path, "list").stdout == ""
