"""Take answers in: read and store them; an answer whose id is known changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from experience.answers.lengths import check_lengths
from experience.answers.parse import Reader, Row
from experience.answers.schema import answers
from experience.model.errors import BadAnswer
from experience.questionnaires import catalogue
from foundation.db import bulk
from foundation.db.database import Database

# Any number, another than that of the migrations.
_ARRIVING = 20261121
_COLUMNS = [column.name for column in answers.columns]


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that was not taken: its place among those given (from 0), its id where it has one, and why."""

    index: int
    id: str | None
    reason: str


@dataclass(slots=True)
class Taken:
    """What became of the answers given: new, known before, not usable."""

    added: int = 0
    known: int = 0
    faults: list[Fault] = field(default_factory=list)


def read_all(reader: Reader, sent: Sequence[object], first: int) -> tuple[list[Row], list[Fault]]:
    """The rows of the answers that can be taken, and the faults of the rest; `first` is the index of the first."""
    rows: list[Row] = []
    faults: list[Fault] = []
    for index, answer in enumerate(sent, first):
        try:
            check_lengths(answer)
            rows.append(reader.read(answer))
        except BadAnswer as reason:
            identity = answer.get("id") if isinstance(answer, dict) else None
            faults.append(Fault(index, identity if isinstance(identity, str) else None, str(reason)))
    return rows, faults


def store(database: Database, connection: Connection, rows: Iterable[Row]) -> list[Row]:
    """Store the rows that are new, and say which those are. One transaction, the caller's."""
    _lock_arrivals(connection)
    # Sorted: two importers that write the same ids in two orders would wait for each other for ever.
    distinct = sorted({row["id"]: row for row in reversed(list(rows))}.values(), key=lambda row: str(row["id"]))
    new = bulk.insert_new(connection, answers, [[row[name] for name in _COLUMNS] for row in distinct])
    added = [row for row in distinct if row["id"] in new]
    catalogue.ensure_exist(database, connection, (row["questionnaire"] for row in added))
    return added


def _lock_arrivals(connection: Connection) -> None:
    """One writer at a time, so that answers are numbered in the order in which they are seen: pages hold still.

    SQLite has but one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ARRIVING)))
