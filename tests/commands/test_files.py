"""What a command writes to a file is there whole, or what stood there before is."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from commands import files
from tests.machines import Machine, machine

__all__ = ["machine"]


def test_what_stood_there_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "all.json"
    target.write_text("before")
    with pytest.raises(KeyboardInterrupt), files.written(target) as stream:
        stream.write(b"half")
        stream.flush()
        assert target.read_text() == "before"
        raise KeyboardInterrupt
    assert [each.name for each in tmp_path.iterdir()] == ["all.json"]
    assert target.read_text() == "before"


def test_who_may_read_a_file_that_is_written_anew_stays_as_it_was(tmp_path: Path) -> None:
    target, link = tmp_path / "all.json", tmp_path / "link"
    target.touch(0o600)
    link.symlink_to(target)
    files.write(link, "值機員")
    assert (link.is_symlink(), target.read_text("utf-8")) == (True, "值機員")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


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
    assert sorted(each.name for each in target.iterdir()) == ["a.json", "q.json"]


def test_a_pipe_is_written_by_the_name_that_a_shell_gives_it() -> None:
    program = "from pathlib import Path; from commands import files; files.write(Path('/dev/stdout'), 'whole')"
    assert subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True).stdout == b"whole"
