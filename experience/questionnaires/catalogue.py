"""Questionnaires and their questions: kept as WxM's documents, read as what they mean to us.

A question belongs to the questionnaires that its `displayLocation` names. Every change gives the catalogue a new
version, by which other threads and processes see that theirs is old.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import Connection, bindparam, select

from experience.meta import meta
from experience.model.lengths import LARGEST_QUESTION
from experience.model.questions import Question, QuestionFault, check_fields, read_question
from experience.privacy import pii
from experience.questionnaires.page_settings import PageSettings
from experience.questionnaires.schema import questionnaires, questions
from foundation.db.database import Database

VERSION = "questionnaires"
PLAIN_PAGE = PageSettings()
_VERSION = select(meta.c.value).where(meta.c.name == bindparam("name"))


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A questionnaire: `hash_pii_by` is the algorithm for personal data in questions that ask for a hash."""

    name: str
    display_name: str
    hash_pii_by: str = pii.DEFAULT_ALGORITHM
    page: PageSettings = PLAIN_PAGE

    def to_dict(self) -> dict[str, object]:
        return {"name": self.name, "displayName": self.display_name, "hashPIIBy": self.hash_pii_by}


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """All questions by id and all questionnaires by name, at one version; equal to itself alone."""

    version: str
    questions: Mapping[str, Question]
    questionnaires: Mapping[str, Questionnaire]

    def algorithm(self, questionnaire: str) -> str:
        """The hash for personal data in answers of a questionnaire."""
        known = self.questionnaires.get(questionnaire)
        return known.hash_pii_by if known else pii.DEFAULT_ALGORITHM


def load(connection: Connection) -> Catalogue:
    """Everything that is kept."""
    kept = {row.id: read_question(orjson.loads(row.document)) for row in connection.execute(select(questions))}
    named = {row.name: _questionnaire(row) for row in connection.execute(select(questionnaires))}
    return Catalogue(version(connection), kept, named)


def version(connection: Connection) -> str:
    """Changes whenever a question or a questionnaire does."""
    return connection.execute(_VERSION, {"name": VERSION}).scalar() or ""


def keep(
    database: Database,
    connection: Connection,
    documents: Iterable[Mapping[str, Any]],
    named: Iterable[Questionnaire] = (),
    *,
    replace: bool = True,
) -> int:
    """Keep WxM Questions and the questionnaires they belong to; says how many. What is known is replaced, or left.

    Raises QuestionFault before anything is written.
    """
    described = list(documents)
    rows = [
        {"id": question.id, "sequence": question.sequence, "document": orjson.dumps(document).decode()}
        for document in described
        for question in (check(document),)
    ]
    changed = _keep_rows(database, connection, questions, rows, replace=replace)
    changed += _keep_rows(
        database, connection, questionnaires, [_row(questionnaire) for questionnaire in named], replace=replace
    )
    changed += ensure_exist(database, connection, (place for document in described for place in places(document)))
    if changed:
        bump_version(database, connection)
    return len(rows)


def lock_catalogue(connection: Connection) -> None:
    """Whoever else changes questions waits for our commit: what is read from here on stays true until then."""
    connection.execute(select(meta.c.value).where(meta.c.name == VERSION).with_for_update())


def check(document: Mapping[str, Any]) -> Question:
    """The question that a document describes. Raises QuestionFault where it cannot be kept."""
    question = read_question(document)
    check_fields(document)
    try:
        size = len(orjson.dumps(document))
    except (TypeError, ValueError):
        raise QuestionFault(f"question {question.id}: holds text or numbers that JSON cannot carry") from None
    if size > LARGEST_QUESTION:
        raise QuestionFault(f"question {question.id}: has more than {LARGEST_QUESTION // 1024} KiB in all")
    return question


def ensure_exist(database: Database, connection: Connection, names: Iterable[str]) -> int:
    """Make questionnaires that are known by name only; says how many were new."""
    rows = [_row(Questionnaire(name, name)) for name in dict.fromkeys(names)]
    made = _keep_rows(database, connection, questionnaires, rows, replace=False)
    if made:
        bump_version(database, connection)
    return made


def tags(document: Mapping[str, Any]) -> frozenset[str]:
    """The tags of a WxM Question, in lower case."""
    return frozenset(str(tag).lower() for tag in document.get("questionTags") or ())


def places(document: Mapping[str, Any]) -> list[str]:
    """The questionnaires that a WxM Question belongs to; none has a blank name, or one that a database cannot hold."""
    value = document.get("displayLocation")
    names = value if isinstance(value, list) else []
    return [place for place in names if isinstance(place, str) and place.strip() and "\0" not in place]


def documents(connection: Connection, questionnaire: str | None = None) -> list[dict[str, Any]]:
    """WxM Questions in their order: all, or those of one questionnaire."""
    rows = connection.execute(select(questions).order_by(questions.c.sequence, questions.c.id))
    kept: list[dict[str, Any]] = [orjson.loads(row.document) for row in rows]
    return [document for document in kept if questionnaire is None or questionnaire in places(document)]


def _questionnaire(row: Any) -> Questionnaire:
    return Questionnaire(row.name, row.display_name, row.hash_pii_by, PageSettings.model_validate_json(row.page))


def _row(questionnaire: Questionnaire) -> dict[str, str]:
    return {
        "name": questionnaire.name,
        "display_name": questionnaire.display_name,
        "hash_pii_by": questionnaire.hash_pii_by,
        "page": questionnaire.page.model_dump_json(exclude_defaults=True),
    }


def _keep_rows(
    database: Database, connection: Connection, table: Any, rows: list[dict[str, Any]], *, replace: bool
) -> int:
    """Insert, and replace only what differs: what stays the same is no change."""
    (key,) = table.primary_key.columns
    rows = sorted({row[key.name]: row for row in rows}.values(), key=lambda row: row[key.name])
    kept = {row[0]: dict(row._mapping) for row in connection.execute(select(table))} if rows else {}
    wanted = [row for row in rows if (row != kept.get(row[key.name]) if replace else row[key.name] not in kept)]
    if not wanted:
        return 0
    # Whoever writes holds first: two that wrote rows, and then waited for the version, could wait for each other.
    lock_catalogue(connection)
    statement = database.dialect_insert(table)
    columns = {column.name: statement.excluded[column.name] for column in table.columns if column is not key}
    if replace:
        connection.execute(statement.on_conflict_do_update(index_elements=[key.name], set_=columns), wanted)
    else:
        connection.execute(statement.on_conflict_do_nothing(), wanted)
    return len(wanted)


def bump_version(database: Database, connection: Connection) -> None:
    """Give the catalogue a new version."""
    statement = database.dialect_insert(meta).values(name=VERSION, value=uuid4().hex)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
    )
