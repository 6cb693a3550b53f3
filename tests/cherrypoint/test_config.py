"""What `cherrypoint config` sets, as every command reads it back."""

from pathlib import Path

import pytest

from cherrypoint.config import FILE, Config, InFile
from foundation.settings import SettingsError


@pytest.mark.parametrize("text", ["{", "", "[]", "7", "\x00"])
def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SettingsError, match=r"cherrypoint.json: cannot be read: remove it.* cherrypoint config"):
        InFile(tmp_path / FILE).load()


def test_what_another_release_kept_beside_is_left_out(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"desktop_user": "ann", "sip_uri_domain": "x"}')
    assert InFile(tmp_path / FILE).load() == Config(desktop_user="ann")
    assert InFile(tmp_path / "none.json").load() == Config()
