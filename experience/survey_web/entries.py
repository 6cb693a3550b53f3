"""What a customer entered, as WxM's responses, and back as it stands in the form; pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from experience.model.lengths import LONGEST_TEXT
from experience.privacy import pii
from experience.survey_web.flow import Responses, chosen, options_of
from experience.survey_web.items import Item

PREFIX = "q:"
# Below this a number keeps every digit.
LARGEST_NUMBER = 2**53
_NUMBER = re.compile(r"[+-]?\d{1,16}(?:[.,]\d{1,12})?", re.ASCII)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)

Response = dict[str, Any]


class EntryError(ValueError):
    """What was entered is no answer; the message is a key of the locale files."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What came with a form: responses, the questions that were left blank, and errors by question."""

    responses: Mapping[str, Response]
    blank: frozenset[str]
    errors: Mapping[str, str]


def read(page: Sequence[Item], items: Iterable[Item], form: Mapping[str, list[str]], known: Responses) -> Entered:
    """The form of some questions; of `items`, all there are, and what is known of them, options may depend."""
    every = tuple(items)
    responses: dict[str, Response] = {}
    blank: set[str] = set()
    errors: dict[str, str] = {}
    for item in page:
        values = [value for value in map(_cleaned, form.get(f"{PREFIX}{item.id}", ())) if value]
        if not values:
            # What is kept as a hash alone is not shown again, and stays where nothing else is entered.
            if not is_hidden(known.get(item.id)):
                blank.add(item.id)
            continue
        try:
            responses[item.id] = _response(item, _value(item, options_of(item, every, known), values))
        except EntryError as error:
            errors[item.id] = str(error)
    return Entered(responses, frozenset(blank), errors)


def shown(item: Item, response: Mapping[str, Any] | None, options: Sequence[str]) -> list[str]:
    """A response as the form of its question shows it."""
    if response is None or is_hidden(response):
        return []
    text, number = str(response.get("textInput") or ""), response.get("numberInput")
    if item.kind == "choices":
        return chosen(text, options)
    if not item.is_numeric:
        return [text]
    if number is None:
        return []
    return [_date_text(int(number)) if item.kind == "date" else str(number)]


def is_hidden(response: Mapping[str, Any] | None) -> bool:
    """Whether a response is kept as a hash."""
    return bool(response) and pii.is_hashed(str((response or {}).get("textInput") or ""))


def _cleaned(value: str) -> str:
    """Browsers end lines by CR LF; a NUL no database keeps."""
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()


def _response(item: Item, value: str | float) -> Response:
    text, number = (value, None) if isinstance(value, str) else (None, value)
    return {
        "questionId": item.id,
        "questionText": item.words_in("").text,
        "textInput": text,
        "numberInput": number if item.is_numeric else 0,
    }


def _value(item: Item, options: Sequence[str], values: Sequence[str]) -> str | float:
    """Raises EntryError."""
    if item.kind == "choices":
        picked = [option for option in options if option in values]
        if len(picked) < len(set(values)):
            raise EntryError("errors.option")
        return ",".join(picked)
    value = values[-1]
    if item.kind in ("choice", "dropdown"):
        if value not in options:
            raise EntryError("errors.option")
        return value
    if item.kind == "date":
        return _date(value)
    if item.is_numeric:
        return _number(item, value)
    if len(value) > LONGEST_TEXT:
        raise EntryError("errors.long")
    return value


def _number(item: Item, value: str) -> float:
    plain = value.replace(" ", "")
    if not _NUMBER.fullmatch(plain):
        raise EntryError("errors.number")
    number = float(plain.replace(",", "."))
    low, high = item.scale or (-math.inf, math.inf)
    if not low <= number <= high or abs(number) >= LARGEST_NUMBER or (item.scale and not number.is_integer()):
        raise EntryError("errors.range" if item.scale else "errors.number")
    return int(number) if number.is_integer() else number


def _date(value: str) -> int:
    """yyyymmdd (docs/cisco/wxm-api.md §5.2)."""
    match = _DATE.fullmatch(value)
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        raise EntryError("errors.date")
    return day.year * 10_000 + day.month * 100 + day.day


def _date_text(number: int) -> str:
    return f"{number // 10_000:04}-{number // 100 % 100:02}-{number % 100:02}"
