"""`doctor` beside a running lab: all green, by the lab's own addresses; and not once the lab is gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import lab_note
from tests.commands.test_lab import Lab, started
from tests.support.machines import Machine


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    with started(folder) as started_lab:
        yield started_lab
    assert not (folder / lab_note.NAME).exists()


def beside(lab: Lab) -> Machine:
    """A shell in which nothing is set but the lab's data folder."""
    machine = Machine(lab.data)
    machine.environ = dict.fromkeys(machine.environ) | {"PULSE_DATA_DIR": str(lab.data)}
    return machine


def test_it_is_all_green_on_the_lab(lab: Lab) -> None:
    report = beside(lab).doctor()
    assert {check["check"]: check for check in report.checks if check["state"] not in {"ok", "not applicable"}} == {}
    assert report.status == 0
    for check in (
        *("settings", "database: writable", "cache", f"origins: {lab.desktop}"),
        *(
            f"Finesse localhost:{lab.desktop_port}: {what}"
            for what in ("reachable", "SystemInfo", "deployment", "clock")
        ),
        *("Cloud Connect, built in: credential", "Cloud Connect, built in: token"),
        *("WxM, built in: token", "WxM, built in: questions", "WxM, built in: tags"),
        *("PUBLIC_URL: /gadgets/CiscoCXJourneyGadget.xml", "refused origins", "unknown paths"),
    ):
        assert report.of(check)["state"] == "ok", check


def test_a_lab_that_was_killed_is_no_lab(tmp_path: Path) -> None:
    assert lab_note.running(tmp_path) is None
    (tmp_path / lab_note.NAME).write_text(
        '{"pid": 4194999, "base": "http://localhost:1", "desktop": "http://localhost:2"}'
    )
    assert lab_note.running(tmp_path) is None
    (tmp_path / lab_note.NAME).write_text("junk")
    assert lab_note.running(tmp_path) is None
