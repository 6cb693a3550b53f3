"""A survey as customers will see it, for whoever has a signed link: nothing is kept, nothing counts."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Blueprint, Response, request

from experience.platform import Platform
from experience.survey_web import entries, flow, forms, taking, views
from experience.survey_web.entries import Response as Entry
from experience.survey_web.flow import Survey
from experience.survey_web.forms import BadForm, Sent
from experience.survey_web.limits import Limits, TooManyRequests
from experience.survey_web.links import UnknownLink
from experience.survey_web.visits import Surveys
from foundation.signed import SignedClaims
from foundation.web.openapi import HTML, described

LINK_SECONDS = 86_400
# All that was entered on other pages goes along with the form.
HELD = "held"

Values = dict[str, list[str]]


class PreviewLinks:
    """Signs and reads the end of a preview's address."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._claims = SignedClaims(keys, "survey preview", "survey-preview")

    def sign(self, questionnaire: str) -> str:
        return self._claims.sign({"questionnaire": questionnaire}, LINK_SECONDS)[0]

    def read(self, signed: str) -> str | None:
        """The name of the questionnaire; None where the link is forged or over."""
        name = (self._claims.read(signed) or {}).get("questionnaire")
        return name if isinstance(name, str) else None


def blueprint(platform: Platform, surveys: Surveys, preview_links: PreviewLinks, limits: Limits) -> Blueprint:
    routes = Blueprint("survey_preview", __name__, url_prefix="/s/preview")
    errors = (UnknownLink, TooManyRequests, BadForm)

    def opened(signed: str) -> Survey:
        name = preview_links.read(signed)
        if name is None or not surveys.has(name):
            raise UnknownLink()
        with platform.database.read() as connection:
            return surveys.load(connection, name)

    @routes.get("/<signed>")
    @described(media=HTML, status=(200, 404, 429), errors=errors)
    def show(signed: str) -> Response:
        """The first page of a survey, for administrators."""
        with limits.counted():
            survey = opened(signed)
            return _page(survey, {}, None, {})

    @routes.post("/<signed>")
    @described(media=HTML, status=(200, 400, 404, 422, 429), errors=errors)
    def answer(signed: str) -> Response:
        """The page that follows; nothing of what was entered is kept."""
        with limits.counted():
            return _step(opened(signed), forms.sent())

    return routes


def _step(survey: Survey, sent: Sent) -> Response:
    values: Values = {**_held(), **sent.values}
    responses, errors = _read(survey, values)
    shown = flow.visible(survey.items, responses)
    place = flow.place_of(shown, sent.place)
    page = [item for item in shown if item.id == place or not survey.is_paged]
    if sent.go in ("next", "send"):
        errors = {**{item.id: "errors.required" for item in flow.missing(page, responses)}, **errors}
    on_page = {item.id: errors[item.id] for item in page if item.id in errors}
    if on_page or sent.go == "later":
        return _page(survey, values, place, on_page)
    following = flow.beside(shown, place or "", -1 if sent.go == "back" else 1) if survey.is_paged else None
    if following:
        return _page(survey, values, following, {})
    mend = taking.to_mend(shown, responses)
    if mend:
        return _page(survey, values, next(iter(mend)) or place, mend)
    return views.done_page(survey, forms.language_of(survey), is_preview=True)


def _page(survey: Survey, values: Values, place: str | None, errors: Mapping[str, str]) -> Response:
    responses, _ = _read(survey, values)
    shown = flow.visible(survey.items, responses)
    place = flow.place_of(shown, place)
    page = [item for item in shown if item.id == place or not survey.is_paged]
    on_page = {f"{entries.PREFIX}{item.id}" for item in page}
    held = {name: entered for name, entered in values.items() if name not in on_page}
    chosen = request.form.get("lang") or forms.parameter("lang")
    form = views.Form(
        page=page,
        asked=shown,
        responses=responses,
        entered={item.id: values.get(f"{entries.PREFIX}{item.id}", []) for item in page},
        errors=errors,
        carried={"place": place or "", HELD: orjson.dumps(held).decode()},
        query=forms.query(lang=chosen),
        is_preview=True,
    )
    return views.survey_page(survey, form, forms.language_of(survey, first=chosen))


def _read(survey: Survey, values: Values) -> tuple[dict[str, Entry], Mapping[str, str]]:
    """What was entered on all pages; options may depend on what stands before them."""
    responses: dict[str, Entry] = {}
    errors: dict[str, str] = {}
    for item in survey.items:
        entered = entries.read([item], survey.items, values, responses)
        responses |= entered.responses
        errors |= entered.errors
    return responses, errors


def _held() -> Values:
    """Raises BadForm."""
    try:
        held = orjson.loads(request.form.get(HELD, "{}"))
        return {str(name): [str(value) for value in entered] for name, entered in held.items()}
    except (ValueError, TypeError, AttributeError):
        raise BadForm() from None
