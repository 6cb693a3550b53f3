"""Files of commands: texts as editors save them, and what is written, whole or not at all and for its owner alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from foundation import broken_text


def read_text(path: Path) -> str:
    """A text of UTF-8 or UTF-16, with or without a mark. Raises UnicodeDecodeError."""
    content = path.read_bytes()
    return content.decode(broken_text.encoding(content)).removeprefix("\ufeff")


@contextmanager
def written(path: Path, *, public: bool = False) -> Iterator[BinaryIO]:
    """A stream into the file, which appears when the block is done: what stood there before stays until then.

    Its owner alone may read it, whoever might read what stood there before. A public one, made to be handed on, is as
    the account makes its files, or as the file was that stood there.
    """
    # A device or a pipe is written as it is, by its own name: /dev/stdout leads to one that no path resolves to.
    is_device = path.exists() and not path.is_file()
    target = path if is_device else path.resolve()
    draft = target if is_device else target.with_name(f"{target.name}.{token_hex(4)}.part")
    try:
        with _opened(draft, is_device, 0o666 if public else 0o600) as stream:
            if public and target.is_file():
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


def _opened(draft: Path, is_device: bool, mode: int) -> BinaryIO:
    """The device, or a new file of a mode: nobody else has opened it, or has left a link in its place."""
    flags = os.O_WRONLY if is_device else os.O_WRONLY | os.O_CREAT | os.O_EXCL
    return os.fdopen(os.open(draft, flags, mode), "wb")


def write(path: Path, text: str, *, public: bool = False) -> None:
    """Write a whole text, in UTF-8."""
    with written(path, public=public) as stream:
        stream.write(text.encode())
