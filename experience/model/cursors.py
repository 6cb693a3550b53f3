"""Cursors: where a page of answers goes on, as a text that says nothing to anybody else; pure."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from experience.model.errors import BadCursor

_CURSOR = re.compile(r"(-?\d{1,18}):(.+)", re.DOTALL)


class Position(NamedTuple):
    """The moment and the id of the answer that a cursor stands behind."""

    at: int
    id: str


def cursor(position: Position) -> str:
    """Where a page goes on behind an answer."""
    return urlsafe_b64encode(f"{position.at}:{position.id}".encode()).decode().rstrip("=")


def read_cursor(before: str) -> Position:
    """Raises BadCursor."""
    try:
        text = urlsafe_b64decode(before.encode("ascii") + b"=" * (-len(before) % 4)).decode()
    except (UnicodeError, binascii.Error):
        raise BadCursor() from None
    match = _CURSOR.fullmatch(text)
    if not match or "\0" in text:
        raise BadCursor()
    return Position(int(match[1]), match[2])
