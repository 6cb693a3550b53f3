"""Surveys that are half answered: kept as they grow, and turned into an answer at most once.

An id says which invitation it was given out for, and is signed: nobody can add to a survey that he has not opened. A
survey that is left half answered is no answer: nothing counts or shows it, and it is forgotten after 30 days, or when
too many others are open on its token.

WxM's web client completes a partial survey and then posts the whole answer with the token as well: the first that
follows within minutes and says exactly the same is known as this one, and makes no second. Where nobody else has the
token, it may also say more, which is then kept.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, String, Table, Text, delete, select, update

from experience.surveys import survey_tokens
from foundation.db.database import Database, metadata
from foundation.errors import BadRequest
from foundation.keys import derived

FORGOTTEN_AFTER = 30 * 86_400 * 1_000_000
FOLLOWED_WITHIN = 600 * 1_000_000
MOST_RESPONSES = 500
MOST_BYTES = 64 * 1024
# Surveys that may be open at once on one token: one that a single customer has, and one that many share.
MOST_OPEN_SINGLE_USE, MOST_OPEN = 10, 300
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


class TooMuch(BadRequest):
    code = "invalid_request"
    title = f"A survey has at most {MOST_RESPONSES} responses, and {MOST_BYTES // 1024} KiB in all"


class Grown(Exception):
    """More was answered meanwhile."""


class Followed(Exception):
    """The whole answer was sent already."""


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


def answer_id(identity: str) -> str:
    """The id of the answer that a partial survey becomes: always the same, so that it becomes one only."""
    return hashlib.sha256(identity.encode()).hexdigest()[:24]


def keep(database: Database, identity: str, invitation: Document, sent: Document) -> None:
    """Keep what was answered so far: a response takes the place of an earlier one to the same question.

    What is completed stays as it is; of too many that are open, the one left longest gives way. Raises TooMuch.
    """
    token = invitation["id"]
    with database.write() as connection:
        survey_tokens.find(connection, token, to_change=True)
        now = _now()
        connection.execute(delete(partials).where(_columns.changed_at < now - FORGOTTEN_AFTER))
        blank = {"id": identity, "token": token, "changed_at": now, "document": "{}"}
        opening = database.dialect_insert(partials).values(**blank, completed=False, followed=False)
        connection.execute(opening.on_conflict_do_nothing())
        row = connection.execute(select(partials).where(_columns.id == identity).with_for_update()).one()
        if row.completed:
            return
        document = _grown(orjson.loads(row.document), sent)
        changing = update(partials).where(_columns.id == identity)
        connection.execute(changing.values(document=document, changed_at=now))
        others = (_columns.token == token, ~_columns.completed, _columns.id != identity)
        most = MOST_OPEN_SINGLE_USE if invitation["validUses"] == 1 else MOST_OPEN
        oldest = select(_columns.id).where(*others).order_by(_columns.changed_at.desc()).offset(most - 1)
        connection.execute(delete(partials).where(_columns.id.in_(oldest)))


def find(connection: Connection, identity: str) -> tuple[str, bool] | None:
    """What was answered so far, as it is written down, and whether it is completed."""
    row = connection.execute(select(_columns.document, _columns.completed).where(_columns.id == identity)).first()
    return None if row is None else (row[0], row[1])


def complete(connection: Connection, identity: str, document: str) -> None:
    """Close a partial survey, of which this is the whole. Raises Grown."""
    same = (_columns.id == identity, ~_columns.completed, _columns.document == document)
    if not connection.execute(update(partials).where(*same).values(completed=True, changed_at=_now())).rowcount:
        raise Grown


def awaiting(connection: Connection, token: str) -> dict[str, Document]:
    """The partial surveys of a token that were completed just now and not yet sent whole, by their ids."""
    since = _now() - FOLLOWED_WITHIN
    wanted = (_columns.token == token, _columns.changed_at >= since, _columns.completed, ~_columns.followed)
    newest = select(_columns.id, _columns.document).where(*wanted).order_by(_columns.changed_at.desc()).limit(MOST_OPEN)
    return {row.id: orjson.loads(row.document) for row in connection.execute(newest)}


def is_whole(survey: Document, sent: Document, fixed: Container[str], *, or_more: bool) -> bool:
    """Whether an answer says exactly what a partial survey holds, `or_more`, by the same client; `fixed` aside."""
    clients = [document["surveyClient"] for document in (survey, sent) if document.get("surveyClient") is not None]
    held, sent_values = (Counter(_values(document["responses"], fixed)) for document in (survey, sent))
    return (held == sent_values or (or_more and held <= sent_values)) and clients[1:] in ([], clients[:1])


def follow(identity: str, connection: Connection) -> None:
    """The whole of a completed survey has come; it comes once. Raises Followed."""
    first = (_columns.id == identity, ~_columns.followed)
    if not connection.execute(update(partials).where(*first).values(followed=True)).rowcount:
        raise Followed


def _values(responses: Iterable[Document], fixed: Container[str]) -> Iterator[tuple[Any, ...]]:
    for response in responses:
        if response["questionId"] not in fixed:
            yield response["questionId"], response.get("textInput"), response.get("numberInput")


def _grown(kept: Document, sent: Document) -> str:
    responses = {response["questionId"]: response for response in (*kept.get("responses", ()), *sent["responses"])}
    document = orjson.dumps({**kept, **sent, "responses": list(responses.values())})
    if len(responses) > MOST_RESPONSES or len(document) > MOST_BYTES:
        raise TooMuch()
    return document.decode()


def _now() -> int:
    return time.time_ns() // 1000


def _mark(key: bytes, drawn: str, token: str) -> str:
    return hmac.digest(key, f"{drawn}-{token}".encode(), hashlib.sha256).hex()[:16]
