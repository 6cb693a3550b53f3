"""JSON records out of a file of any size: an array or one object a line, a piece at a time, each with its line.

What is not JSON is named and passed over; reading goes on at the next record.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

import orjson

from foundation import broken_text

PIECE = 1 << 18
LONGEST = 1 << 24
_GAP = re.compile(r"[\s,]*")
_NEXT_LINE = re.compile(r"\n()")
# A parser's error this close to the end of what was read may only mean that the rest is not read yet.
_CLOSE = 16
_OVERLAP = 1 << 12


@dataclass(frozen=True, slots=True)
class Item:
    """One record, from line `line`: its value, or why there is none."""

    line: int
    value: object = None
    fault: str | None = None


def items(stream: BinaryIO) -> Iterator[Item]:
    """Every record of a stream of UTF-8, or of UTF-16, in their order."""
    return iter(_Reading(stream))


class _Unfinished(Exception):
    """A record is not complete in what has been read."""


class _Reading:
    """A window over the text that moves on record by record."""

    def __init__(self, stream: BinaryIO) -> None:
        self._text: codecs.IncrementalDecoder | None = None
        self._stream = stream
        self._decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode
        self._window = ""
        self._behind = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._damage = ""
        self._in_array = False
        self._by_lines = True
        self._first_key = "id"

    def __iter__(self) -> Iterator[Item]:
        while self._find_record():
            line = self._line
            try:
                value, end = self._record()
                self._check_text(end)
            except _Unfinished:
                yield Item(line, fault="the file ends inside this record")
                self._skip()
            except (ValueError, RecursionError) as fault:
                yield Item(line, fault=self._reason(fault))
                self._skip()
            else:
                self._learn(value, end)
                self._move(end)
                yield Item(line, value)
        yield from self._ending()

    def _find_record(self) -> bool:
        """Move to the next record over white space, commas and the brackets of the array."""
        while True:
            gap = _GAP.match(self._window, self._at)
            self._move(gap.end() if gap else self._at)
            if self._at == len(self._window):
                if not self._read_on():
                    return False
            elif self._window[self._at] == "[" and not self._in_array:
                self._in_array, self._by_lines = True, False
                self._move(self._at + 1)
            elif self._window[self._at] == "]" and self._in_array:
                self._in_array = False
                self._move(self._at + 1)
            else:
                return True

    def _record(self) -> tuple[object, int]:
        if self._by_lines and (record := self._line_record()):
            return record
        value, end = self._decoded_record()
        # orjson reads no half signs, so that none are in a record of one line.
        return broken_text.in_value(value) if broken_text.has_halves(self._window, self._at, end) else value, end

    def _decoded_record(self) -> tuple[object, int]:
        while True:
            try:
                return self._decode(self._window, self._at)
            except json.JSONDecodeError as fault:
                unfinished = fault.msg.startswith("Unterminated") or fault.pos >= len(self._window) - _CLOSE
                if not unfinished:
                    raise
                if len(self._window) - self._at > LONGEST:
                    raise ValueError("longer than any answer") from None
                if not self._read_on():
                    raise _Unfinished from None

    def _line_record(self) -> tuple[object, int] | None:
        """The record that fills the rest of the line, read three times as fast as one whose end is unknown."""
        end = self._window.find("\n", self._at)
        if end < 0:
            return None
        try:
            return orjson.loads(self._window[self._at : end].rstrip(", \t\r")), end
        except ValueError:
            return None

    def _check_text(self, end: int) -> None:
        """What is not UTF-8 makes the record bad, not the file."""
        if self._window.find(broken_text.NOT_TEXT, self._at, end) >= 0:
            raise ValueError("is not UTF-8")

    def _read_on(self) -> bool:
        """Read a piece more behind what is left of the window; says whether there was any."""
        rest = self._window[self._at :]
        self._behind = (self._behind + self._window[: self._at])[-2:]
        more = ""
        while not more and not self._ended:
            data = self._read(max(PIECE, len(rest)))
            self._ended = not data
            more = self._decoded(data)
        self._window, self._at = rest + more, 0
        return bool(more)

    def _decoded(self, data: bytes) -> str:
        if self._text is None:
            self._text = codecs.getincrementaldecoder(broken_text.encoding(data))(broken_text.HALF_SIGNS)
        # A half sign in UTF-8 is looked at whole.
        while data[-1:] == b"\xed" or data[-2:-1] == b"\xed":
            rest = self._read(3)
            if not rest:
                break
            data += rest
        return self._text.decode(data, final=self._ended)

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, OSError, zlib.error) as fault:
            self._damage = f"the file cannot be read to its end ({type(fault).__name__})"
            return b""

    def _move(self, to: int) -> None:
        self._line += self._window.count("\n", self._at, to)
        self._at = to

    def _learn(self, value: object, end: int) -> None:
        """Remember how records look here, to find the next one behind a bad one."""
        if isinstance(value, dict):
            self._first_key = next(iter(value), self._first_key)
        before = (self._behind + self._window[max(0, self._at - 2) : self._at])[-2:]
        begins_a_line = before.endswith(("\n", "\n,")) or not (before or self._in_array)
        self._by_lines = begins_a_line and self._window.find("\n", self._at, end) < 0

    def _skip(self) -> None:
        """Move behind a bad record to where the next one begins, or to the end."""
        key = re.escape(json.dumps(self._first_key, ensure_ascii=False))
        pattern = _NEXT_LINE if self._by_lines else re.compile(rf"(?<=[\[,}}\]\s])()\{{\s*{key}\s*:")
        self._move(self._at + 1)
        while not (match := pattern.search(self._window, self._at)):
            if len(self._window) - self._at > _OVERLAP:
                self._move(len(self._window) - _OVERLAP)
            if not self._read_on():
                self._in_array = self._in_array and not self._window.rstrip().endswith("]")
                self._move(len(self._window))
                return
        self._move(match.start(1))

    def _reason(self, fault: Exception) -> str:
        if isinstance(fault, json.JSONDecodeError):
            line = self._line + self._window.count("\n", self._at, fault.pos)
            return f"not JSON: {fault.msg} at line {line}"
        return "nested too deeply" if isinstance(fault, RecursionError) else str(fault)

    def _ending(self) -> Iterator[Item]:
        if self._damage:
            yield Item(self._line, fault=self._damage)
        elif self._in_array:
            yield Item(self._line, fault="the file ends before its array does")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"not JSON: {name} is no number")
