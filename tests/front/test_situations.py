"""Every test that docs/situations.md names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(
    r"`(?:(?P<file>[a-z_/]+\.py)(?:::(?P<test>test_\w+))?|(?P<alone>test_\w+)|(?P<script>\w+\.test\.js))`"
)


def test_every_situation_is_held_by_a_test_that_exists() -> None:
    files = {path: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    scripts = {path.name for path in (ROOT / "tests/front").glob("*.test.js")}
    named = list(NAMED.finditer((ROOT / "docs/situations.md").read_text("utf-8")))
    assert len(named) > 30
    for match in named:
        if match["script"]:
            assert match["script"] in scripts
        else:
            places = [text for path, text in files.items() if str(path).endswith(match["file"] or "")]
            assert any(f"def {match['test'] or match['alone'] or 'test_'}" in text for text in places), match[0]
