"""What a command writes to a file is there whole, or what stood there before is."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import files
from tests.support.machines import Machine, machine

__all__ = ["machine"]


def test_what_stood_there_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "all.json"
    target.write_text("before")
    with pytest.raises(KeyboardInterrupt), files.written(target) as stream:
        stream.write(b"half")
        stream.flush()
        assert target.read_text() == "before"
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["all.json"]
    assert target.read_text() == "before"


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.fixture
def mask() -> Iterator[None]:
    """An account whose new files anybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("mask")
@pytest.mark.parametrize("before", [None, 0o644, 0o600])
def test_nobody_but_its_owner_reads_what_is_written(tmp_path: Path, before: int | None) -> None:
    target, link = tmp_path / "all.json", tmp_path / "link"
    link.symlink_to(target)
    if before is not None:
        target.touch()
        target.chmod(before)
    with files.written(link) as stream:
        stream.write("值機員".encode())
        assert {mode(path) for path in tmp_path.glob("*.part")} == {0o600}
    assert (link.is_symlink(), target.read_text("utf-8"), mode(target)) == (True, "值機員", 0o600)


@pytest.mark.usefixtures("mask")
def test_what_is_made_to_be_handed_on_is_as_other_files_are_or_as_it_was(tmp_path: Path) -> None:
    new, kept = tmp_path / "new.pem", tmp_path / "kept.pem"
    kept.touch(0o640)
    for path in (new, kept):
        files.write(path, "chain", public=True)
    assert (mode(new), mode(kept)) == (0o644, 0o640)


def test_a_pipe_or_a_device_is_written_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files.write(pipe, "through")
    assert os.read(reading, 100) == b"through"
    os.close(reading)
    with pytest.raises(OSError, match=r"No space left on device: '/dev/full'"):
        files.write(Path("/dev/full"), "x" * 100_000)


def test_an_export_is_a_file_of_its_own_and_nothing_else_is_left(machine: Machine, tmp_path: Path) -> None:
    assert machine.run("questionnaire", "list").exit_code == 0
    target = tmp_path / "out"
    target.mkdir()
    done = machine.run("history", "export", str(target / "a.json"), "--questions", str(target / "q.json"))
    assert done.exit_code == 0, done.output
    assert json.loads((target / "q.json").read_bytes())
    assert machine.run("questionnaire", "export", "Post call survey", str(target / "q.yaml")).exit_code == 0
    assert {path.name: mode(path) for path in target.iterdir()} == dict.fromkeys(("a.json", "q.json", "q.yaml"), 0o600)


def test_a_pipe_is_written_by_the_name_that_a_shell_gives_it() -> None:
    program = "from pathlib import Path; from commands import files; files.write(Path('/dev/stdout'), 'whole')"
    assert subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True).stdout == b"whole"
