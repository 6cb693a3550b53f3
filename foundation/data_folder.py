"""The data folder: whether this account can use it and the signing key in it, found out without changing anything."""

from __future__ import annotations

import os
from pathlib import Path

from foundation.keys import KEY_FILE, KeyFileError, read_key
from foundation.settings import PREFIX, Settings


def faults(settings: Settings) -> list[str]:
    """Why the folder or its key cannot be used, one a line; a folder that is not there yet can be made."""
    folder = settings.data_dir
    if settings.database_url and settings.node_key:
        return []
    name = "--data" if settings.loopback_origins else f"{PREFIX}DATA_DIR"
    fault = _of_folder(folder) or ("" if settings.node_key else _of_key(settings))
    return [f"{name} = {folder}: {fault}"] if fault else []


def _of_folder(folder: Path) -> str:
    """Why the folder, or the one in which it would be made, cannot be used; empty where it can."""
    there = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        return f"{there} is no folder"
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        return f"this account may not read and write in {there}"
    return ""


def _of_key(settings: Settings) -> str:
    """Why the signing key cannot be used; empty where it can, or is not there yet."""
    try:
        read_key(settings.data_dir / KEY_FILE)
    except KeyFileError as error:
        return str(error)
    return ""
