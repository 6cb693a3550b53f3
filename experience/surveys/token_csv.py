"""Many invitations at once out of a CSV: each row becomes one, prefilled by its cells; the CSV comes back with them.

The first line names questions, by their id, tag or text, one at least; below ids a second line may have their texts.
Other columns are left as they are. What comes back has the columns `Token` and `Survey_URL` behind the others, and
`NotUnderstood` where there is anything to say, and is kept for a day.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Column, String, Table, Text, delete, select

from experience.surveys import survey_tokens
from foundation import csv_files
from foundation.csv_files import CsvFault, heading
from foundation.db.database import Database, metadata
from foundation.errors import BadRequest

MOST_ROWS = 50_000
LONGEST_DAYS = 90
LARGEST_CELL = 10_000
KEPT_SECONDS = 86_400
COLUMNS = ("Token", "Survey_URL")

imported_tokens = Table(
    "imported_tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("made_at", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
)

Document = dict[str, Any]
Row = list[str]


class ImportFault(BadRequest):
    """A CSV cannot be imported; the detail says where and why, and shows nothing of its cells."""

    code = "bad_import"
    title = "This CSV cannot be imported"


def questions_by_name(questions: Iterable[Mapping[str, Any]]) -> dict[str, Document]:
    """What a column may be called, and the question that is meant: by id, else by tag, else by text, in any case."""
    known: dict[str, Document] = {}
    for question in questions:
        tags = [tag for tag in question.get("questionTags") or () if isinstance(tag, str)]
        for name in filter(None, map(heading, (question["id"], *tags, str(question.get("text") or "")))):
            known.setdefault(name, dict(question))
    return known


def rows_of(content: bytes, known: Mapping[str, Document]) -> list[Row]:
    """The lines of a CSV, the names first; blank lines are left out. Raises ImportFault."""
    try:
        sheet = csv_files.read(content, known.__contains__)
    except CsvFault as fault:
        raise ImportFault(f"files: {fault}") from None
    rows = [list(sheet.names)]
    for number, record in enumerate(islice(sheet.records, MOST_ROWS + 2), 1):
        if record.fault:
            raise ImportFault(f"line {record.line}: {record.fault}")
        if len(record.cells) != len(sheet.names):
            raise ImportFault(
                f"row {number}: {len(record.cells)} cells, where the first line has {len(sheet.names)} names"
            )
        if any("\0" in cell or len(cell) > LARGEST_CELL for cell in record.cells):
            raise ImportFault(f"row {number}: a cell that cannot be kept")
        rows.append(list(record.cells))
    if not 2 <= len(rows) <= MOST_ROWS + 2:
        raise ImportFault(f"files: a line of names, then 1 to {MOST_ROWS} rows")
    return rows


def columns_of(names: Row, known: Mapping[str, Document]) -> dict[int, Document]:
    """Which columns prefill which question."""
    columns = {place: known[heading(name)] for place, name in enumerate(names) if heading(name) in known}
    if len({question["id"] for question in columns.values()}) != len(columns):
        raise ImportFault("files: two columns mean the same question")
    return columns


def value_of(question: Mapping[str, Any], cell: str) -> str:
    """What a cell answers: of a day that a spreadsheet wrote, the number as which WxM has it (yyyymmdd)."""
    is_day = str(question.get("displayType") or "").lower().startswith("date")
    day = csv_files.day(cell) if is_day else None
    return f"{day:%Y%m%d}" if day else cell


def headings(rows: list[Row], columns: Mapping[int, Document]) -> int:
    """How many lines of names there are: WxM's own clients write the ids of questions, and below them their texts."""
    texts = {place: str(question.get("text") or "").strip() for place, question in columns.items()}
    by_id = [place for place, question in columns.items() if rows[0][place].strip() == question["id"]]
    return 2 if any(texts[place] and rows[1][place].strip() == texts[place] for place in by_id) else 1


def keep(
    database: Database, tokens: list[Document], questionnaire: str, rows: list[Row], base: str, remarks: list[str]
) -> str:
    """Make the invitations and keep the CSV with them, all or nothing; says the name it is to be fetched by.

    `remarks` say of each row what of it is not understood.
    """
    name, now = f"{secrets.token_hex(16)}.csv", int(time.time())
    with database.write() as connection:
        made = survey_tokens.make_many(connection, tokens, questionnaire)
        content = _written(rows, [token["id"] for token in made], base, remarks)
        connection.execute(delete(imported_tokens).where(imported_tokens.c.made_at < now - KEPT_SECONDS))
        connection.execute(imported_tokens.insert().values(id=name, made_at=now, content=content))
    return name


def find(database: Database, name: str) -> str | None:
    """The CSV of a name, for a day after it was made."""
    if "\0" in name:
        return None
    conditions = (imported_tokens.c.id == name, imported_tokens.c.made_at >= int(time.time()) - KEPT_SECONDS)
    with database.read() as connection:
        content: str | None = connection.execute(select(imported_tokens.c.content).where(*conditions)).scalar()
    return content


def _written(rows: list[Row], tokens: list[str], base: str, remarks: list[str]) -> str:
    names = len(rows) - len(tokens)
    last = ["NotUnderstood"] if any(remarks) else []
    lines = [[*row, *COLUMNS, *last] for row in rows[:names]]
    for row, token, remark in zip(rows[names:], tokens, remarks, strict=True):
        lines.append([*row, token, f"{base}/{token}", *([remark] if last else [])])
    return csv_files.write(lines)
