"""No gadget stops the desktop: nothing that blocks it is in what browsers get (docs/cisco/finesse.md §1.2)."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCKING = re.compile(
    r"\b(?:alert|confirm|prompt|showModalDialog)\s*\(|\basync\s*:\s*false|\.open\([^)]*,\s*(?:false|!1)\s*\)"
)


def test_no_source_and_no_built_gadget_blocks_the_desktop() -> None:
    sources = [*(ROOT / "static/gadgets").rglob("*.js"), *(ROOT / "gadgets/install/templates").glob("*.js")]
    built = [*(ROOT / "static/dist").glob("*/*.js")]
    assert len(sources) > 15
    assert built, "the gadgets are not built: run `npm run build`"
    assert [
        f"{file}: {match[0]}" for file in sources + built if (match := BLOCKING.search(file.read_text("utf-8")))
    ] == []
