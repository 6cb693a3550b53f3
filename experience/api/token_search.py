"""Survey tokens found by their questionnaire and note (docs/cisco/wxm-api.md §3.2); every list is bounded.

A token is a credential, and shows what it prefills: even a list of them is for whoever may write.
"""

from __future__ import annotations

from flask import Blueprint, Response

from experience.accounts.api_tokens import Caller
from experience.api.support import bodies, signatures
from experience.api.support.callers import Gate
from experience.api.support.errors import Malformed
from experience.api.support.schemas import TEXT, array_of, ref
from experience.platform import Platform
from experience.surveys import survey_tokens
from foundation.web.openapi import described

ANY = "all"
MOST_IDS = 50_000
PAGE_ROWS = 100


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_tokens_found", __name__, url_prefix="/api/SurveyToken")
    _lists(routes, platform, gate)
    _ids(routes, platform, gate)
    return routes


def _lists(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("")
    @routes.get("/search/<location>")
    @routes.get("/search/<location>/<note>")
    @routes.get("/all/<note>")
    @gate.writing
    @described(answer=array_of(ref("SurveyToken")))
    def some(_caller: Caller, location: str = ANY, note: str | None = None) -> Response:
        """Survey tokens of a questionnaire (`all`: of any) and with a note, by their ids; at most 1,000.

        `X-Total-Count` says how many there are.
        """
        tokens, total = survey_tokens.search(platform.database, _named(location), note)
        response = bodies.json_response([signatures.shown(token) for token in tokens])
        response.headers["X-Total-Count"] = str(total)
        return response

    @routes.get("/page/<int:page>")
    @routes.get("/page/<int:page>/all", endpoint="page_of_all")
    @gate.writing
    @described(answer=ref("TokenPage"))
    def paged(_caller: Caller, page: int) -> Response:
        """One page of 100 survey tokens, counted from 0, by their ids."""
        if page * PAGE_ROWS >= 2**62:
            raise Malformed("page: there are not so many")
        rows, total = survey_tokens.search(platform.database, offset=page * PAGE_ROWS, limit=PAGE_ROWS)
        tokens, pages = [signatures.shown(token) for token in rows], -(-total // PAGE_ROWS)
        return bodies.json_response({"currentPage": page, "tokens": tokens, "totalCount": total, "totalPages": pages})


def _ids(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("/searchid")
    @routes.get("/searchid/<location>")
    @routes.get("/searchid/<location>/<note>")
    @gate.writing
    @described(answer=array_of(TEXT))
    def ids(_caller: Caller, location: str = ANY, note: str | None = None) -> Response:
        """The ids of survey tokens of a questionnaire (`all`: of any) and with a note; at most 50,000.

        `X-Total-Count` says how many there are.
        """
        tokens, total = survey_tokens.search(platform.database, _named(location), note, limit=MOST_IDS)
        response = bodies.json_response([token["id"] for token in tokens])
        response.headers["X-Total-Count"] = str(total)
        return response

    @routes.post("/delete")
    @gate.writing
    @described(body=array_of(TEXT), answer={"const": True})
    def remove(_caller: Caller) -> Response:
        """Delete survey tokens by their ids, at most 1,000; ids that are not known are passed over."""
        ids = bodies.sent()
        if not isinstance(ids, list) or not all(isinstance(token_id, str) and "\0" not in token_id for token_id in ids):
            raise Malformed("The body is not a list of ids")
        if len(ids) > survey_tokens.MOST_LISTED:
            raise Malformed(f"At most {survey_tokens.MOST_LISTED} ids")
        survey_tokens.remove(platform.database, *ids)
        return bodies.json_response(True)


def _named(location: str) -> str | None:
    """The questionnaire that is meant; None: any. No questionnaire has a name that a database cannot hold."""
    return None if location.lower() == ANY else location.replace("\0", "")
