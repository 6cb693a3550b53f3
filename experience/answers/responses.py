"""Conditions on what stands inside the stored documents, in SQLite's words and in PostgreSQL's.

A document is parsed once, whatever is asked of its responses: each condition is an aggregate over the few of them that
answer one of the questions. Hundreds joined by AND or OR nest too deeply for SQLite, so they stand in a flat CASE.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    ColumnElement,
    Float,
    String,
    Subquery,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from experience.answers.schema import answers

SIGNS: dict[str, Callable[[Any, float], ColumnElement[bool]]] = {
    "lt": operator.lt,
    "gt": operator.gt,
    "eq": operator.eq,
}
_DOCUMENT = answers.c.document
# PostgreSQL reads no field of a document in which a NUL stands anywhere: there it reads the sign for what is lost.
_READABLE = case(
    (
        func.strpos(_DOCUMENT, r"\u0000") > 0,
        func.regexp_replace(_DOCUMENT, r"(?<!\\)((?:\\\\)*)\\u0000", r"\1\\ufffd", "g"),
    ),
    else_=_DOCUMENT,
)
# So many questions are looked for in a document's text before PostgreSQL parses it, which takes ten times as long.
_SOUGHT = 3

Test = Callable[[str, Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Condition:
    """What a response to a question must fulfil: `test` is asked with the dialect and the response's columns.

    `texts` are looked for one by one, inside of what was answered.
    """

    question: str
    test: Test
    texts: int = 0


def holds(dialect: str, text: str) -> ColumnElement[bool]:
    """Documents with this JSON in them. Quotes inside of texts are written with a backslash: they are never found."""
    is_there: ColumnElement[bool] = _position(dialect, _DOCUMENT, text) > 0
    return is_there


def client(dialect: str) -> Any:
    """A document's `surveyClient`; for one field PostgreSQL is faster without taking all of the document apart."""
    if dialect == "sqlite":
        return _text(dialect, _DOCUMENT, "surveyClient")
    return func.json_extract_path_text(cast(_READABLE, JSON), "surveyClient", type_=String)


def compares(question: str, sign: str, number: float) -> Condition:
    """Answers whose number for a question is less than, greater than, or equal to another."""
    return Condition(question, lambda _dialect, response: SIGNS[sign](response.number, number))


def equals(question: str, texts: Sequence[str]) -> Condition:
    """Answers whose text for a question is one of these."""
    return Condition(question, lambda _dialect, response: response.text.in_(texts))


def contains(question: str, texts: Sequence[str]) -> Condition:
    """Answers that have one of these among the chosen options, which are joined by commas."""

    def chosen(dialect: str, response: Any) -> ColumnElement[bool]:
        chosen_parts = [(_position(dialect, response.parts, f",{text},") > 0, true()) for text in texts]
        return case((response.text.in_(texts), true()), *chosen_parts, else_=false())

    return Condition(question, chosen, len(texts))


def is_filled(question: str) -> Condition:
    """Answers with any text for a question but blanks."""
    return Condition(question, lambda _dialect, response: func.trim(response.text) != "")


def meet(
    dialect: str, together: Sequence[Condition], either: Sequence[Condition], others: Sequence[ColumnElement[bool]] = ()
) -> list[ColumnElement[bool]]:
    """Answers that meet all of `together`, and one of `either` or `others`; a document is parsed once for all."""
    if not together and not either:
        return [or_(*others)] if others else []
    responses = _responses(dialect, {condition.question for condition in (*together, *either)})
    alternatives = [*others, *(_some(dialect, responses, condition) for condition in either)]
    wanted = [_some(dialect, responses, condition) for condition in together] + (
        [or_(*alternatives)] if alternatives else []
    )
    missed = [(not_(func.coalesce(condition, false())), false()) for condition in wanted]
    met = select(case(*missed, else_=true())).select_from(responses).correlate(answers).scalar_subquery()
    needed = [{condition.question} for condition in together] + (
        [{condition.question for condition in either}] if not others else []
    )
    return [*_written(dialect, needed), met]


def _some(dialect: str, responses: Subquery, condition: Condition) -> Any:
    """Whether a response meets a condition; unknown where nothing was answered."""
    aggregate = func.max if dialect == "sqlite" else func.bool_or
    return aggregate(condition.test(dialect, responses.c)).filter(responses.c.question == condition.question)


def _responses(dialect: str, questions: set[str]) -> Subquery:
    """The responses of an answer to these questions."""
    if dialect == "sqlite":
        element: Any = func.json_each(_DOCUMENT, "$.responses").table_valued("value")
        response: Any = element.c.value
        number: Any = func.json_extract(response, "$.numberInput", type_=Float)
    else:
        element = func.jsonb_array_elements(cast(_READABLE, JSONB)["responses"]).table_valued("value")
        response = cast(element.c.value, JSONB)
        number = cast(_text(dialect, response, "numberInput"), Float)
    question, text = (_text(dialect, response, field) for field in ("questionId", "textInput"))
    parts = literal(",", String) + func.replace(text, ", ", ",") + literal(",", String)
    columns = question.label("question"), text.label("text"), parts.label("parts"), number.label("number")
    rows = select(*columns).select_from(element).where(question.in_(sorted(questions)))
    # With an offset both databases take each field out of a response once, not once a condition.
    return rows.offset(0).subquery()


def _written(dialect: str, needed: Sequence[set[str]]) -> list[ColumnElement[bool]]:
    """What a document with an answer to one question of each set has in its text. SQLite parses as fast as it finds."""
    if dialect == "sqlite":
        return []
    few = list(dict.fromkeys(frozenset(questions) for questions in needed if 0 < len(questions) <= _SOUGHT))[:_SOUGHT]
    return [
        or_(*(holds(dialect, f'"questionId":{orjson.dumps(question).decode()}') for question in some)) for some in few
    ]


def _text(dialect: str, document: Any, field: str) -> Any:
    if dialect == "sqlite":
        return func.json_extract(document, f"$.{field}", type_=String)
    return func.jsonb_extract_path_text(document, field, type_=String)


def _position(dialect: str, within: Any, text: str) -> Any:
    return (func.instr if dialect == "sqlite" else func.strpos)(within, text)
