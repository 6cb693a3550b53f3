"""How long a new answer may be: what is longer could not be shown; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from experience.model.errors import BadAnswer
from experience.model.lengths import LARGEST_ANSWER, LONGEST_NAME, LONGEST_NOTE, LONGEST_TEXT, MOST_RESPONSES


def check_lengths(answer: object, largest: int = LARGEST_ANSWER) -> None:
    """Refuse a new answer that is too long to be shown, by the name of its field. Raises BadAnswer.

    What is kept already is not judged by it: it must be read anew whatever its length.
    """
    if not isinstance(answer, Mapping):
        return
    size = _size(answer)
    responses, notes = (mappings(answer.get(name)) for name in ("responses", "notes"))
    if len(responses) > MOST_RESPONSES:
        raise BadAnswer(f"responses: at most {MOST_RESPONSES}")
    for response in responses:
        identity = str(response.get("questionId"))
        if len(identity) > LONGEST_NAME:
            raise BadAnswer(f"a response whose questionId has more than {LONGEST_NAME} letters")
        # No text in it is longer than the whole.
        if size > LONGEST_TEXT:
            _check_texts(identity, response)
    if size > LONGEST_NOTE and any(len(str(note.get("note") or "")) > LONGEST_NOTE for note in notes):
        raise BadAnswer(f"notes: holds one of more than {LONGEST_NOTE} characters")
    if size > largest:
        raise BadAnswer(f"has more than {largest // 1024} KiB in all")


def _check_texts(identity: str, response: Mapping[str, Any]) -> None:
    for name in ("textInput", "questionText"):
        if len(str(response.get(name) or "")) > LONGEST_TEXT:
            raise BadAnswer(f"question {identity}: {name} has more than {LONGEST_TEXT} characters")


def _size(answer: Mapping[str, Any]) -> int:
    """Bytes of its JSON; of what JSON cannot carry reading says so."""
    try:
        return len(orjson.dumps(answer))
    except (TypeError, ValueError):
        return 0


def mappings(values: object) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
