"""CSV as spreadsheets write and open it: one reader and one writer for all of it; pure.

Read: UTF-8 or UTF-16, with or without a mark; commas, semicolons, tabs or bars, whichever gives headings that are
known; a first line `sep=;`. Written (RFC 4180): UTF-8 with a mark, nothing in it runs, and nothing turns into a date.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from foundation import broken_text, invisible

MARK = "\ufeff"
_SEPARATOR = re.compile(r'\s*"?sep=(.)"?[,;\t|]*(?:\r\n|\r|\n)', re.IGNORECASE)
_SEPARATORS = ",;\t|"

_RUNNABLE = "=+-@"
_LITERAL = re.compile(r'="((?:[^"]|"")*)"')
# A formula holds no longer text.
_LONGEST_LITERAL = 255
_WORDS = re.compile(r"[^\W\d_]+")
_WHOLE_NUMBER = re.compile(r"0|[1-9]\d{0,14}", re.ASCII)
# Behind a word it is an id, such as a survey token.
_LONG_NUMBER = re.compile(r"\d{16}")
_LOGICAL = frozenset({"true", "false", "wahr", "falsch", "vrai", "faux"})
# With a digit these are a date, a time, a power of ten or money: months by how they begin, in the languages of Europe.
_MONTHS = frozenset(
    {
        *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        *("mär", "mrz", "mai", "okt", "dez", "jän", "fév", "avr", "aoû", "jui", "déc", "fev", "out", "ene", "abr"),
        *("ago", "dic", "gen", "mag", "giu", "lug", "set", "ott", "maa", "mrt", "mei"),
    }
)
_UNITS = frozenset(
    {
        *("a", "p", "am", "pm", "h", "m", "s", "e", "d", "usd", "eur", "gbp", "nt", "ntd", "twd", "rmb", "kr", "chf"),
        *("年", "月", "日", "時", "时", "分", "秒", "點", "点", "元", "上", "下", "午", "民", "國"),
    }
)

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]0?0:00(?::00)?)?", re.ASCII)
_DAY_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:\.0+)?", re.ASCII)
_FIRST_SERIAL = date(1899, 12, 30)


class CsvFault(ValueError):
    """A file is no CSV that can be used; the message says why and shows nothing of its cells."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record, from line `line`: its cells, or why there are none."""

    line: int
    cells: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV: what its columns are called, and its records one by one; blank lines are left out."""

    names: tuple[str, ...]
    records: Iterator[Record]


def read(content: bytes, is_known: Callable[[str], bool]) -> Sheet:
    """A CSV whose first line names columns; `is_known` is asked of each name in its `heading` form. Raises CsvFault."""
    text = _decode(content)
    declared = _SEPARATOR.match(text)
    start = declared.end() if declared else 0
    candidates = ([declared[1]] if declared else []) + [
        sign for sign in _SEPARATORS if not declared or sign != declared[1]
    ]
    headings = {sign: _first(text[start:], sign) for sign in candidates}
    best = max(candidates, key=lambda sign: sum(is_known(heading(name)) for name in headings[sign]))
    known = [name for name in map(heading, headings[best]) if is_known(name)]
    if not known:
        raise CsvFault("no column is known: the first line has to name them")
    if len(set(known)) < len(known):
        raise CsvFault("a column stands in the first line twice")
    records = _records(text[start:], best, text.count("\n", 0, start))
    return Sheet(next(records).cells, records)


def heading(name: str) -> str:
    """The one form in which names of columns are compared."""
    return unicodedata.normalize("NFKC", invisible.removed(name)).strip().casefold()


def write(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV, with the mark by which a spreadsheet knows UTF-8: texts by `cell`, numbers and days as they are."""
    out = io.StringIO(newline="")
    out.write(MARK)
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([cell(value) if isinstance(value, str) else value for value in row])
    return out.getvalue()


def cell(text: str) -> str:
    """A text as a spreadsheet shows it unchanged: no formula to it, no number and no date."""
    if _runs(text):
        return f"'{text}"
    if len(text) <= _LONGEST_LITERAL and _would_change(text):
        quoted = text.replace('"', '""')
        return f'="{quoted}"'
    return text


def day(text: str) -> date | None:
    """The day that a cell means, as spreadsheets write it, also as their number of days; None where that is open."""
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if match := _DAY.fullmatch(plain):
            return date(*map(int, match.groups()))
        if match := _SERIAL.fullmatch(plain):
            return _FIRST_SERIAL + timedelta(days=int(match[1]))
        if match := _DAY_LAST.fullmatch(plain):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            if match[2] == "." or first > 12 or first == second:
                return date(year, second, first)
            # 5/3 is March in London and May in New York; 5/13 is May everywhere.
            return date(year, first, second) if second > 12 else None
    except ValueError:
        return None
    return None


def _decode(content: bytes) -> str:
    encoding = broken_text.encoding(content)
    try:
        if encoding == "utf-8-sig":
            return broken_text.in_bytes(content).decode(encoding)
        return content.decode(encoding, "replace").removeprefix(MARK)
    except UnicodeDecodeError:
        raise CsvFault("is not UTF-8, nor UTF-16: save it as “CSV UTF-8 (comma delimited)”") from None


def _first(text: str, separator: str) -> tuple[str, ...]:
    return next((record.cells for record in _records(text, separator, 0)), ())


def _records(text: str, separator: str, lines_before: int) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    width = 0
    while True:
        line = lines_before + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Record(line, fault=f"cannot be read: {error}")
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        width = width or len(cells)
        # A spreadsheet writes as many cells as its widest line has.
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        yield Record(line, tuple(map(_text, cells)))


def _text(written: str) -> str:
    """What a cell says: without what `cell`, or somebody by hand, put around it against the spreadsheet."""
    plain = invisible.trimmed(written)
    if match := _LITERAL.fullmatch(plain.strip()):
        return match[1].replace('""', '"')
    return plain[1:] if plain.startswith("'") and cell(plain[1:]) != plain[1:] else plain


def _runs(text: str) -> bool:
    """Whether a spreadsheet may take it for a formula; wide signs, too, where Chinese or Japanese is written."""
    first = next((sign for sign in text if unicodedata.category(sign)[0] not in "ZC"), "")
    return text.startswith(("\t", "\r", "\n")) or unicodedata.normalize("NFKC", first).startswith(tuple(_RUNNABLE))


def _would_change(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if plain in _LOGICAL:
        return True
    if not any(sign.isdecimal() for sign in plain) or _WHOLE_NUMBER.fullmatch(text):
        return False
    words = _WORDS.findall(plain)
    if words and _LONG_NUMBER.search(plain):
        return False
    return all(word in _UNITS or word[:3] in _MONTHS or _UNITS.issuperset(word) for word in words)
