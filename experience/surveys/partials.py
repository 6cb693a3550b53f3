"""Surveys that are half answered: kept as they grow, and turned into an answer at most once.

An id says which invitation it was given out for, and is signed: nobody can add to a survey that he has not opened. A
survey that is left half answered is no answer: nothing counts or shows it, and it is forgotten after 30 days, or when
too many others are open on its token.

WxM's web client ends a survey with two requests at once: the last of its partial survey, in which one response may be
wrong, and the whole answer with the token. Whichever comes first waits here for the other, some minutes long: both are
one respondent's.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    String,
    Table,
    Text,
    bindparam,
    delete,
    select,
    update,
)

from foundation.db.database import Database, metadata
from foundation.db.prepared import Prepared
from foundation.errors import BadRequest
from foundation.keys import derived

FORGOTTEN_AFTER = 30 * 86_400 * 1_000_000
FOLLOWED_WITHIN = 600 * 1_000_000
MOST_RESPONSES = 500
MOST_BYTES = 64 * 1024
# Surveys that may be open at once on one token: one that a single customer has, and one that many share.
MOST_OPEN_SINGLE_USE, MOST_OPEN = 10, 300
# How the id of a whole answer begins that waits for the end of its partial survey; those of surveys are hexadecimal.
WHOLE = "whole-"
_ID = re.compile(r"([0-9a-f]{16})([0-9a-f]{16})-(.{1,64})", re.DOTALL)

partials = Table(
    "partials",
    metadata,
    Column("id", String, primary_key=True),
    Column("token", String, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("completed", Boolean, nullable=False),
    Column("followed", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    Index("ix_partials_changed_at", "changed_at"),
    Index("ix_partials_token_completed_changed_at", "token", "completed", "changed_at"),
)

Document = dict[str, Any]
_columns = partials.c


class PartialRow(NamedTuple):
    """A partial survey as it is written down; SQLite says 1 or 0."""

    document: str
    completed: int


# The survey page asks for it at each step.
_SURVEY = Prepared(
    select(_columns.document, _columns.completed).where(_columns.id == bindparam("identity")), PartialRow
)


class TooMuch(BadRequest):
    code = "invalid_request"
    title = f"A survey has at most {MOST_RESPONSES} responses, and {MOST_BYTES // 1024} KiB in all"


class PartialIds:
    """Gives out ids of surveys that are being answered, `<32 hex>-<token>` (docs/cisco/wxm-api.md §4.1)."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [derived(key, "partial-survey") for key in keys]

    def new(self, token: str) -> str:
        """An id for one who has opened the survey of this token."""
        drawn = secrets.token_hex(8)
        return f"{drawn}{_mark(self._keys[0], drawn, token)}-{token}"

    def token(self, identity: str) -> str | None:
        """The token that an id was given out for; None for an id that never was."""
        match = _ID.fullmatch(identity)
        if not match or not match[3].isascii():
            return None
        drawn, mark, token = match.groups()
        known = [hmac.compare_digest(mark, _mark(key, drawn, token)) for key in self._keys]
        return token if any(known) else None


def device_id(token: str, client: str, device: str) -> str:
    """The id of what a device sends that was given none; it is like no id that is given out."""
    return f"device-{hashlib.sha256(repr((token, client, device)).encode()).hexdigest()[:32]}-{token}"


def answer_id(identity: str) -> str:
    """The id of the answer that a partial survey becomes: always the same, so that it becomes one only."""
    return hashlib.sha256(identity.encode()).hexdigest()[:24]


def keep(
    database: Database,
    connection: Connection,
    identity: str,
    invitation: Document,
    sent: Document,
    withdrawn: Container[str] = (),
) -> Document | None:
    """Keep what was answered so far, and say what that is: a response takes the place of one to the same question.

    Responses to questions that are `withdrawn` are dropped.

    What is completed stays as it is: None. Of too many that are open, the one left longest gives way. The invitation
    is ours until the commit (`survey_tokens.find`, `to_change`). Raises TooMuch.
    """
    now = _now()
    connection.execute(delete(partials).where(_columns.changed_at < now - FORGOTTEN_AFTER))
    _open(database, connection, identity, invitation["id"], now)
    row = connection.execute(select(partials).where(_columns.id == identity)).one()
    if row.completed:
        return None
    document = _grown(orjson.loads(row.document), sent, withdrawn)
    changing = update(partials).where(_columns.id == identity)
    connection.execute(changing.values(document=orjson.dumps(document).decode(), changed_at=now))
    others = (_columns.token == invitation["id"], ~_columns.completed, _columns.id != identity)
    most = MOST_OPEN_SINGLE_USE if invitation["validUses"] == 1 else MOST_OPEN
    oldest = select(_columns.id).where(*others).order_by(_columns.changed_at.desc()).offset(most - 1)
    connection.execute(delete(partials).where(_columns.id.in_(oldest)))
    return document


def find(connection: Connection, identity: str) -> tuple[str, bool] | None:
    """What was answered so far, as it is written down, and whether it is completed."""
    rows = _SURVEY.rows(connection, {"identity": identity})
    return (rows[0].document, bool(rows[0].completed)) if rows else None


def find_open(connection: Connection, tokens: Iterable[str]) -> dict[str, Document]:
    """What was answered so far by tokens, by token: of several surveys that are open the one that changed last."""
    since = _now() - FORGOTTEN_AFTER
    wanted = (_columns.token.in_(list(tokens)), ~_columns.completed, _columns.changed_at >= since)
    rows = connection.execute(select(_columns.token, _columns.document).where(*wanted).order_by(_columns.changed_at))
    documents = {row.token: orjson.loads(row.document) for row in rows}
    return {token: document for token, document in documents.items() if document.get("responses")}


def complete(connection: Connection, identity: str, *, is_whole: bool = False) -> None:
    """Close a partial survey; `is_whole`: its whole answer has come, too."""
    closing = update(partials).where(_columns.id == identity)
    connection.execute(closing.values(completed=True, followed=is_whole, changed_at=_now()))


def awaiting(connection: Connection, token: str) -> dict[str, Document]:
    """The partial surveys of a token that were completed just now and not yet sent whole, by their ids."""
    return _waiting(connection, token, ~_columns.id.startswith(WHOLE))


def wait(database: Database, connection: Connection, answer: str, token: str, client: object) -> None:
    """A whole answer by a token waits for the end of its partial survey."""
    identity, document = f"{WHOLE}{answer}", orjson.dumps({"surveyClient": client}).decode()
    _open(database, connection, identity, token, _now())
    waiting = update(partials).where(_columns.id == identity)
    connection.execute(waiting.values(completed=True, document=document))


def wholes(connection: Connection, token: str) -> dict[str, Document]:
    """The whole answers of a token that came just now and wait for the end of a partial survey, by the answers' ids."""
    waiting = _waiting(connection, token, _columns.id.startswith(WHOLE))
    return {identity.removeprefix(WHOLE): document for identity, document in waiting.items()}


def stop_waiting(connection: Connection, answer: str) -> None:
    """The partial survey of a whole answer has ended."""
    connection.execute(delete(partials).where(_columns.id == f"{WHOLE}{answer}"))


def distance(survey: Document, whole: Document, fixed: Container[str], *, alone: bool) -> int | None:
    """How far a whole answer is from what a partial survey holds: the less, the surer; None: another respondent's.

    It says the same; or by the same client more, and of what the survey holds one response otherwise or not at all. An
    answer without a client may say more where the respondent is `alone` with the token. `fixed`: what it prefills.
    """
    clients = [document.get("surveyClient") for document in (survey, whole)]
    held, said = (Counter(_values(document["responses"], fixed)) for document in (survey, whole))
    missing = (held - said).total()
    if None in clients:
        return 0 if held == said or (alone and not missing) else None
    return None if clients[0] != clients[1] or missing > 1 else missing + (held != said)


def nearest(distances: Iterable[tuple[str, int | None]]) -> str | None:
    """Of what waits, the surest; of several the first."""
    near = [(distance, place, identity) for place, (identity, distance) in enumerate(distances) if distance is not None]
    return min(near)[2] if near else None


def _open(database: Database, connection: Connection, identity: str, token: str, now: int) -> None:
    blank = {"id": identity, "token": token, "changed_at": now, "document": "{}"}
    opening = database.dialect_insert(partials).values(**blank, completed=False, followed=False)
    connection.execute(opening.on_conflict_do_nothing())


def _waiting(connection: Connection, token: str, which: ColumnElement[bool]) -> dict[str, Document]:
    """The newest first."""
    since = _now() - FOLLOWED_WITHIN
    wanted = (_columns.token == token, _columns.changed_at >= since, _columns.completed, ~_columns.followed, which)
    newest = select(_columns.id, _columns.document).where(*wanted).order_by(_columns.changed_at.desc()).limit(MOST_OPEN)
    return {row.id: orjson.loads(row.document) for row in connection.execute(newest)}


def _values(responses: Iterable[Document], fixed: Container[str]) -> Iterator[tuple[Any, ...]]:
    for response in responses:
        if response["questionId"] not in fixed:
            # Clients write no number as nothing, or as 0.
            yield response["questionId"], response.get("textInput") or None, response.get("numberInput") or 0


def _grown(kept: Document, sent: Document, withdrawn: Container[str]) -> Document:
    left = [response for response in kept.get("responses", ()) if response["questionId"] not in withdrawn]
    responses = {response["questionId"]: response for response in (*left, *sent["responses"])}
    document = {**kept, **sent, "responses": list(responses.values())}
    if len(responses) > MOST_RESPONSES or len(orjson.dumps(document)) > MOST_BYTES:
        raise TooMuch()
    return document


def _now() -> int:
    return time.time_ns() // 1000


def _mark(key: bytes, drawn: str, token: str) -> str:
    return hmac.digest(key, f"{drawn}-{token}".encode(), hashlib.sha256).hex()[:16]
