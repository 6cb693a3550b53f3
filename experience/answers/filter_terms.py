"""What one of `filterquestions` asks, and as few of them as say the same; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from foundation.errors import BadRequest

ANY_TEXT = "any text"


class FilterFault(BadRequest):
    """FilterBy cannot be applied; the detail names the field."""

    code = "filter_not_applied"
    title = "This filter cannot be applied"


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    """One of `filterquestions`: a comparison with `number`, or one of `texts`."""

    question: str
    sign: str | None
    number: float
    texts: tuple[str, ...]
    grouped: Literal["AND", "OR"] | None

    @property
    def is_alternative(self) -> bool:
        """Whether this or another one is enough."""
        return self.grouped == "OR"

    @property
    def wants_any_text(self) -> bool:
        return any(text.lower() == ANY_TEXT for text in self.texts)


def simplified(filters: Iterable[QuestionFilter]) -> tuple[QuestionFilter, ...]:
    """As few conditions as say the same.

    Of several bounds for one question the one that decides is left; texts of which any is enough become one list.
    """
    ordered = sorted(dict.fromkeys(filters), key=_kind)
    return tuple(wanted for _, alike in groupby(ordered, key=_kind) for wanted in _joined(list(alike)))


def _kind(wanted: QuestionFilter) -> tuple[bool, str, str, bool]:
    return wanted.is_alternative, wanted.question, wanted.sign or "", wanted.wants_any_text


def _joined(alike: list[QuestionFilter]) -> list[QuestionFilter]:
    first = alike[0]
    if first.sign in ("lt", "gt"):
        deciding = max if (first.sign == "lt") == first.is_alternative else min
        return [deciding(alike, key=lambda wanted: wanted.number)]
    if first.sign is None and first.is_alternative and not first.wants_any_text:
        return [replace(first, texts=tuple(dict.fromkeys(text for wanted in alike for text in wanted.texts)))]
    return alike
