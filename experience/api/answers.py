"""Answers (docs/cisco/wxm-api.md §6): the documents as they are kept.

Pages run in the order in which answers came: what comes meanwhile stands behind the last page. `POST /Answers` is
newest first and at most 5,000; `X-Total-Count` says how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Blueprint, Response, request
from sqlalchemy import BigInteger, ColumnElement, Connection, func, literal_column, select, update

from experience.accounts.api_tokens import Caller
from experience.answers import complete, filters
from experience.answers.schema import answers
from experience.api import answer_sheet
from experience.api.support import bodies, restricted
from experience.api.support.callers import Gate, reached
from experience.api.support.errors import Malformed, Unknown
from experience.api.support.schemas import COUNT, TEXT, array_of, holding, ref
from experience.model import timestamps
from experience.model.errors import BadAnswer
from experience.model.lengths import LONGEST_NOTE
from experience.platform import Platform
from foundation.web.openapi import JSON, described

MOST = 5000
MOST_ROWS = 1000
MOST_NOTES = 200
# As .NET writes a moment in the United States.
DOTNET = "%m/%d/%Y %I:%M:%S %p"
CSV = "text/csv"
# Of all answers in one list.
LARGEST_LIST = 32 * 1024 * 1024
# Grows with each answer that comes: SQLite's own, PostgreSQL's by migration 0002.
ARRIVAL = literal_column("answers.rowid", BigInteger)

# Large answers are not all fetched at once.
FEW = {"yield_per": 200}

Conditions = list[ColumnElement[bool]]


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_answers", __name__, url_prefix="/api")
    _lists(routes, platform, gate)
    _pages(routes, platform, gate)
    _single(routes, platform, gate)
    return routes


def _lists(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("/Answers")
    @routes.post("/Answers")
    @gate.reading
    @described(body=ref("FilterBy"), answer=array_of(ref("Answer")), media=(JSON, CSV))
    def some(caller: Caller) -> Response:
        """The answers that a filter lets through, newest first, at most 5,000, and 32 MiB of them.

        As CSV with `Accept: text/csv`. `X-Total-Count` says how many there are.
        """
        return _some(platform, caller, as_csv=request.accept_mimetypes.best_match((JSON, CSV)) == CSV)

    @routes.get("/Answers.csv")
    @routes.post("/Answers.csv")
    @gate.reading
    @described(body=ref("FilterBy"), media=CSV)
    def as_sheet(caller: Caller) -> Response:
        """The same as CSV: a row for each answer, a column for each question that was answered."""
        return _some(platform, caller, as_csv=True)


def _pages(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("/Answers/count")
    @routes.post("/Answers/count")
    @gate.reading
    @described(body=ref("FilterBy"), answer=COUNT)
    def count(caller: Caller) -> Response:
        """How many answers a filter lets through."""
        wanted = conditions(platform, caller, looks=1)
        with platform.database.read() as connection:
            return bodies.json_response(_count(connection, wanted))

    @routes.get("/Answers/page/<int:page>/<int:rows>")
    @routes.post("/Answers/page/<int:page>/<int:rows>")
    @gate.reading
    @described(body=ref("FilterBy"), answer=ref("Page"))
    def paged(caller: Caller, page: int, rows: int) -> Response:
        """One page of at most 1,000 answers, counted from 0, in the order in which they came."""
        if not 1 <= rows <= MOST_ROWS:
            raise Malformed(f"rows: 1 to {MOST_ROWS}")
        if page * rows >= 2**62:
            raise Malformed("page: there are not so many")
        wanted = conditions(platform, caller)
        with platform.database.read() as connection:
            total = _count(connection, wanted)
            responses = _array(
                platform, caller, bodies.whole(LARGEST_LIST, _arrived(connection, wanted, page * rows, rows))
            )
        facts = f'"totalCount":{total},"totalPages":{-(-total // rows)}'
        return bodies.written(f'{{"currentPage":{page},"responses":{responses},{facts}}}')


def _single(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("/Answer/<identity>")
    @gate.reading
    @described(answer=ref("Answer"))
    def single(caller: Caller, identity: str) -> Response:
        """The answer of an id."""
        with platform.database.read() as connection:
            return bodies.written(as_shown(platform, caller, load(connection, caller, identity)))

    @routes.post("/Answers/add")
    @gate.writing
    @described(body=ref("SentAnswer"), answer=ref("Answer"))
    def add(caller: Caller) -> Response:
        """Take an answer in; its id is kept, or made where it has none. One that is known stays as it was."""
        return bodies.written(taken(platform, caller, bodies.camel(bodies.sent())))

    @routes.post("/Answers/Note/<identity>")
    @gate.writing
    @described(body=holding(note=TEXT), answer={"const": True})
    def note(caller: Caller, identity: str) -> Response:
        """Add a note to an answer."""
        _add_note(platform, caller, identity, bodies.sent_fields())
        return bodies.json_response(True)


def conditions(platform: Platform, caller: Caller, looks: int = 2) -> Conditions:
    """What the filter in the request asks for, within the caller's reach."""
    return matching(platform, caller, bodies.sent(), looks)


def matching(platform: Platform, caller: Caller, body: object, looks: int = 2) -> Conditions:
    """What a filter asks for, within the caller's reach; for so many looks at the answers, most often a count first."""
    wanted, catalogue = filters.read_filter(body), platform.catalogue
    restricted.check(wanted, catalogue, caller)
    columns, inside = wanted.conditions(catalogue, platform.phone)
    columns += reached(caller)
    with platform.database.read() as connection:
        inside.check_cost(connection, columns, platform.filter_budget / looks)
    return [*columns, *inside.conditions(platform.database.dialect)]


def taken(platform: Platform, caller: Caller, sent: Any) -> str:
    """An answer that was taken in, or was known, as the caller sees it. Raises Malformed."""
    answer = prepared(platform, sent)
    result = platform.take([answer])
    if result.faults:
        raise Malformed(result.faults[0].reason)
    with platform.database.read() as connection:
        return as_shown(platform, caller, load(connection, caller, answer["id"]))


def as_shown(platform: Platform, caller: Caller, document: str) -> str:
    """An answer as a caller sees it."""
    return next(restricted.shown([document], platform.catalogue, caller))


def prepared(platform: Platform, sent: Any) -> dict[str, Any]:
    """An answer with all that WxM's clients count on. Raises Malformed."""
    if not isinstance(sent, dict):
        raise Malformed("The body is not an answer")
    try:
        return complete.completed(sent, platform.catalogue.questions)
    except BadAnswer as fault:
        raise Malformed(str(fault)) from None


def load(connection: Connection, caller: Caller, identity: str, *, to_change: bool = False) -> str:
    """The document of an answer that a caller may see; `to_change`: until the commit by us alone. Raises Unknown."""
    wanted = select(answers.c.document).where(answers.c.id == identity, *reached(caller))
    wanted = wanted.with_for_update() if to_change else wanted
    document: str | None = None if "\0" in identity else connection.execute(wanted).scalar()
    if document is None:
        raise Unknown("There is no such answer")
    return document


def _some(platform: Platform, caller: Caller, *, as_csv: bool) -> Response:
    wanted = conditions(platform, caller)
    with platform.database.read() as connection:
        total = _count(connection, wanted)
        documents = bodies.up_to(LARGEST_LIST, _newest(connection, wanted))
        if as_csv:
            seen = restricted.shown(documents, platform.catalogue, caller)
            content = answer_sheet.sheet(seen, restricted.seen(platform.catalogue, caller).questions)
            attached = {"Content-Disposition": "attachment; filename=answers.csv"}
            response = Response(content, mimetype=CSV, headers={**bodies.NOT_KEPT, **attached})
        else:
            response = bodies.written(_array(platform, caller, documents))
    response.headers["X-Total-Count"] = str(total)
    return response


def _count(connection: Connection, wanted: Conditions) -> int:
    return connection.execute(select(func.count()).select_from(answers).where(*wanted)).scalar_one()


def _newest(connection: Connection, wanted: Conditions) -> Iterator[str]:
    """Ids are put in order, not documents: those would be sorted on the disk."""
    order = (answers.c.responded_at.desc(), answers.c.id.desc())
    newest = select(answers.c.id).where(*wanted).order_by(*order).limit(MOST).subquery()
    chosen = select(answers.c.document).join(newest, newest.c.id == answers.c.id).order_by(*order)
    return iter(connection.execute(chosen, execution_options=FEW).scalars())


def _arrived(connection: Connection, wanted: Conditions, offset: int, rows: int) -> Iterator[str]:
    paging = select(answers.c.document).where(*wanted).order_by(ARRIVAL).offset(offset).limit(rows)
    return iter(connection.execute(paging, execution_options=FEW).scalars())


def _array(platform: Platform, caller: Caller, documents: Any) -> str:
    return f"[{','.join(restricted.shown(documents, platform.catalogue, caller))}]"


def _add_note(platform: Platform, caller: Caller, identity: str, fields: dict[str, Any]) -> None:
    text = fields.get("note")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_NOTE:
        raise Malformed(f"note: a text of at most {LONGEST_NOTE} characters")
    at = timestamps.format_utc(_note_time(fields.get("notetime")))
    note = {"user": caller.user, "authorName": caller.user, "note": text, "noteTime": at}
    with platform.database.write() as connection:
        document = orjson.loads(load(connection, caller, identity, to_change=True))
        notes = [*(document.get("notes") or []), note]
        if len(notes) > MOST_NOTES:
            raise Malformed(f"An answer carries at most {MOST_NOTES} notes")
        changed = orjson.dumps({**document, "notes": notes}).decode()
        connection.execute(update(answers).where(answers.c.id == identity).values(document=changed))


def _note_time(timestamp: object) -> datetime:
    if timestamp is None:
        return datetime.now(UTC)
    with suppress(ValueError, TypeError):
        return datetime.strptime(str(timestamp), DOTNET).replace(tzinfo=UTC)
    try:
        return timestamps.parse(timestamp)
    except ValueError:
        raise Malformed("noteTime: is not a time like 2026-11-08T03:12:44Z") from None
