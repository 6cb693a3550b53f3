"""Whether a lab is running beside `doctor`; the checks beside one that does are in tests/commands/test_lab.py."""

from pathlib import Path

from commands import lab_note


def test_a_lab_that_was_killed_is_no_lab(tmp_path: Path) -> None:
    assert lab_note.running(tmp_path) is None
    (tmp_path / lab_note.NAME).write_text(
        '{"pid": 4194999, "base": "http://localhost:1", "desktop": "http://localhost:2"}'
    )
    assert lab_note.running(tmp_path) is None
    (tmp_path / lab_note.NAME).write_text("junk")
    assert lab_note.running(tmp_path) is None
