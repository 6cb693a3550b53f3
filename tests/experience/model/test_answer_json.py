"""What people are shown of an answer: personal data masked, however a questionnaire says that it is personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from experience.model import answer_json
from experience.model.questions import Question, read_question


@dataclass(frozen=True)
class Known:
    questions: dict[str, Question]


def shown_text(text: str, **facts: Any) -> tuple[object, str | None]:
    """The value that is shown for a text, and the comment."""
    question = read_question({"id": "q", "displayType": "MultilineText", **facts})
    document = {"responses": [{"questionId": "q", "textInput": text, "numberInput": 0}]}
    responses, comment = answer_json.to_json(document, Known({"q": question}))
    return responses[0]["value"], comment


@pytest.mark.parametrize(
    ("facts", "text", "shown"),
    [
        ({"questionTags": ["Email"]}, "ann@example.com", "a…@example.com"),
        ({"questionTags": ["MOBILE"]}, "+886912344455", "…4455"),
        ({"questionTags": ["mobile"]}, "sha512:00ff", "…"),
        ({"piiSettings": {"isPII": True, "piiType": "hash"}}, "not yet hashed", "…"),
        ({"piiSettings": {"isPII": True, "piiType": "mask"}}, "12 High Street", "…"),
        ({"piiSettings": {"isPII": True}, "questionTags": ["Comments"]}, "12 High Street", "…"),
    ],
)
def test_what_is_personal_is_masked_and_is_no_comment(facts: dict[str, Any], text: str, shown: str) -> None:
    value, comment = shown_text(text, **facts)
    assert (value, comment) == (shown, None)


def test_a_hash_is_shown_nowhere() -> None:
    assert shown_text("sha256:00ff")[0] == "…"


@pytest.mark.parametrize("facts", [{}, {"piiSettings": {"isPII": False, "piiType": "hash"}}, {"piiSettings": None}])
def test_what_is_not_is_shown_as_it_was_written(facts: dict[str, Any]) -> None:
    assert shown_text("Fine, thank you", **facts) == ("Fine, thank you", "Fine, thank you")
