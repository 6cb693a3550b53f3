"""Ctrl-C while the lab starts, at any moment of it: nothing is left, and no traceback is shown."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from commands import lab
from commands.lab_note import Addresses
from commands.lab_settings import lab_settings
from experience.answers.schema import answers
from experience.platform import Platform
from foundation.db.database import Database
from lab.people.answers import year_of_answers
from tests.commands.test_lab import descendants, gone
from tests.support.services import ROOT, clean_environ, free_port, tied

SECONDS = 20.0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder: what a start that was ended has begun there, the next one goes on with."""
    return tmp_path_factory.mktemp("lab")


def wait_for_app(process: subprocess.Popen[str]) -> None:
    """Until app.py runs: the interpreter's own start has a handler of its own, which our first lines take away."""
    caught, deadline = False, time.monotonic() + 3
    while time.monotonic() < deadline:
        status = Path(f"/proc/{process.pid}/status").read_text()
        now = bool(int(status.partition("SigCgt:")[2].split()[0], 16) >> (signal.SIGINT - 1) & 1)
        if caught and not now:
            return
        caught = now
        time.sleep(0.0005)


# In our imports, with the database, while the children start, when all is there.
@pytest.mark.parametrize("after", [0.0, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0, 4.0])
def test_it_ends_quietly(data: Path, after: float) -> None:
    ports = [f"--{name}={free_port()}" for name in ("port", "desktop-port", "second-port", "mail-port")]
    command = tied(sys.executable, "app.py", "lab", "--data", str(data), *ports)
    with (data / f"{after}.log").open("w+") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=clean_environ(), stdout=log, stderr=log, process_group=0, text=True
        )
        wait_for_app(process)
        time.sleep(after)
        family = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(SECONDS)
        finally:
            process.kill()
        assert gone(family)
        log.seek(0)
        assert "Traceback" not in log.read()


def test_a_year_that_was_broken_off_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = list(islice(year_of_answers(datetime.now(UTC)), 900))
    monkeypatch.setattr("lab.people.answers.year_of_answers", lambda now: iter(few))
    settings = lab_settings(Addresses("http://localhost:1", "http://localhost:2"), tmp_path)[0]
    lab.prepare(settings)
    take = Platform.take

    def broken_off(platform: Platform, batch: Sequence[Any]) -> Any:
        if batch[0] is not few[0]:
            raise KeyboardInterrupt
        return take(platform, batch)

    monkeypatch.setattr(Platform, "take", broken_off)
    with pytest.raises(KeyboardInterrupt):
        lab.fill(settings, quiet=True)
    monkeypatch.setattr(Platform, "take", take)
    for _ in range(2):
        lab.fill(settings, quiet=True)
        database = Database(settings.database)
        with database.read() as connection:
            assert connection.execute(select(func.count()).select_from(answers)).scalar_one() == len(few)
        database.close()
