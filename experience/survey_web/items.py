"""What the survey page asks: WxM's questions as fields of a form, their words by language; pure.

Sources: docs/cisco/wxm-api.md §5.1 (fields), §5.2 (display types), §5.4 (conditions).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from experience.answers.filter_terms import FilterFault, QuestionFilter
from experience.answers.filters import read_filter
from experience.model.questions import read_question
from experience.model.scores import Scale
from experience.questionnaires.yaml_format import BASE_LANGUAGE

Kind = Literal["scale", "stars", "smiles", "number", "date", "choice", "choices", "dropdown", "text", "multiline"]
# More steps than fit beside each other under thumbs are typed.
MOST_STEPS = 11
_KINDS: dict[str, Kind] = {
    **{"number": "number", "date": "date", "text": "text", "multilinetext": "multiline"},
    **{"select": "choice", "multiselect": "choices", "dropdown": "dropdown"},
}
_WITH_STEPS: tuple[tuple[str, Kind], ...] = (("star", "stars"), ("smile", "smiles"), ("", "scale"))
_ENDS = re.compile(r"\s*-?\d{1,9};(.*?)\s*-\s*\d{1,9};(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Words:
    """A question in one language: its text, the words at the ends of its scale, the labels of its options."""

    text: str
    ends: tuple[str, str] | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piping:
    """Options that depend on what was answered to another question (`pipingOptions`)."""

    question: str
    unselected: bool
    always: tuple[str, ...]
    by_value: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `options` are the texts that answers carry, whatever the language of their labels."""

    id: str
    kind: Kind
    is_required: bool
    scale: Scale | None
    options: tuple[str, ...]
    words: Mapping[str, Words]
    conditions: tuple[QuestionFilter, ...]
    pipings: tuple[Piping, ...]

    @property
    def has_steps(self) -> bool:
        return self.kind in ("scale", "stars", "smiles")

    @property
    def is_numeric(self) -> bool:
        return self.has_steps or self.kind in ("number", "date")

    @property
    def sources(self) -> frozenset[str]:
        """The questions whose answers decide that it is asked, or by which options it is answered."""
        return frozenset((*(part.question for part in self.conditions), *(part.question for part in self.pipings)))

    def words_in(self, language: str) -> Words:
        return self.words.get(language) or self.words[BASE_LANGUAGE]


def read_items(documents: Iterable[Mapping[str, Any]]) -> tuple[Item, ...]:
    """The questions that a customer is asked, in their order; what staff or programs fill in is left out."""
    items = (_item(document) for document in documents if not document.get("isRetired"))
    return tuple(item for item in items if item is not None)


def _item(document: Mapping[str, Any]) -> Item | None:
    question = read_question(document)
    kind = _kind(str(document.get("displayType") or "Text").lower(), question.scale)
    if kind is None or question.prefill:
        return None
    translated = document.get("translated")
    spoken = {BASE_LANGUAGE: document, **(translated if isinstance(translated, Mapping) else {})}
    return Item(
        id=question.id,
        kind=kind,
        is_required=document.get("isRequired") is True,
        scale=question.scale,
        options=() if question.scale else _options(document.get("multiSelect")),
        words={
            str(language).lower(): _words(words, document, question.scale)
            for language, words in spoken.items()
            if isinstance(words, Mapping) and words.get("text")
        }
        or {BASE_LANGUAGE: Words("", None, ())},
        conditions=_conditions(document.get("conditionalFilter")),
        pipings=tuple(map(_piping, _mappings(document.get("pipingOptions")))),
    )


def _kind(display: str, scale: Scale | None) -> Kind | None:
    """None for what this page cannot ask: files, flags, an order of options."""
    if display in _KINDS:
        return _KINDS[display]
    if not (scale or display.startswith(("scale", "slider", "metric"))):
        return None
    if scale is None or scale[1] - scale[0] >= MOST_STEPS:
        return "number"
    return next(kind for start, kind in _WITH_STEPS if display.startswith(start))


def _words(words: Mapping[str, Any], base: Mapping[str, Any], scale: Scale | None) -> Words:
    texts = _texts(words.get("multiSelect")) or _texts(base.get("multiSelect"))
    if scale is None:
        return Words(str(words["text"]), None, _options(texts))
    match = _ENDS.fullmatch(texts[0]) if texts else None
    legend = _texts(words.get("displayLegend"))
    ends = (match[1], match[2]) if match else (legend[0], legend[-1]) if len(legend) > 1 else None
    return Words(str(words["text"]), ends, ())


def _options(values: object) -> tuple[str, ...]:
    """An option may carry a picture behind a semicolon: `Yes;yes.png`."""
    return tuple(dict.fromkeys(text for value in _texts(values) if (text := without_picture(value))))


def without_picture(option: str) -> str:
    return option.partition(";")[0].strip()


def _conditions(sent: object) -> tuple[QuestionFilter, ...]:
    """What must be met; a condition that cannot be understood hides nothing."""
    try:
        return read_filter(sent).question_filters if isinstance(sent, Mapping) else ()
    except FilterFault:
        return ()


def _piping(sent: Mapping[str, Any]) -> Piping:
    dynamic = sent.get("dynamicOptions")
    return Piping(
        question=str(sent.get("questionId") or ""),
        unselected=sent.get("shouldPipeUnselected") is True,
        always=_options(sent.get("defaultOptions")),
        by_value={
            str(value): _options(options)
            for value, options in (dynamic.items() if isinstance(dynamic, Mapping) else ())
        },
    )


def _texts(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list | tuple) else []


def _mappings(values: object) -> list[Mapping[str, Any]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
