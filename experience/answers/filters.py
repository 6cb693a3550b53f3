"""WxM's FilterBy as conditions on the table `answers`: applied whole, or refused by the name of the field.

Moments are half-open: `afterdate` is the first that counts, `beforedate` the first that does not. `archived` means
only those; without it they count like any other, and `mashup.withArchived` says no more than that.
Sources: docs/cisco/wxm-api.md §6.1 (fields), §5.4 (comparing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement

from experience.answers import filter_terms, responses
from experience.answers.filter_cost import InDocuments
from experience.answers.filter_terms import FilterFault, QuestionFilter
from experience.answers.responses import SIGNS, Condition
from experience.answers.schema import answers
from experience.model import timestamps
from experience.model.customer import customer_id
from experience.model.questions import Question
from experience.privacy import pii
from experience.questionnaires.catalogue import Catalogue

# Of the texts of all conditions together, too: each is looked for in every answer.
MOST, MOST_TEXTS = 100, 500
# WxM's own that cannot be applied; `filterName` filters nothing, and a stranger's field is ignored.
_REFUSED = {
    name.lower(): name
    for name in (
        *("withTickets", "withTicketStatus", "notesWithAttachmentType", "notesMediaTheme", "notesMediaMood"),
        *("onlyWithAttachments", "days", "aftertime", "beforetime", "ticket", "ignoreOutliers"),
    )
}
_CONTACTS: dict[str, Any] = {"email": answers.c.email, "mobile": answers.c.mobile}
_NAMED: dict[str, Any] = {
    "customer_id": answers.c.customer_id,
    "agent_id": answers.c.agent_id,
    "team_id": answers.c.team_id,
    **_CONTACTS,
}
Phone = Callable[[str], str | None]
SCORED: dict[str, Any] = {"nps": answers.c.nps, "csat": answers.c.csat, "ces": answers.c.ces}


@dataclass(frozen=True, slots=True)
class Filter:
    """A FilterBy that can be applied; the default one lets everything through."""

    locations: tuple[str, ...] = ()
    after: int | None = None
    before: int | None = None
    question_filters: tuple[QuestionFilter, ...] = ()
    archived: bool = False
    channel: str = ""
    with_notes: bool = False

    def conditions(self, catalogue: Catalogue, phone: Phone) -> tuple[list[ColumnElement[bool]], InDocuments]:
        """What an answer must fulfil, all of it: on columns, and in its document. `phone` finds a number's one form."""
        met = [(part, _met(catalogue, part, phone)) for part in filter_terms.simplified(self.question_filters)]
        together = [condition for wanted, some in met for condition in some if not wanted.is_alternative]
        either = [condition for wanted, some in met for condition in some if wanted.is_alternative]
        inside = InDocuments(
            together=tuple(part for part in together if isinstance(part, Condition)),
            either=tuple(part for part in either if isinstance(part, Condition)),
            others=tuple(part for part in either if not isinstance(part, Condition)),
            channel=self.channel,
            archived=self.archived,
            with_notes=self.with_notes,
        )
        return [*self._columns(), *(part for part in together if not isinstance(part, Condition))], inside

    def _columns(self) -> Iterator[ColumnElement[bool]]:
        columns = answers.c
        if self.locations:
            yield columns.questionnaire.in_(self.locations)
        if self.after is not None:
            yield columns.responded_at >= self.after
        if self.before is not None:
            yield columns.responded_at < self.before


def read_filter(sent: object) -> Filter:
    """The filter that a client sent, its names in any case; nothing at all lets everything through. Raises FilterFault.

    Fields that are not WxM's are ignored.
    """
    if sent is None:
        return Filter()
    if not isinstance(sent, Mapping):
        raise FilterFault("FilterBy: is not an object")
    fields = {str(name).lower(): value for name, value in sent.items() if value is not None}
    _refuse(fields)
    question_filters = tuple(_question_filter(wanted) for wanted in _list(fields, "filterquestions"))
    if sum(len(wanted.texts) for wanted in question_filters) > MOST_TEXTS:
        raise FilterFault(f"filterquestions: answerCheck holds more than {MOST_TEXTS} texts in all")
    return Filter(
        locations=tuple(_texts(fields, "location")),
        after=_moment(fields, "afterdate"),
        before=_moment(fields, "beforedate"),
        question_filters=question_filters,
        archived=_flag(fields, "archived"),
        channel=_text(fields, "channel"),
        with_notes=_flag(fields, "withNotes"),
    )


def _refuse(fields: Mapping[str, Any]) -> None:
    """Name what would have to be left out: a field of WxM's that says something and cannot be applied."""
    refused = [_REFUSED[name] for name, value in fields.items() if name in _REFUSED and not _is_empty(value)]
    mashup = fields.get("mashup")
    if isinstance(mashup, Mapping) and any(str(name).lower() == "onlyoutliers" and on for name, on in mashup.items()):
        refused.append("mashup.onlyOutliers")
    if refused:
        raise FilterFault(f"{', '.join(sorted(refused))}: cannot be applied here")


def _is_empty(value: object) -> bool:
    """Whether a client wrote a field without meaning anything, as .NET clients write every field of a model."""
    if isinstance(value, Mapping):
        return all(_is_empty(inner) for inner in value.values())
    return value is None or value is False or value in ("", 0) or value == []


def _question_filter(sent: object) -> QuestionFilter:
    if not isinstance(sent, Mapping):
        raise FilterFault("filterquestions: holds what is not an object")
    fields = {str(name).lower(): value for name, value in sent.items() if value is not None}
    question = _text(fields, "questionId")
    if not question:
        raise FilterFault("filterquestions: one without a questionId")
    checks = [fields["answercheck"]] if isinstance(fields.get("answercheck"), str) else _texts(fields, "answerCheck")
    if not checks:
        raise FilterFault(f"filterquestions: question {question} without an answerCheck")
    sign = checks[0].lower() if checks[0].lower() in SIGNS else None
    return QuestionFilter(question, sign, _number(fields), () if sign else tuple(checks), _grouped(fields))


def _grouped(fields: Mapping[str, Any]) -> Literal["AND", "OR"] | None:
    match _text(fields, "groupBy").upper():
        case "":
            return None
        case "AND":
            return "AND"
        case "OR":
            return "OR"
    raise FilterFault("filterquestions: groupBy is neither AND nor OR")


def _number(fields: Mapping[str, Any]) -> float:
    value = fields.get("number", 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 2**53:
        raise FilterFault("filterquestions: number is not a number")
    return value


def _met(catalogue: Catalogue, sought: QuestionFilter, phone: Phone) -> list[ColumnElement[bool] | Condition]:
    question = catalogue.questions.get(sought.question)
    if sought.sign:
        column = dedicated_column(catalogue, question, "metric", SCORED)
        compared = None if column is None else SIGNS[sought.sign](column, sought.number)
        return [responses.compares(sought.question, sought.sign, sought.number) if compared is None else compared]
    if sought.wants_any_text:
        return [responses.is_filled(sought.question)]
    if question is not None and question.kind == "choice" and not _is_named(catalogue, question):
        wanted = [(text,) for text in sought.texts] if sought.grouped == "AND" else [sought.texts]
        return [responses.contains(sought.question, texts) for texts in wanted]
    texts = [form for text in sought.texts for form in _forms(question, text, phone)]
    column = dedicated_column(catalogue, question, "role", _NAMED)
    return [responses.equals(sought.question, texts) if column is None else column.in_(texts)]


def _is_named(catalogue: Catalogue, question: Question) -> bool:
    """Whether a column of its own holds the answers to a question."""
    return dedicated_column(catalogue, question, "role", _NAMED) is not None


def dedicated_column(catalogue: Catalogue, question: Question | None, kind: str, columns: Mapping[str, Any]) -> Any:
    """The column that holds a question's answers: where no other question of the catalogue could fill it."""
    name = getattr(question, kind, None)
    column = columns.get(name or "")
    others = sum(1 for other in catalogue.questions.values() if getattr(other, kind) == name)
    return column if column is not None and others == 1 else None


def _forms(question: Question | None, text: str, phone: Phone) -> tuple[str, ...]:
    """A text as it may be stored: personal data in its one form, and hashed where the question wants that."""
    role = question.role if question else None
    if role == "mobile":
        return pii.forms(phone(text) or text)
    if role == "email":
        return pii.hashed_forms(pii.email(text) or text)
    if role == "customer_id":
        text = customer_id(text) or text
    return pii.hashed_forms(text) if question and question.hashed else (text.strip() if role else text,)


def _moment(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name.lower())
    if value in (None, ""):
        return None
    try:
        return timestamps.to_micros(timestamps.parse(value))
    except ValueError:
        raise FilterFault(f"{name}: is not a time like 2026-11-08T03:12:44Z") from None


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name.lower(), [])
    if not isinstance(value, list) or len(value) > MOST:
        raise FilterFault(f"{name}: is not a list of at most {MOST}")
    return value


def _texts(fields: Mapping[str, Any], name: str) -> list[str]:
    texts = _list(fields, name)
    if not all(isinstance(text, str) and "\0" not in text for text in texts):
        raise FilterFault(f"{name}: holds what is not text")
    return texts


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name.lower(), "")
    if not isinstance(value, str) or "\0" in value:
        raise FilterFault(f"{name}: is not text")
    return value


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name.lower(), False)
    if not isinstance(value, bool):
        raise FilterFault(f"{name}: is neither true nor false")
    return value
