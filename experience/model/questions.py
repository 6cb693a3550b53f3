"""What one question of a questionnaire means: its kind, scale, metric and role, read from WxM's Question; pure.

Sources: docs/cisco/wxm-api.md §5.1 (fields), §5.2 (display types and value slots), §5.3 (tags, in any case).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from experience.model.lengths import LONGEST_CHOICE, LONGEST_NAME, LONGEST_QUESTION, cut
from experience.model.scores import CSAT_SCALE, NPS_SCALE, Scale

Kind = Literal["scale", "text", "choice"]

ROLES = {
    "cc_customerid": "customer_id",
    "cc_agentid": "agent_id",
    "cc_teamid": "team_id",
    "cc_channel": "channel",
    "mobile": "mobile",
    "email": "email",
}
_CONTACTS = frozenset({"mobile", "email"})
METRICS = ("nps", "csat", "ces")
CHOICES = frozenset({"select", "dropdown", "multiselect", "orderby", "flag"})

_METRIC_TAGS: dict[str, tuple[str, Scale | None]] = {
    "nps": ("nps", NPS_SCALE),
    "csat": ("csat", CSAT_SCALE),
    "csat_satisfaction_5": ("csat", CSAT_SCALE),
    "csat_agreement_5": ("csat", CSAT_SCALE),
    "ces_agree_5": ("ces", (1, 5)),
    "ces_agree_7": ("ces", (1, 7)),
    "ces_effort_5": ("ces", (1, 5)),
    "ces_effort_7": ("ces", (1, 7)),
    "ces": ("ces", None),
}
_LISTS = ("displayLocation", "multiSelect", "questionTags")
_FLAGS = ("apiFill", "isRetired", "restrictedData", "staffFill")
_RANGE = re.compile(r"\s*(-?\d{1,9})(?:;.*?)?\s*-\s*(\d{1,9})(?:;.*)?\s*", re.DOTALL)
_NUMERIC = re.compile(r"(?:scale|slider|number|date|metric).*|.*-\d+", re.IGNORECASE)
_COUNTED = re.compile(r".*-(\d{1,2})")


class QuestionFault(ValueError):
    """A question cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `metric` is set where its answers are scored on `scale`, `role` where it says whose they are.

    What is answered to one that is `personal` is shown masked.
    """

    id: str
    sequence: int
    text: str
    kind: Kind
    numeric: bool
    scale: Scale | None
    metric: str | None
    role: str | None
    prefill: bool
    comment: bool
    multiline: bool
    hashed: bool
    personal: bool
    restricted: bool


def read_question(document: Mapping[str, Any]) -> Question:
    """WxM's Question as this platform uses it. Raises QuestionFault."""
    identity = document.get("id")
    if not isinstance(identity, str) or not identity or "\0" in identity:
        raise QuestionFault("a question without an id")
    tags = [tag.lower() for tag in _strings(document, "questionTags")]
    display = document.get("displayType") or "Text"
    if not isinstance(display, str):
        raise QuestionFault(f"question {identity}: displayType is not text")
    metric, scale = _metric(tags, declared_range(document))
    return Question(
        id=identity,
        sequence=_sequence(document, identity),
        text=str(document.get("text") or ""),
        kind="scale" if scale else "choice" if display.lower() in CHOICES else "text",
        numeric=bool(_NUMERIC.fullmatch(display)),
        scale=scale,
        metric=metric,
        role=next((ROLES[tag] for tag in tags if tag in ROLES), None),
        prefill=bool(document.get("apiFill") or document.get("staffFill")) or any(tag[:3] == "cc_" for tag in tags),
        comment="comments" in tags,
        multiline=display.lower() == "multilinetext",
        hashed=_is_hashed(document),
        personal=not _CONTACTS.isdisjoint(tags) or (scale is None and _is_pii(document)),
        restricted=document.get("restrictedData") is True,
    )


def check_fields(document: Mapping[str, Any]) -> None:
    """Refuse what would be kept and could mean nothing here, or could not be found again. Raises QuestionFault."""
    identity = document["id"]
    if len(identity) > LONGEST_NAME or "/" in identity:
        raise QuestionFault(f"question {identity[:LONGEST_NAME]}: an id has at most {LONGEST_NAME} letters, no slash")
    for name in _FLAGS:
        if not isinstance(document.get(name), bool | None):
            raise QuestionFault(f"question {identity}: {name} is neither true nor false")
    for name in _LISTS:
        values = document.get(name) or []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise QuestionFault(f"question {identity}: {name} is not a list of texts")
    if any(len(place) > LONGEST_NAME for place in document.get("displayLocation") or ()):
        raise QuestionFault(f"question {identity}: displayLocation holds a name of more than {LONGEST_NAME} letters")
    _check_lengths(document, f"question {identity}")
    for language, words in _mapping(document, "translated").items():
        _check_lengths(words, f"question {identity}: translated[{cut(str(language), LONGEST_NAME)}]")


def _check_lengths(words: object, where: str) -> None:
    """Refuse what is too long to be shown. Raises QuestionFault."""
    if not isinstance(words, Mapping):
        return
    if len(str(words.get("text") or "")) > LONGEST_QUESTION:
        raise QuestionFault(f"{where}: text has more than {LONGEST_QUESTION} characters")
    if any(len(choice) > LONGEST_CHOICE for choice in _strings(words, "multiSelect")):
        raise QuestionFault(f"{where}: multiSelect holds a choice of more than {LONGEST_CHOICE} characters")


def _mapping(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def declared_range(document: Mapping[str, Any]) -> Scale | None:
    """The range that a scale question declares: in `multiSelect`, else in a display type such as Star-5."""
    display = str(document.get("displayType") or "")
    if not _NUMERIC.fullmatch(display):
        return None
    options = _strings(document, "multiSelect")
    match = _RANGE.fullmatch(options[0]) if options else None
    if match and int(match[1]) < int(match[2]):
        return int(match[1]), int(match[2])
    counted = _COUNTED.fullmatch(display)
    return (1, int(counted[1])) if counted and int(counted[1]) > 1 else None


def metric_of(tags: list[str]) -> tuple[str, Scale | None] | None:
    """The metric that a question's tags name, with the scale where the tag fixes it."""
    metrics = [_METRIC_TAGS[tag.lower()] for tag in tags if tag.lower() in _METRIC_TAGS]
    # CES beside ces_effort_7 is one metric named twice: the exacter tag knows the scale.
    return next((entry for entry in metrics if entry[0] == metrics[0][0] and entry[1]), metrics[0] if metrics else None)


def _metric(tags: list[str], declared: Scale | None) -> tuple[str | None, Scale | None]:
    """The metric and the scale. A question whose range is not its metric's is a scale like any other, not scored."""
    named = metric_of(tags)
    if not named:
        return None, declared
    metric, scale = named
    if scale is None or declared is None or scale == declared:
        return (metric if scale or declared else None), scale or declared
    return None, declared


def _strings(document: Mapping[str, Any], name: str) -> list[str]:
    return list(_only_text(document.get(name)))


def _only_text(values: Any) -> Iterator[str]:
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, str))


def _sequence(document: Mapping[str, Any], identity: str) -> int:
    sequence = document.get("sequence") or 0
    if isinstance(sequence, bool) or not isinstance(sequence, int) or abs(sequence) > 2**31 - 1:
        raise QuestionFault(f"question {identity}: sequence is not a whole number")
    return sequence


def _is_pii(document: Mapping[str, Any]) -> bool:
    settings = document.get("piiSettings")
    return isinstance(settings, dict) and bool(settings.get("isPII"))


def _is_hashed(document: Mapping[str, Any]) -> bool:
    return _is_pii(document) and str(document["piiSettings"].get("piiType")).lower() == "hash"
