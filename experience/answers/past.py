"""Answers of the past, which nobody can mend any more: kept without what is not understood, which is named; pure.

Who answers a survey now is told instead (`Reader.read` raises BadAnswer): he can mend it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from experience.answers.lengths import mappings
from experience.answers.parse import Reader, Row, moment, scale_fault, text_of
from experience.model.customer import customer_id
from experience.model.errors import BadAnswer
from experience.model.questions import METRICS, Question
from experience.privacy import pii

Kind = Literal["scores", "dates", "phone numbers", "e-mail addresses", "ids"]
KINDS: tuple[Kind, ...] = ("scores", "dates", "phone numbers", "e-mail addresses", "ids")
# No product of this kind is older: what is dated before was dated by a clock that was not set.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
IDS = {"customer_id": "customer", "agent_id": "agent", "team_id": "team"}

Phone = Callable[[str], str | None]
Questions = Mapping[str, Question]


@dataclass(frozen=True, slots=True)
class Remark:
    """What of an answer is not understood: it shows nothing personal. `customer` is an id that stands for nobody."""

    kind: Kind
    text: str
    customer: str = ""


def judge(answer: object, questions: Questions, phone: Phone) -> tuple[object, list[Remark]]:
    """An answer of the past as it can be kept, and what of it is not understood."""
    if not isinstance(answer, Mapping):
        return answer, []
    scores: list[Remark] = []
    people: list[Remark] = []
    for response in mappings(answer.get("responses")):
        question = questions.get(str(response.get("questionId")))
        if question is None:
            continue
        if question.scale and (fault := _scale_fault(question, response)):
            scores.append(Remark("scores", fault))
        if question.role and (remark := _person(question, response, phone)):
            people.append(remark)
    kept = without_wrong_scores(answer, questions)[0] if scores else answer
    return kept, [*scores, *(Remark("dates", fault) for fault in _date(answer)), *people]


def without_wrong_scores(answer: Mapping[str, Any], questions: Questions) -> tuple[Mapping[str, Any], list[str]]:
    """The answer with each score that is off its scale as a text, which counts nowhere, and what was wrong with it."""
    responses = answer.get("responses")
    if not isinstance(responses, list):
        return answer, []
    faults: list[str] = []
    kept = []
    for response in responses:
        question = questions.get(str(response.get("questionId"))) if isinstance(response, Mapping) else None
        if question and (fault := _scale_fault(question, response)):
            faults.append(fault)
            text = response.get("textInput") or str(response["numberInput"])
            response = {**response, "numberInput": None, "textInput": text}
        kept.append(response)
    return ({**answer, "responses": kept} if faults else answer), faults


def read(reader: Reader, answer: Mapping[str, Any], known: Row | None = None) -> Row:
    """A row of an answer of the past, without scores off their scales. Raises BadAnswer.

    `known` is what it was: of what was scored before, nothing is lost because a scale was changed.
    """
    try:
        return reader.read(answer)
    except BadAnswer:
        kept, faults = without_wrong_scores(answer, reader.catalogue.questions)
        if not faults:
            raise
        row = reader.read(kept)
        if known and any(known[metric] is not None and row[metric] is None for metric in METRICS):
            raise
        return row


def _scale_fault(question: Question, response: Mapping[str, Any]) -> str:
    return scale_fault(question, response) if type(response.get("numberInput")) in (int, float) else ""


def _date(answer: Mapping[str, Any]) -> Iterator[str]:
    try:
        at = moment(answer.get("responseDateTime"))
    except BadAnswer:
        return
    if at < EARLIEST:
        yield f"responseDateTime {at:%Y-%m-%d} is before {EARLIEST.year}"
    elif at > datetime.now(UTC):
        yield f"responseDateTime {at:%Y-%m-%d} is in the future"


def _person(question: Question, response: Mapping[str, Any], phone: Phone) -> Remark | None:
    text, role = text_of(question, response), question.role
    if not text or pii.is_hashed(text):
        return None
    if role in IDS and customer_id(text) is None:
        customer = text if role == "customer_id" else ""
        return Remark("ids", f"question {question.id}: an id that stands for no {IDS[role]}", customer)
    if role == "mobile" and phone(text) is None:
        return Remark("phone numbers", f"question {question.id}: no phone number")
    if role == "email" and pii.email(text) is None:
        return Remark("e-mail addresses", f"question {question.id}: no e-mail address")
    return None
