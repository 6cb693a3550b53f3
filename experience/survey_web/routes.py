"""The survey of a link: GET shows it and changes nothing, POST keeps what was entered and leads to a GET."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Response, request

from experience.platform import Platform
from experience.survey_web import entries, forms, links, taking, views, visits
from experience.survey_web.forms import BadForm, Sent
from experience.survey_web.limits import Limits, TooManyRequests
from experience.survey_web.taking import WHOLE
from experience.survey_web.visits import Surveys, Visit
from experience.surveys import survey_tokens
from experience.surveys.partials import PartialIds, TooMuch
from foundation.web.openapi import HTML, described

ERRORS = (*links.LINK_ERRORS, TooManyRequests, BadForm)
# Of the pages of a link that may not be answered, for people.
CLOSED = (403, 404, 410, 429)
_STEPS = {"back": -1, "later": 0, "next": 1, "send": 1}
PARAMETERS = {name: {"type": "string"} for name in ("lang", "score", "q", "at", "r", "done", "saved")}


def blueprint(platform: Platform, surveys: Surveys, ids: PartialIds, limits: Limits) -> Blueprint:
    routes = Blueprint("survey_page", __name__, url_prefix="/s")
    taker = Taker(platform, surveys, ids)

    @routes.get("/<segment>")
    @described(query=PARAMETERS, media=HTML, status=(200, *CLOSED), errors=ERRORS)
    def survey(segment: str) -> Response:
        """The survey of a link, or why there is none. Nothing is changed, whoever fetches it."""
        with limits.counted():
            return taker.show(survey_tokens.of_link(segment))

    @routes.post("/<segment>")
    @described(query=PARAMETERS, media=HTML, status=(204, 303, 400, 413, 422, *CLOSED), errors=ERRORS)
    def answer(segment: str) -> Response:
        """Keep what was entered on a page, and lead to the next; at the end it becomes an answer, once."""
        with limits.counted():
            response = taker.take(survey_tokens.of_link(segment), forms.sent())
            # What a script saves leads nowhere: a browser that leaves the page would still follow it, and complain.
            is_quiet = response.status_code == 303 and "quiet" in request.form
            return Response(status=204, headers=views.SAFE) if is_quiet else response

    @routes.post("/<segment>/displayed")
    @described(media=HTML, status=(204, *CLOSED), errors=ERRORS)
    def displayed(segment: str) -> Response:
        """Write down that somebody sees the survey."""
        with limits.counted():
            taking.note_displayed(platform, survey_tokens.of_link(segment))
            return Response(status=204)

    return routes


class Taker:
    """Shows surveys and takes their forms."""

    def __init__(self, platform: Platform, surveys: Surveys, ids: PartialIds) -> None:
        self._platform = platform
        self._surveys = surveys
        self._ids = ids

    def show(self, token: str) -> Response:
        with self._platform.database.read() as connection:
            visit = visits.read(connection, self._surveys, self._ids, token, self._respondent(token))
        if visit.is_completed:
            if not forms.parameter("done"):
                raise links.UsedUp(visit.invitation)
            return views.done_page(visit.survey, _language(visit))
        return self._page(visit, visit.place_of(forms.parameter("at") or visit.place))

    def take(self, token: str, sent: Sent) -> Response:
        """303 to the page that follows, or the same page once more with what is to be mended."""
        read = partial(visits.read, surveys=self._surveys, ids=self._ids, token=token)
        with self._platform.database.read() as connection:
            visit = read(connection, sent=sent.respondent)
        if visit.is_completed:
            return self._forward(visit, done="1")
        # The id of one who shares a link may just have been drawn.
        read = partial(read, sent=visit.survey_id)
        place = visit.place_of(sent.place)
        entered = entries.read(visit.page(place), visit.survey.items, sent.values, visit.responses)
        entered = taking.checked(self._platform, visit.survey.name, entered)
        after = visit.with_entered(entered)
        errors = taking.page_errors(after, place, entered) if sent.go in ("next", "send") else dict(entered.errors)
        following = place if errors else after.beside(place, _STEPS[sent.go])
        try:
            visit = taking.keep(self._platform, token, read, entered, following or place, sent.began)
        except TooMuch:
            errors, visit = {WHOLE: "errors.whole"}, after
        if errors:
            return self._page(visit, place, sent, errors)
        if following is None and sent.go in ("next", "send"):
            step = taking.finish(self._platform, token, read, sent.began)
            return self._forward(visit, done="1") if step.is_done else self._page(visit, step.place, sent, step.errors)
        more = {"lang": sent.language} if sent.language else {"saved": "1"} if sent.go == "later" else {}
        return self._forward(visit, at=following or "", **more)

    def _page(
        self, visit: Visit, place: str | None, sent: Sent | None = None, errors: Mapping[str, str] | None = None
    ) -> Response:
        page = visit.page(place)
        entered = forms.preselected(page, visit.answered)
        if sent and sent.place == (place or ""):
            entered = {item.id: sent.values.get(f"{entries.PREFIX}{item.id}", []) for item in page}
        began = visit.began or (sent.began if sent else int(time.time()))
        form = views.Form(
            page=page,
            asked=visit.asked,
            responses=visit.responses,
            entered=entered,
            errors=errors or {},
            carried={"place": place or "", "began": str(began), **self._carried(visit)},
            query=forms.query(),
            is_saved=bool(forms.parameter("saved")) and not sent,
            can_wait=not visit.is_shared,
        )
        return views.survey_page(visit.survey, form, _language(visit))

    def _carried(self, visit: Visit) -> dict[str, str]:
        return {"respondent": visit.survey_id} if visit.is_shared else {}

    def _respondent(self, token: str) -> str:
        drawn = forms.parameter("r")
        return f"{drawn}-{token}" if drawn else ""

    def _forward(self, visit: Visit, **parameters: str) -> Response:
        drawn = {"r": visit.survey_id.removesuffix(f"-{visit.token}")} if visit.is_shared else {}
        where = f"?{forms.query(**parameters, **drawn)}"
        return Response(status=303, headers={**views.SAFE, "Location": where})


def _language(visit: Visit) -> str:
    return forms.language_of(visit.survey, visits.preferred_language(visit.survey, visit.invitation))
