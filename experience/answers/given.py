"""What was given in the responses of an answer that arrives; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from experience.model.errors import BadAnswer
from experience.model.questions import Question


def check_given(responses: Iterable[Any], questions: Mapping[str, Question]) -> None:
    """Refuse text where a score belongs: the 0 that WxM's clients write beside text would be one. Raises BadAnswer."""
    for response in responses:
        if not isinstance(response, Mapping):
            continue
        text, number = response.get("textInput"), response.get("numberInput")
        question = questions.get(str(response.get("questionId")))
        if question is None or not question.scale or number or not isinstance(text, str):
            continue
        if text.strip() and text.strip() != str(number) and not _is_moved(text, number):
            raise BadAnswer(f"question {question.id}: textInput, where a number is wanted in numberInput")


def _is_moved(text: str, number: Any) -> bool:
    """Whether an import of the past moved a score that is off its scale into the text, where it counts nowhere."""
    return number is None and text.strip().removeprefix("-").replace(".", "", 1).isdecimal()
