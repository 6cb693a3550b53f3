"""Sends batches on to the WxM of another node, or a real one, as its DispatchRequest (docs/cisco/wxm-api.md §9.2)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

import orjson
from cachetools import TTLCache

from experience.dispatch.senders import Message, Outcome, Passing, Permanent, Sent, Unclear
from experience.questionnaires import catalogue
from experience.wxm.calls import HasToken, WxmCalls
from foundation.errors import NeighbourDown
from foundation.http.failures import PASSING, NoAnswer

SECONDS = 30.0
# How long Cloud Connect keeps a dispatch and its prefills (docs/cisco/cloud-connect-and-cce.md §1.6).
KEPT_SECONDS, MOST_KEPT = 3600, 200
TAKEN = frozenset({"202", "206"})

T = TypeVar("T", bound=HasToken)
Document = Mapping[str, Any]


class WxmSender(Generic[T]):
    """One WxM. A payload is that of `forwards`; the message's identity names the batch, by which a repeat is known."""

    most_tries = 12

    def __init__(self, calls: WxmCalls[T]) -> None:
        self._calls = calls
        self._questions: TTLCache[str, dict[str, list[str]]] = TTLCache(MOST_KEPT, KEPT_SECONDS)

    def send(self, message: Message) -> Outcome:
        payload, deadline = orjson.loads(message.payload or "{}"), time.monotonic() + SECONDS
        try:
            questions = self._questions_of(payload["dispatchId"], deadline)
        except NeighbourDown as error:
            return _failure(error)
        batch = {"DispatchID": payload["dispatchId"], "PreFill": list(_prefills(payload["records"], questions))}
        try:
            answer = self._calls.post("/api/dispatchRequest", [batch], deadline, {"BatchID": message.identity})
        except NeighbourDown as error:
            return Unclear("WxM did not say whether it took the batch") if _is_unclear(error) else _failure(error)
        return _outcome(answer)

    def check(self) -> str:
        """Whether that WxM answers is asked elsewhere (`doctor`)."""
        return ""

    def close(self) -> None:
        """Connections are the client's."""

    def _questions_of(self, dispatch: str, deadline: float) -> dict[str, list[str]]:
        """The questions of a dispatch's questionnaire, by tag."""
        if (known := self._questions.get(dispatch)) is None:
            questionnaire = self._calls.get(f"/api/Dispatches/{dispatch}", deadline)["questionnaireName"]
            documents = self._calls.get("/api/Questions/Active", deadline)
            own = [document for document in documents if questionnaire in catalogue.places(document)]
            known = self._questions[dispatch] = _by_tag(own)
        return known


def _by_tag(documents: Iterable[Document]) -> dict[str, list[str]]:
    by_tag: dict[str, list[str]] = {}
    for document in documents:
        for tag in document.get("questionTags") or ():
            by_tag.setdefault(str(tag).lower(), []).append(document["id"])
    return by_tag


def _prefills(records: Iterable[Document], questions: Mapping[str, list[str]]) -> Iterable[list[dict[str, Any]]]:
    """Each record by question; what a tag says counts where no question says it."""
    for record in records:
        tagged = record["tagged"].items()
        of_tags = {question: value for tag, value in tagged for question in questions.get(tag, ())}
        inputs = {**of_tags, **record["inputs"]}
        yield [{"QuestionId": question, "Input": str(value)} for question, value in inputs.items()]


def _outcome(answer: Any) -> Outcome:
    """By the status of the one dispatch that was sent; of some that were refused, WxM keeps why."""
    fields = {str(name).lower(): value for name, value in answer.items()} if isinstance(answer, dict) else {}
    statuses = fields.get("statusbydispatch")
    first = statuses[0] if isinstance(statuses, list) and statuses and isinstance(statuses[0], dict) else {}
    status = str({str(name).lower(): value for name, value in first.items()}.get("dispatchstatus", ""))
    if status in TAKEN:
        return Sent()
    # WxM's own words may hold what names somebody.
    return Permanent(
        f"WxM refused the dispatch ({status})" if status.isdecimal() else "WxM said nothing of the dispatch"
    )


def _failure(error: NeighbourDown) -> Outcome:
    status = getattr(error, "wxm_status", None)
    is_permanent = error.permanent if status is None else status not in PASSING
    return Permanent(error.detail) if is_permanent else Passing(error.detail, is_down=status is None)


def _is_unclear(error: NeighbourDown) -> bool:
    return isinstance(error.__cause__, NoAnswer)
