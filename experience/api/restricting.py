"""Questions with `restrictedData` (contract/wxm-api.md §5.1): hidden from whoever may only read, with their answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson

from experience.questionnaires import Catalogue
from experience.tokens import Caller

Ids = frozenset[str]
Document = dict[str, Any]


def hidden(catalogue: Catalogue, caller: Caller) -> Ids:
    """The questions that this caller does not see."""
    if caller.may_write:
        return frozenset()
    return frozenset(key for key, question in catalogue.questions.items() if question.restricted)


def seen(catalogue: Catalogue, caller: Caller) -> Catalogue:
    """The catalogue as this caller sees it."""
    ids = hidden(catalogue, caller)
    if not ids:
        return catalogue
    return replace(catalogue, questions={key: each for key, each in catalogue.questions.items() if key not in ids})


def visible(documents: Iterable[Document], caller: Caller) -> list[Document]:
    """The questions of these that a caller sees."""
    return [each for each in documents if caller.may_write or each.get("restrictedData") is not True]


def shown(documents: Iterable[str], ids: Ids) -> Iterable[str]:
    """Answers without the responses to hidden questions."""
    return (_without(document, ids) for document in documents) if ids else documents


def _without(document: str, ids: Ids) -> str:
    answer = orjson.loads(document)
    kept = [response for response in answer["responses"] if response["questionId"] not in ids]
    return orjson.dumps({**answer, "responses": kept}).decode()
