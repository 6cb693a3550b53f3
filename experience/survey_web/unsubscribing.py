"""Stop messages by the link in one of them: GET shows a page and knows nothing, POST acts (RFC 8058).

A token that is unknown is answered as one that is known.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from experience.dispatch import unsubscribes
from experience.platform import Platform
from experience.survey_web import forms, views
from experience.survey_web.limits import Limits, TooManyRequests
from experience.surveys import survey_tokens
from foundation.web.openapi import HTML, described

ONE_CLICK = "List-Unsubscribe", "One-Click"


def blueprint(platform: Platform, limits: Limits) -> Blueprint:
    routes = Blueprint("survey_unsubscribe", __name__, url_prefix="/s")

    @routes.get("/<segment>/unsubscribe")
    @described(media=HTML, status=(200, 429), errors=(TooManyRequests,))
    def show(**_segment: str) -> Response:
        """The page with the button that stops messages. Nothing is changed, whoever fetches it."""
        with limits.counted():
            return views.unsubscribe_page(forms.language_of(None), is_done=bool(forms.parameter("done")))

    @routes.post("/<segment>/unsubscribe")
    @described(media=HTML, status=(200, 303, 429), errors=(TooManyRequests,))
    def stop(segment: str) -> Response:
        """Write no more to the addresses of a recipient: of the page's button, or of a mail program (RFC 8058)."""
        with limits.counted():
            with platform.database.write() as connection:
                unsubscribes.opt_out(connection, survey_tokens.of_link(segment))
            if ONE_CLICK in request.form.items():
                return Response(status=200, mimetype="text/html", headers=views.SAFE)
            where = f"?{forms.query(done='1')}"
            return Response(status=303, headers={**views.SAFE, "Location": where})

    return routes
