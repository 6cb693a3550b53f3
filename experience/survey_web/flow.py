"""Which questions a customer sees, on which pages, by what was answered so far; pure."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experience.answers.filter_terms import QuestionFilter
from experience.questionnaires.page_settings import PageSettings
from experience.survey_web.items import Item, Piping, without_picture

_SIGNS = {"lt": operator.lt, "gt": operator.gt, "eq": operator.eq}
# Responses by the ids of their questions: what the customer answered, and what was known beforehand.
Responses = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Survey:
    """A questionnaire as this page asks it."""

    name: str
    title: str
    page: PageSettings
    items: tuple[Item, ...]
    languages: tuple[str, ...]
    language_questions: frozenset[str] = frozenset()

    @property
    def is_paged(self) -> bool:
        """One question a page: where it is wanted, and where a question depends on what is answered before it."""
        return self.page.one_question_a_page or any(
            item.sources & {other.id for other in self.items} for item in self.items
        )


def visible(items: Iterable[Item], responses: Responses) -> list[Item]:
    """The questions that are asked. What is not asked any more counts as not answered for those behind it."""
    ordered = list(items)
    known = dict(responses)
    shown = []
    for item in ordered:
        if _is_met(item.conditions, known):
            shown.append(item)
        else:
            known.pop(item.id, None)
    return shown


def options_of(item: Item, items: Iterable[Item], responses: Responses) -> tuple[str, ...]:
    """The options of a question; those that depend on another answer, where that gives any."""
    by_id = {other.id: other for other in items}
    piped = [option for piping in item.pipings for option in _piped(piping, by_id, responses)]
    return tuple(dict.fromkeys(piped)) or item.options


def chosen(text: str, options: Iterable[str]) -> list[str]:
    """The options in a text that joins them by commas; one that holds a comma itself is found first."""
    rest, picked = f",{text},", set()
    for option in sorted(options, key=len, reverse=True):
        if f",{option}," in rest:
            rest = rest.replace(f",{option},", ",", 1)
            picked.add(option)
    return [option for option in options if option in picked]


def place_of(shown: Iterable[Item], wanted: str | None) -> str | None:
    """The id of the question to ask: the one that is wanted, else the first; None where there is none."""
    ids = [item.id for item in shown]
    return wanted if wanted in ids else ids[0] if ids else None


def beside(shown: Iterable[Item], place: str, step: int) -> str | None:
    """The question so many steps away; None beyond the last, and the first before it."""
    ids = [item.id for item in shown]
    position = max(0, (ids.index(place) if place in ids else -1) + step)
    return ids[position] if position < len(ids) else None


def missing(shown: Iterable[Item], responses: Responses) -> list[Item]:
    """Required questions without an answer."""
    return [item for item in shown if item.is_required and item.id not in responses]


def _is_met(conditions: Iterable[QuestionFilter], responses: Responses) -> bool:
    alternatives: list[bool] = []
    together: list[bool] = []
    for condition in conditions:
        (alternatives if condition.is_alternative else together).append(_holds(condition, responses))
    return all(together) and (not alternatives or any(alternatives))


def _holds(condition: QuestionFilter, responses: Responses) -> bool:
    response = responses.get(condition.question, {})
    text, number = str(response.get("textInput") or ""), response.get("numberInput")
    if condition.sign:
        if number is None or text:
            return False
        return bool(_SIGNS[condition.sign](number, condition.number))
    if condition.wants_any_text:
        return bool(text.strip())
    wanted = {without_picture(option) for option in condition.texts}
    return not wanted.isdisjoint({text, *text.split(","), *([str(number)] if number is not None else [])})


def _piped(piping: Piping, by_id: Mapping[str, Item], responses: Responses) -> Iterable[str]:
    text = str(responses.get(piping.question, {}).get("textInput") or "")
    source = by_id[piping.question].options if piping.question in by_id else ()
    values = chosen(text, source) if source else [text] if text else []
    if piping.by_value:
        yield from (option for value in values for option in piping.by_value.get(value, ()))
    else:
        yield from (option for option in source if option not in values) if piping.unselected else values
    yield from piping.always
