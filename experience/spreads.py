"""How answers spread over the values of questions, together: counts for figures that WxM's clients compute.

Where a question's answers stand in a column of their own, the database counts; else the documents are read, once for
all that is asked. `DAY` stands for the day of an answer in TIME_ZONE, as 2026-11-08. An answer that says nothing to
a question counts under None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, func, select

from experience.filters import SCORED, sole
from experience.questionnaires import Catalogue
from experience.questions import Question
from experience.schema import answers
from experience.telling import value_of

DAY = "responseDateTime"
_NAMED: dict[str, Any] = {
    "customer_id": answers.c.customer_id,
    "agent_id": answers.c.agent_id,
    "team_id": answers.c.team_id,
}

Keys = tuple[str, ...]
Value = int | float | str | None
Spread = Counter[tuple[Value, ...]]


def count(
    connection: Connection, catalogue: Catalogue, conditions: Sequence[ColumnElement[bool]], asked: Iterable[Keys]
) -> dict[Keys, Spread]:
    """For each tuple of question ids: how many answers carry each tuple of values.

    `catalogue` is the whole one, not what a caller sees of it: it tells whether a column holds one question's answers.
    """
    found: dict[Keys, Spread] = {}
    read: list[Keys] = []
    for keys in dict.fromkeys(asked):
        columns = [_column(catalogue, key) for key in keys]
        if all(column is not None for column in columns):
            found[keys] = _counted(connection, conditions, keys, columns)
        else:
            read.append(keys)
    return {**found, **_read(connection, catalogue, conditions, read)}


def _column(catalogue: Catalogue, key: str) -> Any:
    """Where the database finds a question's values; None where only the documents have them."""
    if key == DAY:
        return answers.c.day
    question = catalogue.questions.get(key)
    metric = sole(catalogue, question, "metric", SCORED)
    return metric if metric is not None else sole(catalogue, question, "role", _NAMED)


def _counted(
    connection: Connection, conditions: Sequence[ColumnElement[bool]], keys: Keys, columns: Sequence[Any]
) -> Spread:
    counting = select(*columns, func.count()).select_from(answers).where(*conditions)
    counting = counting.group_by(*columns) if columns else counting
    return Counter({_told(keys, row[:-1]): row[-1] for row in connection.execute(counting)})


def _told(keys: Keys, values: Iterable[Any]) -> tuple[Value, ...]:
    return tuple(_day(value) if key == DAY else value for key, value in zip(keys, values, strict=True))


def _day(number: int) -> str:
    return f"{number // 10000:04}-{number // 100 % 100:02}-{number % 100:02}"


def _read(
    connection: Connection, catalogue: Catalogue, conditions: Sequence[ColumnElement[bool]], asked: Sequence[Keys]
) -> dict[Keys, Spread]:
    found: dict[Keys, Spread] = {keys: Counter() for keys in asked}
    if not asked:
        return found
    wanted = {key for keys in asked for key in keys}
    questions = {key: question for key in wanted if (question := catalogue.questions.get(key))}
    reading = select(answers.c.day, answers.c.document).where(*conditions).execution_options(yield_per=1000)
    for day, document in connection.execute(reading):
        values = {DAY: _day(day), **_values(questions, orjson.loads(document))}
        for keys, spread in found.items():
            spread[tuple(values.get(key) for key in keys)] += 1
    return found


def _values(questions: Mapping[str, Question], document: Mapping[str, Any]) -> dict[str, Value]:
    """The first value that an answer gives to each question."""
    found: dict[str, Value] = {}
    for response in document.get("responses") or ():
        question = questions.get(response["questionId"])
        if question is not None and found.get(question.id) is None:
            value = value_of(question, response)
            found[question.id] = value.strip() if isinstance(value, str) and question.role else value
    return found
