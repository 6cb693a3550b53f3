"""Files that commands write: whole, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A stream into the file, which appears when the block is done: what stood there before stays until then."""
    # A device or a pipe is written as it is, by its own name: /dev/stdout leads to one that no path resolves to.
    is_device = path.exists() and not path.is_file()
    target = path if is_device else path.resolve()
    draft = target if is_device else target.with_name(f"{target.name}.part")
    try:
        with draft.open("wb") as stream:
            if target.is_file():
                shutil.copymode(target, draft)
            yield stream
        if draft != target:
            draft.replace(target)
    except BaseException as error:
        if draft != target:
            with suppress(OSError):
                draft.unlink()
        if isinstance(error, OSError) and error.filename in {None, str(draft)}:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def write(path: Path, text: str) -> None:
    """Write a whole text, in UTF-8."""
    with written(path) as stream:
        stream.write(text.encode())
