"""Errors of the survey face: a page in the customer's language; RFC 9457 where a program asks for JSON."""

from __future__ import annotations

from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError

from experience.platform import Platform
from experience.survey_web import forms, languages, views
from experience.survey_web.links import LinkError
from experience.survey_web.visits import Surveys, preferred_language
from foundation.errors import PulseError
from foundation.web import error_handler
from foundation.web.error_handler import PROBLEM_JSON
from foundation.web.openapi import HTML, JSON

PREFIX = "/s"
TOO_LARGE = 413


def install(app: Flask, platform: Platform, surveys: Surveys) -> None:
    """Answer errors under `/s` so."""

    def render(error: PulseError) -> Response:
        if request.accept_mimetypes.best_match([HTML, PROBLEM_JSON, JSON], HTML) == HTML:
            response = _page(error, platform, surveys)
        else:
            response = error_handler.problem(error)
            response.headers.extend(views.SAFE)
            response.headers["Cache-Control"] = "no-store"
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    error_handler.render_errors_with(app, PREFIX, render)


def _page(error: PulseError, platform: Platform, surveys: Surveys) -> Response:
    invitation = error.invitation if isinstance(error, LinkError) else None
    if invitation is None:
        code = "too_large" if error.status == TOO_LARGE else error.code
        return views.closed_page(code, error.status, forms.language_of(None))
    try:
        with platform.database.read() as connection:
            survey = surveys.load(connection, invitation["location"])
    except SQLAlchemyError:
        return views.closed_page(error.code, error.status, forms.language_of(None))
    language = forms.language_of(survey, preferred_language(survey, invitation))
    own = {
        "used_up": survey.page.used_up_text,
        "expired": survey.page.expired_text,
        "not_yet_valid": survey.page.not_yet_valid_text,
    }
    own_text = languages.in_language(own.get(error.code, {}), language)
    return views.closed_page(error.code, error.status, language, survey, own_text)
