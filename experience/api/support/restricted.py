"""What a caller sees of questions and answers.

Questions with `restrictedData` (docs/cisco/wxm-api.md §5.1) are hidden from whoever may only read, with their answers.
A token that is bound to a person sees what that person's gadgets show, and no more: personal data masked; no notes, no
prefills but those that say whose the answer is, no answers to questions that nobody has described. By what it is not
shown it may neither filter nor count: guesses that are counted would unmask it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from experience.accounts.api_tokens import Caller
from experience.accounts.users import ACCOUNT
from experience.answers.filter_terms import FilterFault
from experience.answers.filters import Filter
from experience.api.support import models
from experience.figures.distributions import Keys, Spread, Value
from experience.model import answer_json
from experience.model.questions import Question
from experience.privacy import pii
from experience.questionnaires.catalogue import Catalogue

Document = dict[str, Any]

# Of an answer; its notes, ticket and device are nothing that a gadget shows.
_SHOWN = ("id", "locationId", "responseDateTime", "archived")
_BLANK: Document = {"user": ACCOUNT, "responseDuration": None, "notes": [], "openTicket": None, "deviceId": None}


def seen(catalogue: Catalogue, caller: Caller) -> Catalogue:
    """The catalogue with the questions by which this caller may filter and count."""
    if caller.may_write:
        return catalogue
    known = {key: question for key, question in catalogue.questions.items() if _may_count(question, caller)}
    return replace(catalogue, questions=known)


def check(wanted: Filter, catalogue: Catalogue, caller: Caller) -> None:
    """Refuse a filter that asks for what this caller is not shown. Raises FilterFault."""
    open_to_all = seen(catalogue, caller).questions
    for condition in wanted.question_filters:
        is_open = condition.question in open_to_all
        if not is_open and caller.scope is not None:
            raise FilterFault(f"filterquestions: {condition.question} is hidden or masked for a token that is bound")
        if not is_open and condition.question in catalogue.questions:
            raise FilterFault(f"filterquestions: {condition.question} is hidden from whoever may only read")
        if caller.scope is not None and any(map(pii.is_hashed, condition.texts)):
            raise FilterFault(f"filterquestions: {condition.question}: hashes are hidden from a token that is bound")
    if wanted.with_notes and caller.scope is not None:
        raise FilterFault("withNotes: notes are hidden from a token that is bound")


def visible(documents: Iterable[Document], caller: Caller) -> list[Document]:
    """The questions of these that a caller sees, with every key."""
    seen_by_all = (document for document in documents if document.get("restrictedData") is not True)
    return [models.question(document) for document in (documents if caller.may_write else seen_by_all)]


def shown(documents: Iterable[str], catalogue: Catalogue, caller: Caller) -> Iterator[str]:
    """Answers as a caller sees them, with every key."""
    questions = catalogue.questions
    hidden = {key for key, question in questions.items() if question.restricted and not caller.may_write}
    for document in documents:
        answer = orjson.loads(document)
        seen_by_caller = _without(answer, hidden) if caller.scope is None else _as_in_gadgets(answer, questions)
        yield orjson.dumps(models.answer(seen_by_caller, questions)).decode()


def counted(counts: Mapping[Keys, Spread], caller: Caller) -> Mapping[Keys, Spread]:
    """Counts by values as a caller sees them: hashes, which can be guessed, are all one value to a bound token."""
    if caller.scope is None:
        return counts
    masked: dict[Keys, Spread] = {}
    for keys, spread in counts.items():
        masked[keys] = Counter()
        for values, count in spread.items():
            masked[keys][tuple(map(_without_hash, values))] += count
    return masked


def _without_hash(value: Value) -> Value:
    return "…" if isinstance(value, str) and pii.is_hashed(value) else value


def _may_count(question: Question, caller: Caller) -> bool:
    if caller.scope is None:
        return not question.restricted
    return _is_in_gadgets(question) and not question.personal


def _is_in_gadgets(question: Question) -> bool:
    """Whether gadgets show what was answered, or whose answer it is; of other prefills they show nothing."""
    return not question.restricted and bool(not question.prefill or question.role or question.metric)


def _without(answer: Document, hidden: set[str]) -> Document:
    if not hidden:
        return answer
    return {**answer, "responses": [sent for sent in answer["responses"] if sent["questionId"] not in hidden]}


def _as_in_gadgets(answer: Document, questions: Mapping[str, Question]) -> Document:
    pairs = ((questions.get(response["questionId"]), response) for response in answer["responses"])
    responses = [_masked(question, response) for question, response in pairs if question and _is_in_gadgets(question)]
    facts = {name: answer[name] for name in _SHOWN if name in answer}
    client = answer.get("surveyClient")
    facts["surveyClient"] = client if isinstance(client, str) else None
    return {**facts, **_BLANK, "responses": responses}


def _masked(question: Question, response: Mapping[str, Any]) -> Document:
    """A response with the value that gadgets show, in the slot in which it was sent."""
    value, number = answer_json.value_of(question, response), response.get("numberInput")
    is_number = bool(question.scale or question.numeric) and not question.personal
    is_text = isinstance(value, str) and (question.personal or bool(response.get("textInput")))
    return {
        "questionId": question.id,
        "questionText": question.text,
        "textInput": answer_json.shown(question, value) if is_text and isinstance(value, str) else None,
        "numberInput": number if is_number or number is None else 0,
    }
