"""Invitations (WxM's survey tokens): who may answer which questionnaire, until when and how often.

An id is the only credential of whoever answers: it has WxM's look, two letters and digits, and too many to be guessed.
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, Integer, String, Table, Text, delete, or_, select, update

from foundation.database import Database, metadata
from foundation.errors import BadRequest

VALID_DAYS = 30
LONGEST_DAYS = 3650
DIGITS = 18
MOST_TOLD = 1000
MOST_USES = 1_000_000
UNLIMITED = -1

invitations = Table(
    "invitations",
    metadata,
    Column("id", String, primary_key=True),
    Column("questionnaire", String, nullable=False),
    Column("valid_till", BigInteger),
    Column("uses_left", Integer),
    Column("document", Text, nullable=False),
)

Document = dict[str, Any]
_columns = invitations.c


class InvitationFault(BadRequest):
    """An invitation cannot be as it was sent; the detail names the field."""

    code = "bad_survey_token"
    title = "This survey token cannot be"


def make(database: Database, given: Mapping[str, Any], questionnaire: str) -> Document:
    """A new invitation from a SurveyToken; its id is kept where it has one. Raises InvitationFault."""
    identity = given.get("id") or _new_id()
    if not isinstance(identity, str) or not 1 <= len(identity) <= 64 or not identity.isascii() or "/" in identity:
        raise InvitationFault("id: at most 64 letters and digits")
    row = _row({**given, "id": identity, "created": _told(datetime.now(UTC))}, questionnaire)
    with database.write() as connection:
        making = database.dialect_insert(invitations).values(**row).on_conflict_do_nothing()
        if connection.execute(making.returning(_columns.id)).scalar() is None:
            raise InvitationFault(f"{identity}: there is such a token")
    return _document(row)


def change(database: Database, identity: str, given: Mapping[str, Any], questionnaire: str) -> Document:
    """Change an invitation; it may be used as often as it now says. Raises InvitationFault."""
    row = _row({**given, "id": identity}, questionnaire)
    with database.write() as connection:
        connection.execute(update(invitations).where(_columns.id == identity).values(**row))
    return _document(row)


def remove(database: Database, identity: str) -> None:
    with database.write() as connection:
        connection.execute(delete(invitations).where(_columns.id == identity))


def one(connection: Connection, identity: str, *, usable: bool = False) -> Document | None:
    """The invitation of an id; with `usable` only one that may still be answered."""
    if "\0" in identity:
        return None
    conditions = [_columns.id == identity, *(_usable() if usable else ())]
    found = connection.execute(select(_columns.document).where(*conditions)).scalar()
    return None if found is None else dict(orjson.loads(found))


def some(connection: Connection) -> list[Document]:
    """At most 1,000 invitations, by their ids."""
    found = connection.execute(select(_columns.document).order_by(_columns.id).limit(MOST_TOLD))
    return [orjson.loads(document) for document in found.scalars()]


def use(database: Database, identity: str, times: int = 1) -> bool:
    """Take one use away; whether there was one. With -1 a use is given back."""
    limited = update(invitations).where(_columns.id == identity, _columns.uses_left.is_not(None))
    with database.write() as connection:
        if one(connection, identity, usable=times > 0) is None:
            return False
        connection.execute(limited.values(uses_left=_columns.uses_left - times))
    return True


def _usable() -> tuple[Any, ...]:
    now = int(time.time() * 1_000_000)
    return (
        or_(_columns.valid_till.is_(None), _columns.valid_till > now),
        or_(_columns.uses_left.is_(None), _columns.uses_left > 0),
    )


def _row(given: Document, questionnaire: str) -> Document:
    till, uses = _till(given.get("validTill")), given.get("validUses") or 1
    if isinstance(uses, bool) or not isinstance(uses, int) or not UNLIMITED <= uses <= MOST_USES:
        raise InvitationFault("validUses: -1 for any number, else at least 1")
    document = {**given, "location": questionnaire, "validTill": _told(till), "validUses": uses}
    return {
        "id": given["id"],
        "questionnaire": questionnaire,
        "valid_till": int(till.timestamp() * 1_000_000),
        "uses_left": None if uses == UNLIMITED else uses,
        "document": orjson.dumps(document).decode(),
    }


def _document(row: Mapping[str, Any]) -> Document:
    return dict(orjson.loads(row["document"]))


def _till(given: object) -> datetime:
    """WxM's clients send a moment, or a number of days (contract/wxm-api.md §3)."""
    now = datetime.now(UTC)
    if given is None or type(given) is int:
        days = VALID_DAYS if given is None else given
        return now + timedelta(days=max(0, min(days, LONGEST_DAYS)))
    try:
        found = datetime.fromisoformat(str(given))
    except ValueError:
        raise InvitationFault("validTill: is not a time like 2026-11-08T03:12:44Z") from None
    known = found if found.tzinfo else found.replace(tzinfo=UTC)
    return min(known, now + timedelta(days=LONGEST_DAYS))


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _new_id() -> str:
    letters = "".join(secrets.choice(string.ascii_uppercase) for _ in range(2))
    return f"{letters}-{secrets.randbelow(10**DIGITS):0{DIGITS}}"
