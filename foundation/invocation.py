"""How this program is called on this machine: a cure that names a command can be pasted into the shell as it stands."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

APP = Path(__file__).parents[1] / "app.py"


def invocation(words: str = "") -> str:
    """The command line of `app.py` with these words, by the interpreter that runs now, which has the packages.

    Paths are told from the working folder where they are below it.
    """
    interpreter = _shown(Path(sys.executable)) if sys.executable else "python3"
    return " ".join(filter(None, (interpreter, _shown(APP), words)))


def _shown(path: Path) -> str:
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
