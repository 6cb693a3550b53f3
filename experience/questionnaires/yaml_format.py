"""A questionnaire as people write it, in YAML; turned into WxM's Question documents and back."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from experience.model.lengths import LONGEST_NAME
from experience.model.questions import QuestionFault, declared_range, metric_of, read_question
from experience.questionnaires import catalogue
from experience.questionnaires.catalogue import Questionnaire
from experience.questionnaires.page_settings import PageSettings, with_logo

BASE_LANGUAGE = "en"
_ENDS = re.compile(r"-?\d+;(.+)-\d+;(.+)", re.DOTALL)
Model = TypeVar("Model", bound=BaseModel)
Text = Annotated[str, Field(min_length=1)]
Display = Literal[
    "Scale", "Slider", "Number", "Star-5", "Smile-5", "Date", "Text", "MultilineText",
    "Select", "Dropdown", "MultiSelect", "File", "Flag", "OrderBy",
]  # fmt: skip


class DraftFault(ValueError):
    """A questionnaire cannot be read; `faults` holds one line for each fault, each with its place."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(self.faults))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DraftQuestion(_Strict):
    """One question. Texts are by language; `ends` are the words at both ends of a scale; `wxm` is kept as it is."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    type: Display
    tags: tuple[Text, ...] = ()
    text: dict[str, Text]
    range: tuple[int, int] | None = None
    ends: dict[str, tuple[Text, Text]] = {}
    options: dict[str, tuple[Text, ...]] = {}
    required: bool = False
    prefill: bool = False
    retired: bool = False
    hash: bool = False
    sequence: int | None = None
    wxm: dict[str, Any] = {}

    @model_validator(mode="after")
    def judged(self) -> Self:
        """Faults that concern several fields."""
        if BASE_LANGUAGE not in self.text:
            raise ValueError(f"text has no {BASE_LANGUAGE}")
        if self.range and self.range[0] >= self.range[1]:
            raise ValueError(f"range {list(self.range)} is not [low, high]")
        if named := metric_of(list(self.tags)):
            metric, scale = named
            declared = declared_range(self.document(0))
            if (scale and declared and scale != declared) or not (scale or declared):
                raise ValueError(
                    f"range {declared and list(declared)} is not that of {metric}: {scale and list(scale)}"
                )
        return self

    def document(self, sequence: int) -> dict[str, Any]:
        """WxM's Question; `sequence` where the draft gives none."""
        return {
            "id": self.id,
            "sequence": sequence if self.sequence is None else self.sequence,
            "text": self.text[BASE_LANGUAGE],
            "displayType": self.type,
            "multiSelect": self._choices(BASE_LANGUAGE),
            "staffFill": False,
            "apiFill": self.prefill,
            "isRequired": self.required,
            "isRetired": self.retired,
            "questionTags": list(self.tags),
            "piiSettings": {"isPII": True, "piiType": "hash"} if self.hash else None,
            "translated": {
                language: {"text": text, "multiSelect": self._choices(language)}
                for language, text in self.text.items()
                if language != BASE_LANGUAGE
            },
            **self.wxm,
        }

    def _choices(self, language: str) -> list[str]:
        if not self.range:
            return list(self.options.get(language, ()))
        low, high = self.range
        ends = self.ends.get(language)
        return [f"{low};{ends[0]}-{high};{ends[1]}" if ends else f"{low}-{high}"]


class DraftQuestionnaire(_Strict):
    """The file."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    display_name: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    hash_pii_by: Literal["sha256", "sha384", "sha512"] = "sha512"
    page: PageSettings = PageSettings()
    questions: tuple[DraftQuestion, ...]

    @model_validator(mode="after")
    def distinct(self) -> Self:
        """No id twice."""
        ids = [question.id for question in self.questions]
        if twice := sorted({question_id for question_id in ids if ids.count(question_id) > 1}):
            raise ValueError(f"two questions have the id {', '.join(twice)}")
        return self


@dataclass(frozen=True, slots=True)
class Draft:
    """A questionnaire with its WxM Question documents."""

    questionnaire: Questionnaire
    documents: list[dict[str, Any]]


def read_draft(text: str, folder: Path = Path()) -> Draft:
    """A YAML file's text; its logo is in `folder`. Raises DraftFault, which names every fault with its place."""
    draft = read_file(DraftQuestionnaire, text, "questionnaire")
    named = Questionnaire(draft.name, draft.display_name or draft.name, draft.hash_pii_by, _page(draft.page, folder))
    documents = [question.document(place) for place, question in enumerate(draft.questions, 1)]
    whole = [{**document, "displayLocation": _places(document, draft.name)} for document in documents]
    try:
        for document in whole:
            catalogue.check(document)
    except QuestionFault as fault:
        raise DraftFault([str(fault)]) from None
    return Draft(named, whole)


def write_draft(draft: Draft) -> str:
    """The YAML text from which `read_draft` makes the same documents."""
    named = draft.questionnaire
    content = {
        "name": named.name,
        "display_name": named.display_name,
        "hash_pii_by": named.hash_pii_by,
        **({"page": page} if (page := named.page.model_dump(exclude_defaults=True)) else {}),
        "questions": [_drafted(document, named.name) for document in draft.documents],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _page(page: PageSettings, folder: Path) -> PageSettings:
    try:
        return with_logo(page, folder)
    except ValidationError as invalid:
        raise DraftFault([f"page.logo: {invalid.errors()[0]['msg']}"]) from None
    except OSError as error:
        raise DraftFault([f"page.logo: {page.logo} cannot be read ({error.strerror})"]) from None


def _places(document: Mapping[str, Any], name: str) -> list[str]:
    """A question may stand in other questionnaires too; its `wxm` then says so."""
    return list(dict.fromkeys([name, *(document.get("displayLocation") or ())]))


def read_file(model: type[Model], text: str, whole: str) -> Model:
    """A YAML text as a model; `whole` is what it should be. Raises DraftFault."""
    try:
        content = _Loader(text).get_single_data()
    except yaml.YAMLError as fault:
        raise DraftFault([" ".join(str(fault).split())]) from None
    except RecursionError:
        raise DraftFault(["is nested too deeply"]) from None
    if not isinstance(content, dict):
        raise DraftFault([f"is no {whole}: it begins with a line such as `name: …`"])
    try:
        return model.model_validate(content)
    except ValidationError as invalid:
        raise DraftFault(_describe(fault, whole) for fault in invalid.errors()) from None


def _describe(fault: Mapping[str, Any], whole: str) -> str:
    """A fault with its place in the file, or `whole` where it has none."""
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
    return f"{place or whole}: {str(fault['msg']).removeprefix('Value error, ')}"


def _drafted(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A document as a question of the file: what the file has words for, and the rest under `wxm`."""
    fields = {field: value for field, value in _worded(document).items() if value not in (None, False, {}, [])}
    made = _document_of(fields) | {"displayLocation": [name]}
    rest = {key: value for key, value in document.items() if key not in made or made[key] != value}
    return {**fields, "wxm": rest} if rest else fields


def _document_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    return DraftQuestion.model_construct(**fields).document(0)


def _worded(document: Mapping[str, Any]) -> dict[str, Any]:
    translated = document.get("translated") or {}
    texts = {BASE_LANGUAGE: document.get("text"), **{key: words.get("text") for key, words in translated.items()}}
    choices = {
        BASE_LANGUAGE: document.get("multiSelect"),
        **{key: words.get("multiSelect") for key, words in translated.items()},
    }
    scale = declared_range(document) if document.get("multiSelect") else None
    return {
        "id": document["id"],
        "type": document.get("displayType") or "Text",
        "tags": document.get("questionTags"),
        "text": {language: text for language, text in texts.items() if text},
        "range": list(scale) if scale else None,
        "ends": {key: ends for key, words in choices.items() if scale and (ends := _ends(words))},
        "options": {key: words for key, words in choices.items() if words and not scale},
        "required": bool(document.get("isRequired")),
        "prefill": bool(document.get("apiFill")),
        "retired": bool(document.get("isRetired")),
        "hash": read_question(document).hashed,
        "sequence": document.get("sequence"),
    }


def _ends(choices: list[str] | None) -> list[str] | None:
    match = _ENDS.fullmatch(choices[0]) if choices else None
    return [match[1], match[2]] if match else None


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is a fault: the first of the two would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key is no word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)
