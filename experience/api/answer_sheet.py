"""Answers as CSV (RFC 4180): a row each, with a column for each question that was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from experience.model.questions import Question
from foundation import csv_files

FACTS = ("id", "locationId", "responseDateTime", "responseDuration", "surveyClient", "deviceId", "archived")

Document = dict[str, Any]


def sheet(documents: Iterable[str], questions: Mapping[str, Question]) -> bytes:
    """Answers as callers are told them; with a mark by which a spreadsheet knows UTF-8."""
    answers: list[Document] = [orjson.loads(document) for document in documents]
    columns = _columns(answers, questions)
    rows = ([*_facts(answer), *_values(answer, list(columns), questions)] for answer in answers)
    return csv_files.write([[*FACTS, *columns.values()], *rows]).encode()


def _columns(answers: Iterable[Document], questions: Mapping[str, Question]) -> dict[str, str]:
    """The questions that were answered, in their order, each with its heading: its text where no other has the same."""
    told = {response["questionId"]: response["questionText"] for answer in answers for response in answer["responses"]}
    texts = {key: questions[key].text if key in questions else str(text or "") for key, text in told.items()}
    times = Counter(texts.values())
    order = sorted(texts, key=lambda key: (key not in questions, questions[key].sequence if key in questions else 0))
    return {key: texts[key] if texts[key] and times[texts[key]] == 1 else f"{texts[key]} ({key})" for key in order}


def _facts(answer: Document) -> list[object]:
    return [str(value).lower() if isinstance(value := answer[name], bool) else value for name in FACTS]


def _values(answer: Document, columns: list[str], questions: Mapping[str, Question]) -> list[object]:
    """What was answered: a number on a scale, else the text, where there is one."""
    values = {response["questionId"]: _value(response, questions) for response in answer["responses"]}
    return [values.get(key, "") for key in columns]


def _value(response: Document, questions: Mapping[str, Question]) -> object:
    question = questions.get(response["questionId"])
    is_number = question is not None and bool(question.scale or question.numeric)
    text = response["textInput"]
    return response["numberInput"] if is_number and not text else text or response["numberInput"] or ""
