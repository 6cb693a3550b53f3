"""Many invitations at once out of a CSV: each row becomes one, prefilled by its cells; the CSV comes back with them.

The first line names questions, by their id, tag or text; below ids a second line may have their texts. Other columns
are left as they are. What comes back has the columns `Token` and `Survey_URL` behind the others, and is kept for a day.
"""

from __future__ import annotations

import csv
import io
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, String, Table, Text, delete, select

from experience.surveys import survey_tokens
from foundation.db.database import Database, metadata
from foundation.errors import BadRequest

MOST_ROWS = 50_000
LONGEST_DAYS = 90
COLUMNS = ("Token", "Survey_URL")
LARGEST_CELL = 10_000
KEPT_SECONDS = 86_400

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


def rows_of(content: bytes) -> list[Row]:
    """The lines of a CSV in UTF-8, the names first; blank lines are left out. Raises ImportFault."""
    try:
        text = content.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
    except (UnicodeDecodeError, csv.Error):
        raise ImportFault("files: is no CSV in UTF-8") from None
    if not 2 <= len(rows) <= MOST_ROWS + 2:
        raise ImportFault(f"files: a line of names, then 1 to {MOST_ROWS} rows")
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(rows[0]):
            raise ImportFault(f"row {number}: {len(row)} cells, where the first line has {len(rows[0])}")
        if any("\0" in cell or len(cell) > LARGEST_CELL for cell in row):
            raise ImportFault(f"row {number}: a cell that cannot be kept")
    return rows


def columns_of(names: Row, questions: Iterable[Mapping[str, Any]]) -> dict[int, Document]:
    """Which columns prefill which question: by id, else by tag, else by text, in any case."""
    known: dict[str, Document] = {}
    for question in questions:
        tags = [tag for tag in question.get("questionTags") or () if isinstance(tag, str)]
        for name in (question["id"], *tags, str(question.get("text") or "")):
            known.setdefault(name.strip().lower(), dict(question))
    columns = {place: known[name.strip().lower()] for place, name in enumerate(names) if name.strip().lower() in known}
    if len({question["id"] for question in columns.values()}) != len(columns):
        raise ImportFault("files: two columns mean the same question")
    return columns


def headings(rows: list[Row], columns: Mapping[int, Document]) -> int:
    """How many lines of names there are: WxM's own clients write the ids of questions, and below them their texts."""
    texts = {place: str(question.get("text") or "").strip() for place, question in columns.items()}
    by_id = [place for place, question in columns.items() if rows[0][place].strip() == question["id"]]
    return 2 if any(texts[place] and rows[1][place].strip() == texts[place] for place in by_id) else 1


def keep(database: Database, tokens: list[Document], questionnaire: str, rows: list[Row], base: str) -> str:
    """Make the invitations and keep the CSV with them, all or nothing; says the name it is to be fetched by."""
    name, now = f"{secrets.token_hex(16)}.csv", int(time.time())
    with database.write() as connection:
        made = survey_tokens.make_many(connection, tokens, questionnaire)
        content = _written(rows, [token["id"] for token in made], base)
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


def _written(rows: list[Row], tokens: list[str], base: str) -> str:
    text = io.StringIO(newline="")
    writing = csv.writer(text)
    names = len(rows) - len(tokens)
    writing.writerows([*row, *COLUMNS] for row in rows[:names])
    writing.writerows([*row, token, f"{base}/{token}"] for row, token in zip(rows[names:], tokens, strict=True))
    return text.getvalue()
