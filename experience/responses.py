"""Conditions on what stands inside the stored documents, in SQLite's words and in PostgreSQL's."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, Float, String, case, cast, exists, func, literal, or_

from experience.schema import answers

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


def holds(dialect: str, text: str) -> ColumnElement[bool]:
    """Documents with this JSON in them. Quotes inside of texts are written with a backslash: they are never found."""
    found: ColumnElement[bool] = _position(dialect, _DOCUMENT, text) > 0
    return found


def client(dialect: str) -> Any:
    """A document's `surveyClient`."""
    return _text(dialect, _DOCUMENT if dialect == "sqlite" else cast(_READABLE, JSON), "surveyClient")


def compares(dialect: str, question: str, sign: str, number: float) -> ColumnElement[bool]:
    """Answers whose number for a question is less than, greater than, or equal to another."""
    return _some(dialect, question, lambda response: SIGNS[sign](_number(dialect, response), number))


def equals(dialect: str, question: str, texts: Sequence[str]) -> ColumnElement[bool]:
    """Answers whose text for a question is one of these."""
    return _some(dialect, question, lambda response: _text(dialect, response, "textInput").in_(texts))


def contains(dialect: str, question: str, texts: Sequence[str]) -> ColumnElement[bool]:
    """Answers that have one of these among the chosen options, which are joined by commas."""

    def chosen(response: Any) -> ColumnElement[bool]:
        text = _text(dialect, response, "textInput")
        parts = literal(",", String) + func.replace(text, ", ", ",") + literal(",", String)
        return or_(text.in_(texts), *(_position(dialect, parts, f",{each},") > 0 for each in texts))

    return _some(dialect, question, chosen)


def is_filled(dialect: str, question: str) -> ColumnElement[bool]:
    """Answers with any text for a question but blanks."""
    return _some(dialect, question, lambda response: func.trim(_text(dialect, response, "textInput")) != "")


def _some(dialect: str, question: str, test: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Answers that have a response to a question which stands the test."""
    if dialect == "sqlite":
        each: Any = func.json_each(_DOCUMENT, "$.responses").table_valued("value")
        response = each.c.value
    else:
        each = func.json_array_elements(cast(_READABLE, JSON)["responses"]).table_valued("value")
        response = cast(each.c.value, JSON)
    return exists().select_from(each).where(_text(dialect, response, "questionId") == question, test(response))


def _text(dialect: str, document: Any, field: str) -> Any:
    if dialect == "sqlite":
        return func.json_extract(document, f"$.{field}", type_=String)
    return func.json_extract_path_text(document, field, type_=String)


def _number(dialect: str, document: Any) -> Any:
    return cast(_text(dialect, document, "numberInput"), Float) if dialect != "sqlite" else _sqlite_number(document)


def _sqlite_number(document: Any) -> Any:
    return func.json_extract(document, "$.numberInput", type_=Float)


def _position(dialect: str, within: Any, text: str) -> Any:
    return (func.instr if dialect == "sqlite" else func.strpos)(within, text)
