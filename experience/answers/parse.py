"""WxM's Answer read into a row of the table `answers`: checked, its person found, its personal data in one form; pure.

Sources: docs/cisco/wxm-api.md §6 (Answer, Response), §5.2 (value slots), §8.3 (hashes).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import orjson

from experience.model import timestamps
from experience.model.answer_json import comment, off_scale_text
from experience.model.lengths import LARGEST_ANSWER, LONGEST_NAME, LONGEST_NOTE, LONGEST_TEXT, MOST_RESPONSES
from experience.model.questions import Question
from experience.privacy import pii
from experience.questionnaires.catalogue import Catalogue

_CONTACTS = frozenset({"mobile", "email"})
_WXMS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", re.ASCII)
# Up to here a float is the whole number that was sent.
_EXACT = 2**53
# How a survey came to the customer, by WxM's surveyClient (docs/cisco/wxm-api.md §4.2).
_CHANNELS = {"js-microweb": "web", "inweb": "web", "alexa": "voice"}

Row = dict[str, Any]
Response = dict[str, Any]
Pair = tuple[Question, Response]


class BadAnswer(ValueError):
    """An answer cannot be taken; the message says why and shows nothing personal."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads answers: days are days in `zone`; `region` and `prefixes` are for `pii.phone`."""

    catalogue: Catalogue
    zone: tzinfo
    region: str | None = None
    prefixes: tuple[str, ...] = ()

    def read(self, answer: object) -> Row:
        """A row of `answers`. Raises BadAnswer."""
        if not isinstance(answer, dict):
            raise BadAnswer("not an object")
        _check_fields(answer)
        identity, questionnaire = _name(answer, "id"), _name(answer, "locationId")
        responded_at = moment(answer.get("responseDateTime"))
        row: Row = {
            "id": identity,
            "questionnaire": questionnaire,
            "responded_at": timestamps.to_micros(responded_at),
            "day": self._day(responded_at),
            **_NOTHING,
        }
        responses, known = self._responses(answer, self.catalogue.algorithm(questionnaire))
        for question, response in known:
            if question.scale:
                _score(row, question, response)
            if question.role and row[question.role] is None:
                row[question.role] = _person(question, response)
        row["channel"] = row["channel"] or _channel(answer.get("surveyClient"))
        row["commented_at"] = row["responded_at"] if comment(known) else None
        kept = {
            **answer,
            "responseDateTime": _as_wxm_writes(answer["responseDateTime"], responded_at),
            "responses": responses,
        }
        row["document"] = _document(kept)
        return row

    def _day(self, responded_at: datetime) -> int:
        try:
            return timestamps.day_number(responded_at.astimezone(self.zone).date())
        except OverflowError:
            raise BadAnswer("responseDateTime is out of range") from None

    def _responses(self, answer: Mapping[str, Any], algorithm: str) -> tuple[list[Response], list[Pair]]:
        """The responses as they are kept, and those to known questions in the questionnaire's order."""
        kept: list[Response] = []
        known: list[Pair] = []
        for sent in _list(answer):
            question = self.catalogue.questions.get(_checked(sent))
            response = _whole(sent)
            if question and (question.hashed or question.role in _CONTACTS):
                response = self._normalise(question, response, algorithm)
            kept.append(response)
            if question is None:
                continue
            known.append((question, response))
        known.sort(key=_sequence)
        return kept, known

    def _normalise(self, question: Question, response: Response, algorithm: str) -> Response:
        """A phone number or an address in its one form, and hashed what the question wants hashed."""
        text = response.get("textInput")
        if not text or pii.is_hashed(text):
            return response
        form = text
        if question.role == "mobile":
            form = pii.phone(text, self.region, self.prefixes) or text
        elif question.role == "email":
            form = pii.email(text) or text
        return {**response, "textInput": pii.hashed(form, algorithm) if question.hashed else form}


def check_lengths(answer: object, largest: int = LARGEST_ANSWER) -> None:
    """Refuse a new answer that is too long to be shown, by the name of its field. Raises BadAnswer.

    What is kept already is not judged by it: it must be read anew whatever its length.
    """
    if not isinstance(answer, Mapping):
        return
    responses, notes = (_mappings(answer.get(name)) for name in ("responses", "notes"))
    if len(responses) > MOST_RESPONSES:
        raise BadAnswer(f"responses: at most {MOST_RESPONSES}")
    for response in responses:
        identity = str(response.get("questionId"))
        if len(identity) > LONGEST_NAME:
            raise BadAnswer(f"a response whose questionId has more than {LONGEST_NAME} letters")
        for name in ("textInput", "questionText"):
            if len(str(response.get(name) or "")) > LONGEST_TEXT:
                raise BadAnswer(f"question {identity}: {name} has more than {LONGEST_TEXT} characters")
    if any(len(str(note.get("note") or "")) > LONGEST_NOTE for note in notes):
        raise BadAnswer(f"notes: holds one of more than {LONGEST_NOTE} characters")
    if _size(answer) > largest:
        raise BadAnswer(f"has more than {largest // 1024} KiB in all")


def _size(answer: Mapping[str, Any]) -> int:
    """Bytes of its JSON; of what JSON cannot carry reading says so."""
    try:
        return len(orjson.dumps(answer))
    except (TypeError, ValueError):
        return 0


def _mappings(values: object) -> list[Mapping[str, Any]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


_NOTHING: Row = dict.fromkeys(
    ("customer_id", "email", "mobile", "agent_id", "team_id", "channel", "nps", "csat", "ces", "ces_low", "ces_high")
)


def _name(answer: Mapping[str, Any], field: str) -> str:
    value = answer.get(field)
    if not isinstance(value, str) or not value.strip():
        raise BadAnswer(f"{field} is missing")
    if len(value) > LONGEST_NAME or "\0" in value:
        raise BadAnswer(f"{field} is not a name of at most {LONGEST_NAME} letters")
    return value


def moment(value: object) -> datetime:
    """When an answer was given: UTC, ISO-8601 with or without a Z (docs/cisco/wxm-api.md §1). Raises BadAnswer."""
    if not isinstance(value, str):
        raise BadAnswer("responseDateTime is missing")
    try:
        at = timestamps.parse(value)
    except ValueError:
        at = None
    if at is None or len(value) <= len("2026-11-08T03"):
        raise BadAnswer("responseDateTime is not a time like 2026-11-08T03:12:44Z")
    return at


def _as_wxm_writes(written: str, at: datetime) -> str:
    """A moment as WxM writes it; one that is written so keeps its fraction."""
    return written if _WXMS.fullmatch(written) else timestamps.format_utc(at, "auto")


def _check_fields(answer: Mapping[str, Any]) -> None:
    """What filters and notes rest on."""
    if not isinstance(answer.get("archived"), bool | None):
        raise BadAnswer("archived is neither true nor false")
    notes = answer.get("notes") or []
    if not isinstance(notes, list) or not all(isinstance(note, dict) for note in notes):
        raise BadAnswer("notes is not a list of notes")


def _list(answer: Mapping[str, Any]) -> list[Any]:
    responses = answer.get("responses")
    if not isinstance(responses, list):
        raise BadAnswer("responses is not a list")
    return responses


def _checked(response: Any) -> str:
    """The id of the question that a response answers."""
    identity = response.get("questionId") if isinstance(response, dict) else None
    if not isinstance(identity, str):
        raise BadAnswer("a response without a questionId")
    text, number = response.get("textInput"), response.get("numberInput")
    if text is not None and type(text) is not str:
        raise BadAnswer(f"question {identity}: textInput is not text")
    if number is not None and type(number) is not int and not (type(number) is float and math.isfinite(number)):
        raise BadAnswer(f"question {identity}: numberInput is not a number")
    return identity


def _whole(response: Response) -> Response:
    """A response whose number is whole as WxM has it: its clients cannot read 9.0."""
    number = response.get("numberInput")
    if isinstance(number, float) and number.is_integer() and abs(number) < _EXACT:
        return {**response, "numberInput": int(number)}
    return response


def _sequence(pair: Pair) -> int:
    return pair[0].sequence


def _person(question: Question, response: Response) -> str | None:
    """Whose answer it is, or by whom: what a prefill says of a customer, an agent, a team or a channel."""
    text, number = response.get("textInput"), response.get("numberInput")
    value = text.strip() if text else str(number) if question.numeric and number is not None else ""
    if not value:
        return None
    if len(value) > LONGEST_NAME or "\0" in value:
        raise BadAnswer(f"question {question.id} holds no usable {question.role}")
    if question.role in _CONTACTS and not pii.is_contact(value):
        return None
    return _channel(value) if question.role == "channel" else value


def _score(row: Row, question: Question, response: Response) -> None:
    number = response.get("numberInput")
    if number is None or not question.scale or off_scale_text(question, number, response.get("textInput")):
        return
    low, high = question.scale
    if number != int(number):
        raise BadAnswer(f"question {question.id}: {number} is not a whole number")
    if not low <= number <= high:
        raise BadAnswer(f"question {question.id}: {number} is not on the scale {low} to {high}")
    if question.metric and row[question.metric] is None:
        row[question.metric] = int(number)
        if question.metric == "ces":
            row["ces_low"], row["ces_high"] = low, high


def _channel(client: object) -> str | None:
    if not isinstance(client, str) or not client.strip() or len(client) > LONGEST_NAME or "\0" in client:
        return None
    name = client.strip().lower()
    return "app" if name.startswith("inapp-") else _CHANNELS.get(name, name)


def _document(answer: Mapping[str, Any]) -> str:
    try:
        return orjson.dumps(answer).decode()
    except (TypeError, ValueError):
        raise BadAnswer("holds text or numbers that JSON cannot carry") from None
