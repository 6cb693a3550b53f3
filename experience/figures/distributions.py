"""How answers spread over the values of questions, together: counts for figures that WxM's clients compute.

Where a question's answers stand in a column of their own, the database counts, in one pass for all that is asked; else
the documents are read, once. `DAY` stands for the day of an answer in TIME_ZONE, as 2026-11-08. An answer that says
nothing to a question counts under None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import CTE, ColumnElement, Connection, Select, cast, func, literal, null, select, union_all

from experience.answers.filter_terms import FilterFault
from experience.answers.filters import SCORED, dedicated_column
from experience.answers.schema import answers
from experience.model.answer_json import value_of
from experience.model.questions import Question
from experience.questionnaires.catalogue import Catalogue

DAY = "responseDateTime"
# How much may be counted: for each answer, a grouping by columns, or its document and each pick from that.
BUDGET = 400_000
_GROUP, _READ, _PICK = 0.12, 1.4, 0.06
_NAMED: dict[str, Any] = {
    "customer_id": answers.c.customer_id,
    "agent_id": answers.c.agent_id,
    "team_id": answers.c.team_id,
}

Keys = tuple[str, ...]
Value = int | float | str | None
Spread = Counter[tuple[Value, ...]]


def count(
    connection: Connection,
    catalogue: Catalogue,
    conditions: Sequence[ColumnElement[bool]],
    groupings: Iterable[Keys],
    budget: float = BUDGET,
) -> dict[Keys, Spread]:
    """For each tuple of question ids: how many answers carry each tuple of values; of `()`, how many there are.

    `catalogue` is the whole one, not what a caller sees of it: it tells whether a column holds one question's answers.
    Raises FilterFault where more documents would be read than `budget` is for.
    """
    total = connection.execute(select(func.count()).select_from(answers).where(*conditions)).scalar_one()
    spreads: dict[Keys, Spread] = {(): Counter({(): total})}
    wanted = [keys for keys in dict.fromkeys(groupings) if keys]
    columns = {key: column for keys in wanted for key in keys if (column := _column(catalogue, key)) is not None}
    in_columns = all(key in columns for keys in wanted for key in keys)
    _check_cost(total, _GROUP * len(wanted) if in_columns else _READ + _PICK * len(wanted), budget)
    if in_columns:
        return spreads | _counted(connection, conditions, columns, wanted)
    return spreads | _read(connection, catalogue, conditions, columns, wanted)


def _check_cost(total: int, weight: float, budget: float) -> None:
    """Refuse to count so much for each of the answers in range."""
    if total * weight > budget:
        raise FilterFault(
            f"afterdate, beforedate: {total} answers are in range, and what is asked can be counted of "
            f"{int(budget / weight)}. Narrow the range, or ask for less at once."
        )


def _column(catalogue: Catalogue, key: str) -> Any:
    """Where the database finds a question's values; None where only the documents have them."""
    if key == DAY:
        return answers.c.day
    question = catalogue.questions.get(key)
    metric = dedicated_column(catalogue, question, "metric", SCORED)
    return metric if metric is not None else dedicated_column(catalogue, question, "role", _NAMED)


def _counted(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    columns: Mapping[str, Any],
    wanted: Sequence[Keys],
) -> dict[Keys, Spread]:
    """What the columns say; the answers are looked up once for all of it."""
    spreads: dict[Keys, Spread] = {keys: Counter() for keys in wanted}
    if not wanted:
        return spreads
    names = {column.name: column for column in columns.values()}
    chosen = select(*names.values()).where(*conditions).cte("chosen")
    groupings = [_grouping(chosen, place, [columns[key].name for key in keys]) for place, keys in enumerate(wanted)]
    for place, count, *values in connection.execute(union_all(*groupings)):
        keys, by_name = wanted[place], dict(zip(names, values, strict=True))
        spreads[keys][_values_of(keys, (by_name[columns[key].name] for key in keys))] += count
    return spreads


def _grouping(chosen: CTE, place: int, grouped: Sequence[str]) -> Select[Any]:
    """Counts by some of the columns; the others are empty."""
    values = [column if column.name in grouped else cast(null(), column.type).label(column.name) for column in chosen.c]
    counting = select(literal(place), func.count(), *values).select_from(chosen)
    return counting.group_by(*(chosen.c[name] for name in dict.fromkeys(grouped)))


def _values_of(keys: Keys, values: Iterable[Any]) -> tuple[Value, ...]:
    return tuple(_day(value) if key == DAY else value for key, value in zip(keys, values, strict=True))


def _day(number: int) -> str:
    return f"{number // 10000:04}-{number // 100 % 100:02}-{number % 100:02}"


def _read(
    connection: Connection,
    catalogue: Catalogue,
    conditions: Sequence[ColumnElement[bool]],
    columns: Mapping[str, Any],
    wanted: Sequence[Keys],
) -> dict[Keys, Spread]:
    """What the documents say, and the columns where there is one."""
    spreads: dict[Keys, Spread] = {keys: Counter() for keys in wanted}
    keys = list(dict.fromkeys(key for keys in wanted for key in keys))
    questions = {key: catalogue.questions[key] for key in keys if key not in columns and key in catalogue.questions}
    nothing: dict[str, Value] = dict.fromkeys(keys)
    picking = [(_picker(keys), spread) for keys, spread in spreads.items()]
    reading = select(answers.c.document, *columns.values()).where(*conditions).execution_options(yield_per=1000)
    for document, *values in connection.execute(reading):
        answered = {**nothing, **_values(questions, orjson.loads(document)), **dict(zip(columns, values, strict=True))}
        if DAY in answered:
            answered[DAY] = _day(answered[DAY])
        for pick, spread in picking:
            spread[pick(answered)] += 1
    return spreads


def _picker(keys: Keys) -> Callable[[Mapping[str, Value]], tuple[Value, ...]]:
    """Takes the values of some keys as a tuple."""
    if len(keys) == 1:
        return lambda values: (values[keys[0]],)
    return itemgetter(*keys)


def _values(questions: Mapping[str, Question], document: Mapping[str, Any]) -> dict[str, Value]:
    """The first value that an answer gives to each question."""
    values: dict[str, Value] = {}
    for response in document.get("responses") or ():
        question = questions.get(response["questionId"])
        if question is not None and values.get(question.id) is None:
            value = value_of(question, response)
            values[question.id] = value.strip() if isinstance(value, str) and question.role else value
    return values
