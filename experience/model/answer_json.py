"""What a customer said in one answer, as people read it: question texts with values, and the comment; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from experience.model.lengths import LONGEST_QUESTION, LONGEST_TEXT, MOST_SHOWN_QUESTIONS, MOST_SHOWN_TEXT, cut
from experience.model.questions import Question
from experience.privacy import pii

AnswerJson = dict[str, Any]
Pair = tuple[Question, Mapping[str, Any]]
Valued = tuple[Question, int | float | str]
_MASKS = {"email": pii.mask_email, "mobile": pii.mask_phone}


class Questions(Protocol):
    """Where questions are found by their id; one that is the same as long as they are."""

    def __hash__(self) -> int: ...

    @property
    def questions(self) -> Mapping[str, Question]: ...


def to_json(document: Mapping[str, Any], catalogue: Questions) -> tuple[list[AnswerJson], str | None]:
    """The answers in the questionnaire's order as {question, kind, value, of, metric, comment}, and the comment.

    Prefills are left out, restricted questions too, and questions that nobody has described: they might be either.
    """
    known = catalogue.questions
    pairs = [
        (question, response)
        for response in document.get("responses") or ()
        if (question := known.get(response["questionId"])) is not None
    ]
    pairs.sort(key=lambda pair: pair[0].sequence)
    answered = _answered(pairs)
    comment = _comment(answered)
    return _shown(answered, comment), None if comment is None else cut(str(comment[1]), LONGEST_TEXT)


def comment(pairs: Iterable[Pair]) -> str | None:
    """The comment among questions with their responses, in the questionnaire's order."""
    comment = _comment(_answered((question, response) for question, response in pairs if not question.scale))
    return None if comment is None else str(comment[1])


def value_of(question: Question, response: Mapping[str, Any]) -> int | float | str | None:
    """What was answered: a number on a scale, else the text; None where nothing was."""
    number, text = response.get("numberInput"), response.get("textInput")
    if question.scale:
        return None if number is None or off_scale_text(question, number, text) else number
    if question.numeric and number is not None and not text:
        return str(number)
    return text if isinstance(text, str) and text.strip() else None


def is_unanswered(question: Question | None, response: Mapping[str, Any]) -> bool:
    """Whether nothing answers a scale. WxM's clients know no number but 0 for it, which would be a detractor's."""
    return bool(question and question.scale) and response.get("numberInput") is None and not response.get("textInput")


def off_scale_text(question: Question, number: float, text: object) -> bool:
    """Whether a 0 is only the zero that WxM writes beside every text: the question was a text question once."""
    low = question.scale[0] if question.scale else 0
    return number == 0 and low > 0 and isinstance(text, str) and bool(text.strip())


def shown(question: Question, text: str) -> str:
    """A text as people are shown it: what is personal masked, and no hash, by which it could be guessed."""
    if not question.personal and not pii.is_hashed(text):
        return text
    mask = _MASKS.get(question.role or "")
    return mask(text) if mask else "…"


def _answered(pairs: Iterable[Pair]) -> list[Valued]:
    return [
        (question, value)
        for question, response in pairs
        if not (question.prefill or question.restricted) and (value := value_of(question, response)) is not None
    ]


def _shown(answered: list[Valued], comment: Valued | None) -> list[AnswerJson]:
    """As much of an answer as people are shown: where texts are too long in all, the later ones are cut.

    Of the questions of a metric the first is its score; readers tell by `metric` and `comment` what they have already.
    """
    left = MOST_SHOWN_TEXT
    shown = []
    scored: set[str] = set()
    for question, value in answered[:MOST_SHOWN_QUESTIONS]:
        answer = _to_json(question, value)
        if question.scale and question.metric and question.metric not in scored:
            scored.add(question.metric)
            answer["metric"] = question.metric
        if comment is not None and question is comment[0]:
            answer["comment"] = True
        if isinstance(answer["value"], str):
            answer["value"] = cut(answer["value"], min(left, LONGEST_TEXT))
            left -= len(answer["value"])
        shown.append(answer)
    return shown


def _to_json(question: Question, value: float | str) -> AnswerJson:
    answer: AnswerJson = {
        "question": cut(question.text, LONGEST_QUESTION),
        "kind": question.kind,
        "value": shown(question, value) if isinstance(value, str) else value,
    }
    if question.scale:
        answer["of"] = list(question.scale)
    return answer


def _comment(answered: list[Valued]) -> Valued | None:
    """The first answered question tagged Comments, else the first of several lines."""
    texts = [(question, value) for question, value in answered if isinstance(value, str)]
    texts = [(question, value) for question, value in texts if not (question.role or question.personal)]
    tagged = (pair for pair in texts if pair[0].comment)
    return next(tagged, None) or next((pair for pair in texts if pair[0].multiline), None)
