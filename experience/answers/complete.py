"""A new answer with an id, a moment, and every field that WxM's clients count on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from experience.accounts.users import ACCOUNT
from experience.answers.given import check_given
from experience.model import timestamps
from experience.model.errors import BadAnswer
from experience.model.questions import Question


def completed(sent: Mapping[str, Any], questions: Mapping[str, Question]) -> dict[str, Any]:
    """An answer as it may be kept. Raises BadAnswer."""
    blanks = {"user": ACCOUNT, "archived": False, "notes": [], "openTicket": None, "deviceId": None}
    answer = {**blanks, **{name: value for name, value in sent.items() if value is not None}}
    answer["id"] = answer.get("id") or secrets.token_hex(12)
    answer.setdefault("responseDateTime", timestamps.format_utc(datetime.now(UTC), "milliseconds"))
    answer["responses"] = _whole(answer.get("responses"), questions)
    if not answer["responses"]:
        raise BadAnswer("responses: an answer has at least one")
    if isinstance(answer["responses"], list):
        check_given(answer["responses"], questions)
    return answer


def _whole(responses: Any, questions: Mapping[str, Question]) -> Any:
    """Responses with all the four fields that WxM's clients count on; a score that was not given stays so."""
    if not isinstance(responses, list) or not all(isinstance(entry, dict) for entry in responses):
        return responses
    filled = []
    for response in responses:
        question = questions.get(str(response.get("questionId")))
        blank = {"questionText": question.text if question else None, "textInput": None}
        filled.append({**blank, "numberInput": None if question and question.numeric else 0, **response})
    return filled
