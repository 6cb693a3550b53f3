"""A bare Debian: `make` says what is missing, leaves nothing broken behind, and goes on once it is there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.services import ROOT

# As Debian's python3 without python3-venv: `-m venv` makes a folder with an interpreter, says so and fails.
WITHOUT_VENV = """#!/bin/sh
case "$1$2" in
-mvenv)
  "{python}" -m venv --without-pip $([ "$3" = --clear ] && echo --clear) .venv
  echo "The virtual environment was not created successfully because ensurepip is not available." >&2
  exit 1;;
esac
exec "{python}" "$@"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The project as far as `make` needs it for the packages, of which there are none."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "static/gadgets").mkdir(parents=True)
    bare = tmp_path / "bare-python"
    bare.write_text(WITHOUT_VENV.format(python=sys.executable))
    bare.chmod(0o755)
    return tmp_path


def make(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    command = ["make", f"PYTHON={python}", ".venv/bin/.runtime"]
    environ = os.environ | {"PIP_NO_INDEX": "1"}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120)


def test_without_python3_venv_it_is_named_nothing_stays_broken_and_what_works_then_is_let_be(folder: Path) -> None:
    for _ in range(2):
        done = make(folder, "./bare-python")
        assert done.returncode == 2
        assert "apt-get install python3-venv" in done.stderr
        assert not (folder / ".venv").exists()
    done = make(folder, sys.executable)
    assert done.returncode == 0, done.stderr
    assert (folder / ".venv/bin/.runtime").exists()
    (folder / ".venv/mine").touch()
    (folder / ".venv/bin/.runtime").unlink()
    assert make(folder, sys.executable).returncode == 0
    assert (folder / ".venv/mine").exists()


def test_what_an_earlier_try_left_is_made_anew(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=folder, check=True)
    done = make(folder, sys.executable)
    assert done.returncode == 0, done.stderr
    pip = subprocess.run([folder / ".venv/bin/python", "-m", "pip", "--version"], capture_output=True, text=True)
    assert pip.returncode == 0


def test_the_readme_names_what_a_bare_debian_lacks() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for words in ("apt-get install git make python3-venv", "git clone", "Team data", "The first start takes"):
        assert words in readme, words
