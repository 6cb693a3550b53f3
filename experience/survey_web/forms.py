"""What a request to the survey page carries: the form, the language, a rating that was chosen in a message."""

from __future__ import annotations

import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from experience.survey_web import entries, languages
from experience.survey_web.flow import Survey
from experience.survey_web.items import Item
from foundation.errors import BadRequest

# Of a request; a text may have 20,000 characters, of four bytes each.
LARGEST_BODY = 256 * 1024
# What stays in the address from page to page.
KEPT = ("lang", "score", "q")
LONGEST_PARAMETER = 200
STEPS = ("next", "back", "later", "send")


class BadForm(BadRequest):
    code = "bad_form"
    title = "This is no form of the survey page"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: `go` is the button, `place` the question of its page, `began` when it was opened."""

    go: str
    place: str | None
    respondent: str
    began: int
    language: str
    values: Mapping[str, list[str]]


def sent() -> Sent:
    """The form of the request. Raises BadForm."""
    request.max_content_length = LARGEST_BODY
    form = request.form
    go = form.get("go", "later" if "lang" in form else "next")
    if go not in STEPS:
        raise BadForm()
    now, began = int(time.time()), form.get("began", "")
    return Sent(
        go=go,
        place=form.get("place"),
        respondent=form.get("respondent", ""),
        began=min(int(began), now) if began.isascii() and began.isdecimal() and len(began) < 12 else now,
        language=form.get("lang", "")[:LONGEST_PARAMETER],
        values={name: form.getlist(name) for name in form if name.startswith(entries.PREFIX)},
    )


def parameter(name: str) -> str:
    return request.args.get(name, "")[:LONGEST_PARAMETER]


def query(**more: str) -> str:
    """The address's own parameters, with others."""
    wanted = {name: parameter(name) for name in KEPT} | more
    return urlencode({name: value for name, value in wanted.items() if value})


def language_of(survey: Survey | None, invited_in: str | None = None, *, first: str = "") -> str:
    """What the customer chose on the page; else the language of the invitation; else the browser's."""
    available = survey.languages if survey else tuple(tag.lower() for tag in languages.LOCALES)
    wanted = (first or parameter("lang"), invited_in)
    return languages.choose(available, wanted, request.accept_languages)


def preselected(page: Sequence[Item], answered: Container[str]) -> dict[str, Sequence[str]]:
    """The rating that was chosen in a message, where its question is asked: it is marked, and nothing more."""
    score, wanted = parameter("score"), parameter("q")
    steps = [item for item in page if item.has_steps and wanted in ("", item.id)]
    return {steps[0].id: [score]} if score and steps and steps[0].id not in answered else {}
