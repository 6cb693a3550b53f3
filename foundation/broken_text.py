"""Half a sign, as is left of an emoji where a text is cut: it loses itself, and not the text around it; pure.

Java, .NET and JavaScript cut texts between the two halves (surrogates) of a sign. One half alone is in no UTF-8, so no
database and no JSON carries it: it becomes U+FFFD. Two halves that were written one by one become their sign.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

import orjson

LOST = "\ufffd"
# Stands for a byte that is in no UTF-8; as an error handler of decoders this is for streams.
NOT_TEXT = "\ufdd0"
HALF_SIGNS = "half_signs"
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_MAYBE = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")
# Three bytes each: UTF-8 as those write it who know 16 bits alone.
_IN_BYTES = re.compile(rb"(?:\xed[\xa0-\xbf][\x80-\xbf])+")
# Every escape is passed over whole, so that the second sign of `\\` begins none.
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)


def encoding(start: bytes) -> str:
    """In which encoding a text is written that begins with a sign of ASCII, by its mark or by the NUL beside it."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {0: "utf-16-be", 1: "utf-16-le"}.get(start[:2].find(b"\0") if len(start) > 1 else -1, "utf-8-sig")


def whole(text: str) -> str:
    """A text without half signs."""
    return _SURROGATES.sub(_sign, text)


def in_bytes(content: bytes) -> bytes:
    """UTF-8 without half signs."""
    return _IN_BYTES.sub(lambda half: whole(half[0].decode("utf-8", "surrogatepass")).encode(), content)


def loads(content: bytes) -> Any:
    """JSON in UTF-8, as orjson reads it, where half signs stand in it, too. Raises ValueError."""
    try:
        return orjson.loads(content)
    except ValueError:
        repaired = _ESCAPE.sub(_unescaped, in_bytes(content))
        if repaired == content:
            raise
        return orjson.loads(repaired)


def has_halves(text: str, start: int, end: int) -> bool:
    """Whether there may be half signs in a piece of JSON, as they are or escaped."""
    return bool(_MAYBE.search(text, start, end))


def in_value(value: Any) -> Any:
    """What was read of JSON, its names and texts without half signs."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, list):
        return [in_value(part) for part in value]
    if isinstance(value, dict):
        return {whole(name): in_value(part) for name, part in value.items()}
    return value


def decoded(error: UnicodeError) -> tuple[str, int]:
    """What a stream of UTF-8 says where it is none: half a sign, the beginning of one, or a strange byte."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    half = error.object[error.start : error.start + 3]
    if _IN_BYTES.fullmatch(half):
        return half.decode("utf-8", "surrogatepass"), error.start + 3
    return (LOST if error.end - error.start > 1 else NOT_TEXT), error.end


codecs.register_error(HALF_SIGNS, decoded)


def _sign(half: re.Match[str]) -> str:
    return half[0].encode("utf-16", "surrogatepass").decode("utf-16") if len(half[0]) == 2 else LOST


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return LOST.encode() if escape[1] else escape[0]
