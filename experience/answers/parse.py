"""WxM's Answer read into a row of the table `answers`: checked, its person found, its personal data in one form; pure.

Sources: docs/cisco/wxm-api.md §6 (Answer, Response), §5.2 (value slots), §8.3 (hashes).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, cast

import orjson

from experience.model import timestamps
from experience.model.answer_json import comment, off_scale_text
from experience.model.customer import customer_id
from experience.model.errors import BadAnswer
from experience.model.lengths import LONGEST_NAME
from experience.model.questions import Question
from experience.privacy import pii
from experience.questionnaires.catalogue import Catalogue
from foundation import invisible

_CONTACTS = frozenset({"mobile", "email"})
_ONE_FORM = _CONTACTS | {"customer_id"}
# In these no float can be.
_PLAIN = frozenset({str, int, bool, type(None)})
_WXMS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", re.ASCII)
# Below this a float is the number that was sent; JSON's readers make floats of whole numbers of more than 64 bits.
_EXACT = 2**53
# How a survey came to the customer, by WxM's surveyClient (docs/cisco/wxm-api.md §4.2).
_CHANNELS = {"js-microweb": "web", "inweb": "web", "alexa": "voice"}

Row = dict[str, Any]
Response = dict[str, Any]
Pair = tuple[Question, Response]


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
                row[question.role] = self._person(question, response)
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
        questions = self.catalogue.questions
        kept: list[Response] = []
        known: list[Pair] = []
        for sent in _list(answer):
            response = _checked(sent)
            question = questions.get(response["questionId"])
            if question is not None:
                if question.hashed or question.role in _ONE_FORM:
                    response = self._normalise(question, response, algorithm)
                known.append((question, response))
            kept.append(response)
        known.sort(key=_sequence)
        return kept, known

    def _normalise(self, question: Question, response: Response, algorithm: str) -> Response:
        """A customer id, a phone number or an address in its one form, and hashed what the question wants hashed.

        An id that names nobody is not hashed: nothing would tell it from a customer's any more.
        """
        text, number = response.get("textInput"), response.get("numberInput")
        if question.hashed and number and not question.scale:
            # It may be a customer's: hashed as a text, or left out beside one.
            text, response = text or str(number), {**response, "numberInput": None}
        if not text or pii.is_hashed(text):
            return response
        form = text
        if question.role == "mobile":
            form = pii.phone(text, self.region, self.prefixes) or text
        elif question.role == "email":
            form = pii.email(text) or text
        elif question.role == "customer_id":
            known = customer_id(text)
            if known is None:
                return response
            form = known
        return {**response, "textInput": pii.hashed(form, algorithm) if question.hashed else form}

    def _person(self, question: Question, response: Response) -> str | None:
        """Whose answer it is, or by whom: what a prefill says of a customer, an agent, a team or a channel."""
        value = text_of(question, response)
        if not value:
            return None
        if len(value) > LONGEST_NAME or "\0" in value:
            raise BadAnswer(f"question {question.id} holds no usable {question.role}")
        if question.role == "mobile" and not pii.is_hashed(value):
            # A text is in its one form by now; a number is not.
            value = pii.phone(value, self.region, self.prefixes) or value
        if question.role in _CONTACTS and not pii.is_contact(value):
            return None
        if question.role == "customer_id":
            return customer_id(value)
        return _channel(value) if question.role == "channel" else value


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
    others = [value for name, value in answer.items() if type(value) not in _PLAIN and name != "responses"]
    if _has_lost_digits(others):
        raise BadAnswer("holds a number that is too long to keep every digit: send it as text")
    notes = answer.get("notes") or []
    if not isinstance(notes, list) or not all(isinstance(note, dict) for note in notes):
        raise BadAnswer("notes is not a list of notes")


def _list(answer: Mapping[str, Any]) -> list[Any]:
    responses = answer.get("responses")
    if not isinstance(responses, list):
        raise BadAnswer("responses is not a list")
    return responses


def _checked(response: Any) -> Response:
    """A response that names its question; a whole number in it is whole as WxM has it: its clients cannot read 9.0."""
    identity = response.get("questionId") if isinstance(response, dict) else None
    if not isinstance(identity, str):
        raise BadAnswer("a response without a questionId")
    text, number = response.get("textInput"), response.get("numberInput")
    if text is not None and type(text) is not str:
        raise BadAnswer(f"question {identity}: textInput is not text")
    if number is None or type(number) is int:
        return cast(Response, response)
    if type(number) is not float or not math.isfinite(number):
        raise BadAnswer(f"question {identity}: numberInput is not a number")
    if abs(number) >= _EXACT:
        raise BadAnswer(f"question {identity}: numberInput is too long to keep every digit: send it as textInput")
    return {**response, "numberInput": int(number)} if number.is_integer() else response


def _sequence(pair: Pair) -> int:
    return pair[0].sequence


def text_of(question: Question, response: Mapping[str, Any]) -> str:
    """What was answered to a question that is no scale; of a number its digits."""
    if text := response.get("textInput"):
        return invisible.removed(str(text)).strip()
    number = response.get("numberInput") if question.numeric else None
    return "" if number is None else str(number)


def scale_fault(question: Question, response: Mapping[str, Any]) -> str:
    """Why a number is no answer to a question; empty where it is, or where there is none."""
    number = _number(question, response)
    return "" if number is None else _off_scale(question, number)


def _number(question: Question, response: Mapping[str, Any]) -> float | None:
    """What answers a scale; None where nothing does, or only the zero beside a text."""
    number: float | None = response.get("numberInput")
    if number is None or not question.scale:
        return None
    # Only a zero may be no answer.
    return None if number == 0 and off_scale_text(question, number, response.get("textInput")) else number


def _off_scale(question: Question, number: float) -> str:
    low, high = question.scale or (number, number)
    if not low <= number <= high:
        return f"question {question.id}: {number} is not on the scale {low} to {high}"
    return "" if number == int(number) else f"question {question.id}: {number} is not a whole number"


def _score(row: Row, question: Question, response: Response) -> None:
    number = _number(question, response)
    if number is None:
        return
    if fault := _off_scale(question, number):
        raise BadAnswer(fault)
    if question.metric and row[question.metric] is None:
        row[question.metric] = int(number)
        if question.metric == "ces" and question.scale:
            row["ces_low"], row["ces_high"] = question.scale


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


def _has_lost_digits(value: object) -> bool:
    """Whether a number in it is a float only because it is too long for JSON's reader."""
    if isinstance(value, dict):
        return any(map(_has_lost_digits, value.values()))
    if isinstance(value, list):
        return any(map(_has_lost_digits, value))
    return isinstance(value, float) and abs(value) >= _EXACT
