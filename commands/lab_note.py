"""A note that a running lab leaves in its data folder, so that other commands know its addresses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

NAME = "lab.json"


class Addresses(NamedTuple):
    """The service, the nodes of the desktop, joined by `+`, and the port of the customers' mail server, 0 for none."""

    base: str
    cluster: str
    mail_port: int = 0


def leave(folder: Path, at: Addresses) -> None:
    """Say that a lab runs in this process."""
    note = {"pid": os.getpid(), "base": at.base, "desktop": at.cluster, "mail": at.mail_port}
    (folder / NAME).write_text(json.dumps(note), "utf-8")


def take_back(folder: Path) -> None:
    (folder / NAME).unlink(missing_ok=True)


def running(folder: Path) -> Addresses | None:
    """Of the lab that runs on this folder; None where none does, also where one was killed."""
    try:
        note = json.loads((folder / NAME).read_text("utf-8"))
        os.kill(int(note["pid"]), 0)
        return Addresses(str(note["base"]), str(note["desktop"]), int(note.get("mail", 0)))
    except (OSError, ValueError, TypeError, KeyError):
        return None
