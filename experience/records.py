"""WxM's Answer read into a row of the table `answers`: checked, its person found, its personal data in one form; pure.

Sources: contract/wxm-api.md §6 (Answer, Response), §5.2 (value slots), §8 (hashes).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import orjson

from experience import pii
from experience.questionnaires import Catalogue
from experience.questions import Question
from experience.tallies import day_number
from experience.telling import off_scale_text

LONGEST_NAME = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# How a survey came to the customer, by WxM's surveyClient (contract/wxm-api.md §4.2).
_CHANNELS = {"js-microweb": "web", "inweb": "web", "alexa": "voice"}

Row = dict[str, Any]
Response = dict[str, Any]


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
        questionnaire = _name(answer, "locationId")
        responded_at = _moment(answer.get("responseDateTime"))
        row: Row = {
            "id": _name(answer, "id"),
            "questionnaire": questionnaire,
            "responded_at": (responded_at - _EPOCH) // _MICROSECOND,
            "day": self._day(responded_at),
            **_NOTHING,
        }
        responses = self._kept(_responses(answer), self.catalogue.algorithm(questionnaire))
        self._fill(row, responses)
        row["channel"] = row["channel"] or _channel(answer.get("surveyClient"))
        row["document"] = _document({**answer, "responses": responses})
        return row

    def _day(self, responded_at: datetime) -> int:
        try:
            return day_number(responded_at.astimezone(self.zone).date())
        except OverflowError:
            raise BadAnswer("responseDateTime is out of range") from None

    def _kept(self, responses: list[Response], algorithm: str) -> list[Response]:
        """The responses with phone numbers and addresses in one form, and hashed where the question says so."""
        return [self._in_one_form(response, algorithm) for response in responses]

    def _in_one_form(self, response: Response, algorithm: str) -> Response:
        question = self.catalogue.questions.get(response["questionId"])
        text = response.get("textInput")
        if not text or question is None or not (question.hashed or question.role in ("mobile", "email")):
            return response
        if pii.is_hashed(text):
            return response
        found = self._contact(question, text) or text
        return {**response, "textInput": pii.hashed(found, algorithm) if question.hashed else found}

    def _contact(self, question: Question, text: str) -> str | None:
        if question.role == "mobile":
            return pii.phone(text, self.region, self.prefixes)
        return pii.email(text) if question.role == "email" else text

    def _fill(self, row: Row, responses: list[Response]) -> None:
        """Scores and person: of each, the first that was answered, by sequence."""
        known = self.catalogue.questions
        pairs = [(known[response["questionId"]], response) for response in responses if response["questionId"] in known]
        pairs.sort(key=lambda pair: pair[0].sequence)
        for question, response in pairs:
            if question.scale:
                _score(row, question, response)
            if question.role and row[question.role] is None:
                row[question.role] = self._person(question, response)

    def _person(self, question: Question, response: Response) -> str | None:
        text, number = response.get("textInput"), response.get("numberInput")
        value = text.strip() if text else str(number) if question.numeric and number is not None else ""
        if len(value) > LONGEST_NAME or "\0" in value:
            raise BadAnswer(f"question {question.id} holds no usable {question.role}")
        if not value or pii.is_hashed(value):
            return value or None
        if question.role == "channel":
            return _channel(value)
        return self._contact(question, value)


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


def _moment(value: object) -> datetime:
    """WxM's moments are UTC, ISO-8601 with or without a Z (contract/wxm-api.md §1)."""
    if not isinstance(value, str):
        raise BadAnswer("responseDateTime is missing")
    try:
        found = datetime.fromisoformat(value)
        whole = len(value) > len("2026-11-08T03")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC) if whole else _no_moment()
    except (ValueError, OverflowError):
        return _no_moment()


def _no_moment() -> datetime:
    raise BadAnswer("responseDateTime is not a time like 2026-11-08T03:12:44Z")


def _responses(answer: Mapping[str, Any]) -> list[Response]:
    found = answer.get("responses")
    if not isinstance(found, list):
        raise BadAnswer("responses is not a list")
    for response in found:
        _check(response)
    return found


def _check(response: object) -> None:
    if not isinstance(response, dict) or not isinstance(response.get("questionId"), str):
        raise BadAnswer("a response without a questionId")
    text, number = response.get("textInput"), response.get("numberInput")
    if text is not None and not isinstance(text, str):
        raise BadAnswer(f"question {response['questionId']}: textInput is not text")
    if number is None or type(number) is int:
        return
    if type(number) is not float or not math.isfinite(number):
        raise BadAnswer(f"question {response['questionId']}: numberInput is not a number")


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
