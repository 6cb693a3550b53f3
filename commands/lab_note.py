"""A note that a running lab leaves in its data folder, so that other commands know its addresses."""

from __future__ import annotations

import json
import os
from pathlib import Path

NAME = "lab.json"


def leave(folder: Path, base: str, cluster: str) -> None:
    """Say that a lab runs in this process, with the service at `base` and the nodes of the desktop, joined by `+`."""
    (folder / NAME).write_text(json.dumps({"pid": os.getpid(), "base": base, "desktop": cluster}), "utf-8")


def take_back(folder: Path) -> None:
    (folder / NAME).unlink(missing_ok=True)


def running(folder: Path) -> tuple[str, str] | None:
    """Service and nodes of the lab that runs on this folder; None where none does, also where one was killed."""
    try:
        note = json.loads((folder / NAME).read_text("utf-8"))
        os.kill(int(note["pid"]), 0)
        return str(note["base"]), str(note["desktop"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
