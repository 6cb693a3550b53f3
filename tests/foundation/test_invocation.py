"""A command that a cure names can be pasted: it names the interpreter that has the packages, wherever one stands."""

import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.invocation import APP, invocation
from foundation.tls.handshake import NO_ISSUER_HERE, explain


def test_in_the_projects_folder_it_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(APP.parent)
    monkeypatch.setattr(sys, "executable", str(APP.parent / ".venv/bin/python"))
    assert invocation("trust list") == ".venv/bin/python app.py trust list"
    error = ssl.SSLCertVerificationError()
    error.verify_code = NO_ISSUER_HERE
    assert explain(error, "a.b:1").cure.endswith(", then: .venv/bin/python app.py trust add a.b:1")


def test_elsewhere_it_runs_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "with a blank"
    folder.mkdir()
    monkeypatch.chdir(folder)
    done = subprocess.run(f"{invocation('--help')}", shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"Usage: {invocation()} ")
    monkeypatch.setattr(sys, "executable", str(folder / "a b" / "python"))
    assert invocation("x").startswith("'a b/python' ")


def test_an_interpreter_that_does_not_know_itself_is_named_as_every_machine_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    assert invocation().startswith("python3 ")
