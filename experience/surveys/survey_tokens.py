"""Invitations (WxM's survey tokens): who may answer which questionnaire, until when and how often.

An id is the only credential of whoever answers: it has WxM's look, two letters and digits, and too many to be guessed.
What else may restrict an invitation in WxM and is not enforced here makes none: nobody relies on it in vain.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from experience.model import timestamps
from experience.model.lengths import LARGEST_TOKEN
from foundation.db import bulk
from foundation.db.database import Database, metadata
from foundation.db.prepared import Prepared
from foundation.errors import BadRequest

VALID_DAYS = 30
LONGEST_DAYS = 3650
DIGITS = 18
MOST_LISTED = 1000
MOST_USES = 1_000_000
UNLIMITED = -1
NOT_ENFORCED = ("requireCaptcha", "restrictFromIPSpace", "restrictOnWebDomain")

invitations = Table(
    "invitations",
    metadata,
    Column("id", String, primary_key=True),
    Column("questionnaire", String, nullable=False),
    Column("valid_after", BigInteger),
    Column("valid_till", BigInteger),
    Column("uses_left", Integer),
    Column("document", Text, nullable=False),
)

Document = dict[str, Any]
_columns = invitations.c
# QR and Import are other routes in its place, and no client sends a dot as a segment of a path.
_ID = re.compile(r"(?!(?:qr|import|\.\.?)\Z)[!-.0-~]{1,64}", re.IGNORECASE)
_NAMES = [column.name for column in invitations.columns]


class InvitationFault(BadRequest):
    """An invitation cannot be as it was sent; the detail names the field."""

    code = "bad_survey_token"
    title = "This survey token cannot be"


def make(database: Database, sent: Mapping[str, Any], questionnaire: str) -> Document:
    """A new invitation from a SurveyToken; its id is kept where it has one. Raises InvitationFault."""
    identity = sent.get("id") or new_id()
    if not isinstance(identity, str) or not _ID.fullmatch(identity):
        raise InvitationFault("id: at most 64 letters and digits; not QR, not Import")
    row = _row({**sent, "id": identity, "created": timestamps.format_utc(datetime.now(UTC))}, questionnaire)
    with database.write() as connection:
        making = database.dialect_insert(invitations).values(**row).on_conflict_do_nothing()
        if connection.execute(making.returning(_columns.id)).scalar() is None:
            raise InvitationFault(f"{identity}: there is such a token")
    return _document(row)


def make_many(connection: Connection, tokens: Iterable[Mapping[str, Any]], questionnaire: str) -> list[Document]:
    """New invitations of one questionnaire, each with an id of ours where it has none. Raises InvitationFault."""
    created = timestamps.format_utc(datetime.now(UTC))
    rows = [_row({**token, "id": token.get("id") or new_id(), "created": created}, questionnaire) for token in tokens]
    new = bulk.insert_new(connection, invitations, [[row[name] for name in _NAMES] for row in rows])
    return [_document(row) for row in rows if row["id"] in new]


def change(connection: Connection, known: Document, sent: Mapping[str, Any], questionnaire: str) -> Document:
    """Change an invitation, `known` by `find(…, to_change=True)`: it may be used as often as it now says, less what it
    has been. Raises InvitationFault.
    """
    row = _row({**sent, "id": known["id"], "created": known["created"]}, questionnaire)
    changed, before = _document(row), known["validUses"]
    if UNLIMITED not in {before, changed["validUses"]}:
        row["uses_left"] = _columns.uses_left + (row["uses_left"] - before)
    connection.execute(update(invitations).where(_columns.id == known["id"]).values(**row))
    return changed


def remove(database: Database, *identities: str) -> int:
    """Forget invitations, and say how many; ids that are not known are passed over."""
    known = [identity for identity in identities if "\0" not in identity]
    with database.write() as connection:
        return connection.execute(delete(invitations).where(_columns.id.in_(known))).rowcount


def of_link(text: str) -> str:
    """The token of a survey's link, which may end in `&mode=reuse` (docs/cisco/wxm-api.md §10.3)."""
    return text.partition("&")[0]


def find(connection: Connection, identity: str, *, usable: bool = False, to_change: bool = False) -> Document | None:
    """The invitation of an id; with `usable` only one that may still be answered.

    `to_change`: whoever else would change or use it waits for our commit.
    """
    if to_change:
        hold(connection, identity)
    invitation, is_usable = find_with_state(connection, identity)
    return invitation if is_usable or not usable else None


def hold(connection: Connection, identity: str) -> None:
    """Whoever else would change or use an invitation waits for our commit; SQLite has one writer at a time."""
    if connection.dialect.name != "sqlite" and "\0" not in identity:
        connection.execute(select(_columns.id).where(_columns.id == identity).with_for_update())


def find_with_state(connection: Connection, identity: str) -> tuple[Document | None, bool]:
    """The invitation of an id, and whether it may still be answered."""
    rows = _INVITATION.rows(connection, {"identity": identity, "now": _now()}) if "\0" not in identity else []
    return (dict(orjson.loads(rows[0].document)), bool(rows[0].is_usable)) if rows else (None, False)


def search(
    database: Database,
    questionnaire: str | None = None,
    note: str | None = None,
    *,
    offset: int = 0,
    limit: int = MOST_LISTED,
) -> tuple[list[Document], int]:
    """Invitations of a questionnaire, or with a note, by their ids: so many behind so many, and how many there are."""
    wanted = [_columns.questionnaire == questionnaire] if questionnaire is not None else []
    if note is not None:
        position = func.instr if database.dialect == "sqlite" else func.strpos
        # Quotes inside of texts are written with a backslash: only the field itself looks so.
        wanted.append(position(_columns.document, f'"note":{orjson.dumps(note).decode()}') > 0)
    choosing = select(_columns.document).where(*wanted).order_by(_columns.id).offset(offset).limit(limit)
    with database.read() as connection:
        total = connection.execute(select(func.count()).select_from(invitations).where(*wanted)).scalar_one()
        return [orjson.loads(document) for document in connection.execute(choosing).scalars()], total


def use(connection: Connection, identity: str) -> bool:
    """Take one use away; whether there was one."""
    # Of an invitation without a limit nothing is left but nothing: NULL minus one is NULL.
    spending = (
        update(invitations).where(_columns.id == identity, *_usable(_now())).values(uses_left=_columns.uses_left - 1)
    )
    return connection.execute(spending).rowcount == 1


def _now() -> int:
    return timestamps.to_micros(datetime.now(UTC))


def _usable(now: ColumnElement[int] | int) -> tuple[ColumnElement[bool], ...]:
    return (
        or_(_columns.valid_after.is_(None), _columns.valid_after <= now),
        or_(_columns.valid_till.is_(None), _columns.valid_till > now),
        or_(_columns.uses_left.is_(None), _columns.uses_left > 0),
    )


class InvitationRow(NamedTuple):
    """An invitation as it is written down; SQLite says 1 or 0."""

    document: str
    is_usable: int


# The survey page asks for it at each step.
_INVITATION = Prepared(
    select(_columns.document, and_(*_usable(bindparam("now", type_=BigInteger)))).where(
        _columns.id == bindparam("identity")
    ),
    InvitationRow,
)


def _row(sent: Document, questionnaire: str) -> Document:
    for name in NOT_ENFORCED:
        if sent.get(name):
            raise InvitationFault(f"{name}: is not enforced here; leave it out, or send null")
    after, till, uses = _after(sent.get("validAfter")), _till(sent.get("validTill")), sent.get("validUses") or 1
    if isinstance(uses, bool) or not isinstance(uses, int) or not UNLIMITED <= uses <= MOST_USES:
        raise InvitationFault("validUses: -1 for any number, else at least 1")
    document = {**sent, "location": questionnaire, "validTill": timestamps.format_utc(till), "validUses": uses}
    if after is not None:
        document["validAfter"] = timestamps.format_utc(after)
    written = orjson.dumps(document)
    if len(written) > LARGEST_TOKEN:
        raise InvitationFault(f"a survey token has at most {LARGEST_TOKEN // 1024} KiB, with what it prefills")
    return {
        "id": sent["id"],
        "questionnaire": questionnaire,
        "valid_after": None if after is None else timestamps.to_micros(after),
        "valid_till": timestamps.to_micros(till),
        "uses_left": None if uses == UNLIMITED else uses,
        "document": written.decode(),
    }


def _document(row: Mapping[str, Any]) -> Document:
    return dict(orjson.loads(row["document"]))


def _till(sent: object) -> datetime:
    """WxM's clients send a moment, or a number of days (docs/cisco/wxm-api.md §3.1)."""
    now = datetime.now(UTC)
    if sent is None or type(sent) is int:
        days = VALID_DAYS if sent is None else sent
        return now + timedelta(days=max(0, min(days, LONGEST_DAYS)))
    return min(_moment("validTill", sent), now + timedelta(days=LONGEST_DAYS))


def _after(value: object) -> datetime | None:
    return None if value in (None, "") else _moment("validAfter", value)


def _moment(name: str, value: object) -> datetime:
    try:
        return timestamps.parse(value)
    except ValueError:
        raise InvitationFault(f"{name}: is not a time like 2026-11-08T03:12:44Z") from None


def new_id() -> str:
    """An id that nobody guesses."""
    letters = "".join(secrets.choice(string.ascii_uppercase) for _ in range(2))
    return f"{letters}-{secrets.randbelow(10**DIGITS):0{DIGITS}}"
