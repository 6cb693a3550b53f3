"""Bring WxM's history in and take ours out: Answer and Question JSON, streamed, whatever its size."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson
from sqlalchemy import func, select

from experience.answers import past
from experience.answers.past import Kind, Remark
from experience.answers.schema import answers
from experience.history.json_stream import Item, items
from experience.model.lengths import LONGEST_NAME, cut
from experience.model.questions import QuestionFault
from experience.platform import BATCH, Platform
from experience.questionnaires import catalogue
from foundation.db.database import Database
from foundation.db.deadlines import EXPORT_SECONDS


@dataclass(frozen=True, slots=True)
class LineFault:
    """A record that was not taken, or, where there is a `kind`, what of it was not understood: where, which and why."""

    line: int
    reason: str
    id: str = ""
    kind: Kind | None = None


@dataclass(slots=True)
class Imported:
    """What became of the records of a file, and how much of those that were taken was not understood, by its kind.

    `no_customers` are customer ids that stand for no customer, such as null.
    """

    added: int = 0
    known: int = 0
    bad: int = 0
    not_understood: Counter[Kind] = field(default_factory=Counter)
    no_customers: Counter[str] = field(default_factory=Counter)

    def note(self, item: Item, remarks: Sequence[Remark]) -> list[LineFault]:
        """Count what was not understood of a record that was taken; names it."""
        told = [LineFault(item.line, remark.text, id_of(item.value), remark.kind) for remark in remarks]
        self.not_understood.update(fault.kind for fault in told if fault.kind)
        self.no_customers.update(remark.customer for remark in remarks if remark.customer)
        return told


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: `file` is what lies on the disk, `stream` what is in it."""

    file: BinaryIO
    stream: BinaryIO


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """A file to read, unpacked where its name ends in .gz."""
    with path.open("rb") as file:
        if path.suffix != ".gz":
            yield Source(file, file)
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield Source(file, cast(BinaryIO, unpacked))


def bring_in(
    platform: Platform,
    stream: BinaryIO,
    report: Callable[[LineFault], None],
    moved: Callable[[Imported], None] = lambda _: None,
) -> Imported:
    """Take every answer of a stream in, at most 500 a transaction.

    `report` hears of each bad record and of what is not understood, `moved` after each transaction of how much is done.
    """
    done = Imported()
    records = items(stream)
    while batch := list(islice(records, BATCH)):
        for fault in _take(platform, batch, done):
            done.bad += fault.kind is None
            report(fault)
        moved(done)
    return done


def id_of(value: object) -> str:
    """The id of a record, where it has one that can be shown."""
    identity = value.get("id") if isinstance(value, dict) else None
    return cut(identity, LONGEST_NAME) if isinstance(identity, str) else ""


def _take(platform: Platform, batch: list[Item], done: Imported) -> list[LineFault]:
    """The faults of one batch, and what of it is not understood, by line."""
    good = [item for item in batch if item.fault is None]
    questions = platform.catalogue.questions
    judged = [past.judge(item.value, questions, platform.phone) for item in good]
    taken = platform.take(answer for answer, _ in judged)
    done.added += taken.added
    done.known += taken.known
    told = [LineFault(item.line, item.fault) for item in batch if item.fault is not None]
    told += [LineFault(good[fault.index].line, fault.reason, id_of(good[fault.index].value)) for fault in taken.faults]
    refused = {fault.index for fault in taken.faults}
    for place, (item, (_, remarks)) in enumerate(zip(good, judged, strict=True)):
        if place not in refused:
            told += done.note(item, remarks)
    return sorted(told, key=lambda fault: fault.line)


def bring_in_questions(database: Database, stream: BinaryIO, report: Callable[[LineFault], None]) -> Imported:
    """Keep every WxM Question of a stream; what was known by its id is replaced where it differs."""
    done = Imported()
    usable: list[dict[str, Any]] = []
    for item in items(stream):
        reason = item.fault or _unusable(item.value)
        if reason:
            done.bad += 1
            report(LineFault(item.line, reason))
        else:
            usable.append(cast(dict[str, Any], item.value))
    with database.write() as connection:
        done.added = catalogue.keep(database, connection, usable)
    return done


def _unusable(value: object) -> str | None:
    if not isinstance(value, dict):
        return "not an object"
    try:
        catalogue.check(value)
    except QuestionFault as fault:
        return str(fault)
    return None


def take_out(database: Database, stream: BinaryIO, moved: Callable[[int, int], object] = lambda *_: None) -> int:
    """Write every answer, one a line, in the order of their ids; says how many. `moved` hears of how many of all."""
    with database.read(EXPORT_SECONDS) as connection:
        total = connection.execute(select(func.count()).select_from(answers)).scalar_one()
    count = 0
    for document in documents(database):
        stream.write(document.encode() + b"\n")
        count += 1
        if count % BATCH == 0:
            moved(count, total)
    moved(count, total)
    return count


def take_out_questions(database: Database, stream: BinaryIO) -> int:
    """Write every question as WxM's array, one a line; says how many."""
    with database.read() as connection:
        kept = catalogue.documents(connection)
    stream.write(b"[\n" + b",\n".join(orjson.dumps(document) for document in kept) + b"\n]\n")
    return len(kept)


def documents(database: Database) -> Iterator[str]:
    """The JSON of every answer, a few hundred at a time: no snapshot is held open for long."""
    page = select(answers.c.id, answers.c.document).order_by(answers.c.id).limit(BATCH)
    last = ""
    while True:
        with database.read(EXPORT_SECONDS) as connection:
            rows = connection.execute(page.where(answers.c.id > last)).all()
        if not rows:
            return
        yield from (row.document for row in rows)
        last = rows[-1].id
