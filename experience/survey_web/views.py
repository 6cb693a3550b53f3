"""What the templates show: a survey's questions as fields, and the pages around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from experience.survey_web import entries, files, languages
from experience.survey_web.flow import Responses, Survey, options_of
from experience.survey_web.items import Item
from experience.survey_web.languages import Locale
from experience.survey_web.taking import WHOLE

# Beside what every answer of the service carries.
SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
}
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Form:
    """How a page of a survey stands: what was answered, what was entered just now, and what is wrong with it."""

    page: Sequence[Item]
    asked: Sequence[Item]
    responses: Responses
    entered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    carried: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    is_saved: bool = False
    is_preview: bool = False
    can_wait: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One question as the form shows it; `place` is its id in the page."""

    place: str
    item: Item
    text: str
    ends: tuple[str, str] | None
    options: Sequence[tuple[str, str]]
    values: Sequence[str]
    hint: str
    error: str

    @property
    def name(self) -> str:
        return f"{entries.PREFIX}{self.item.id}"

    @property
    def described_by(self) -> str:
        return " ".join(f"{self.place}-{part}" for part in ("hint", "error") if getattr(self, part))


def survey_page(survey: Survey, form: Form, language: str) -> Response:
    """One page of a survey; 422 where something in it is to be mended."""
    words = languages.locale_for(language)
    fields = [_field(survey, form, item, language, words) for item in form.page]
    number = form.asked.index(form.page[0]) + 1 if survey.is_paged and form.page else 0
    facts = {
        "fields": fields,
        "form": form,
        "number": number,
        "total": len(form.asked),
        "is_last": not survey.is_paged or not form.page or form.page[0] is survey.items[-1],
        "whole_error": words[form.errors[WHOLE]] if WHOLE in form.errors else "",
        "welcome": languages.in_language(survey.page.welcome_text, language) or words["welcome"],
        "disclaimer": languages.in_language(survey.page.disclaimer_text, language),
        "others": [(code, languages.native_name(code)) for code in survey.languages if code != language],
    }
    return _page("survey.html", language, survey, 422 if form.errors else 200, **facts)


def done_page(survey: Survey, language: str, *, is_preview: bool = False) -> Response:
    """After the answers were sent."""
    words = languages.locale_for(language)
    text = languages.in_language(survey.page.thankyou_text, language) or words["done.text"]
    target = survey.page.redirect_on_submit
    facts: dict[str, Any] = {
        "text": text,
        "target": target,
        "host": urlsplit(target).hostname,
        "is_preview": is_preview,
    }
    return _page("done.html", language, survey, **facts)


def closed_page(code: str, status: int, language: str, survey: Survey | None = None, own_text: str = "") -> Response:
    """Why there is no survey."""
    words = languages.locale_for(language)
    kind = code if f"closed.{code}.title" in words else "failed" if status >= 500 else "not_found"
    facts = {"title": words[f"closed.{kind}.title"], "text": own_text or words[f"closed.{kind}.text"]}
    return _page("closed.html", language, survey, status, **facts)


def unsubscribe_page(language: str, *, is_done: bool) -> Response:
    return _page("unsubscribe.html", language, None, is_done=is_done)


def root() -> str:
    """From the path of the request to `/s/`: a proxy may put a prefix before it."""
    depth = request.path.count("/") - 2
    return "s/" if depth < 0 else "../" * depth


def _page(template: str, language: str, survey: Survey | None, status: int = 200, **facts: Any) -> Response:
    base = {
        "t": languages.locale_for(language),
        "lang": languages.tag_of(language),
        "direction": languages.direction(language),
        "organisation": _title(survey, language),
        "logo": f"{root()}{files.logo_path(survey.page.logo)}" if survey and survey.page.logo else "",
        "style": f"{root()}{files.path_of('survey.css')}",
        "script": f"{root()}{files.path_of('survey.js')}",
    }
    html = _templates.get_template(template).render(base | facts)
    return Response(html, status, mimetype="text/html", headers=SAFE)


def _title(survey: Survey | None, language: str) -> str:
    return (languages.in_language(survey.page.title, language) or survey.title) if survey else ""


def _field(survey: Survey, form: Form, item: Item, language: str, words: Locale) -> Field:
    spoken, response = item.words_in(language), form.responses.get(item.id)
    options = options_of(item, survey.items, form.responses)
    values = form.entered.get(item.id)
    return Field(
        place=f"q{form.asked.index(item) + 1}",
        item=item,
        text=spoken.text or item.words_in("").text,
        ends=spoken.ends,
        options=_labelled(item, options, spoken.labels),
        values=entries.shown(item, response, options) if values is None else values,
        hint=_hint(item, response, words),
        error=words[form.errors[item.id]].format_map(_bounds(item)) if item.id in form.errors else "",
    )


def _labelled(item: Item, options: Sequence[str], labels: Sequence[str]) -> list[tuple[str, str]]:
    """Options with their labels, which stand in the order of the question's own options; a scale has its steps."""
    if item.scale and item.has_steps:
        return [(str(step), str(step)) for step in range(item.scale[0], item.scale[1] + 1)]
    known = dict(zip(item.options, labels, strict=False)) if len(labels) == len(item.options) else {}
    return [(option, known.get(option, option)) for option in options]


def _hint(item: Item, response: Mapping[str, Any] | None, words: Locale) -> str:
    if entries.is_hidden(response):
        return words["hidden"]
    if item.kind == "choices":
        return words["several"]
    if item.kind == "date":
        return words["dateHint"]
    return words["between"].format_map(_bounds(item)) if item.kind == "number" and item.scale else ""


def _bounds(item: Item) -> dict[str, int]:
    low, high = item.scale or (0, 0)
    return {"low": low, "high": high}
