"""Who was invited by a deferred survey, and what became of it: delivered, answered, opted out; by the day of delivery.

Inline surveys are in none of these. Each change of an invitation and its count are one transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)

from experience.answers.schema import matching
from experience.model.figures import Invitations
from experience.model.period import Period
from experience.model.scope import Scope
from experience.model.timestamps import day_number, moment
from foundation.db import bulk
from foundation.db.database import metadata

Outcome = Literal["delivered", "answered", "opted_out"]
STEP = 2000

invited = Table(
    "invited",
    metadata,
    Column("id", String, primary_key=True),
    Column("agent_id", String, nullable=False),
    Column("team_id", String, nullable=False),
    Column("questionnaire", String, nullable=False),
    Column("delivered_at", BigInteger, nullable=False),
    Column("day", Integer, nullable=False),
    Column("answered", Boolean, nullable=False),
    Column("opted_out", Boolean, nullable=False),
)

invitation_tallies = Table(
    "invitation_tallies",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("agent_id", String, primary_key=True),
    Column("questionnaire", String, primary_key=True),
    Column("outcome", String, primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)
_tallied = invitation_tallies.c
Index(
    "ix_invitation_tallies_agent",
    *(_tallied.agent_id, _tallied.day, _tallied.team_id, _tallied.questionnaire, _tallied.outcome, _tallied["count"]),
)


class Delivered(NamedTuple):
    """An invitation that its server has taken: its survey token, whose call it was, and when, in µs since 1970."""

    token: str
    agent_id: str | None
    team_id: str | None
    questionnaire: str
    delivered_at: int


def deliver(connection: Connection, zone: ZoneInfo, delivered: Iterable[Delivered]) -> None:
    """Count invitations that were delivered; one that is known counts once."""
    rows = {
        row.token: (
            *(row.token, row.agent_id or "", row.team_id or "", row.questionnaire, row.delivered_at),
            *(_day(row.delivered_at, zone), False, False),
        )
        for row in delivered
    }
    new = bulk.insert_new(connection, invited, list(rows.values()))
    _count(connection, ((rows[token][2], rows[token][5], rows[token][1], rows[token][3], "delivered") for token in new))


def answer(connection: Connection, token: str) -> None:
    """The invitation was answered; a second answer counts no more, and a token that was never delivered in nothing."""
    _note(connection, token, "answered")


def opt_out(connection: Connection, token: str) -> None:
    """Whoever was invited wants no more."""
    _note(connection, token, "opted_out")


def invitations(connection: Connection, scope: Scope, period: Period, questionnaire: str | None = None) -> Invitations:
    """What became of the invitations of a scope that were delivered in a period."""
    teams = None if scope.teams is None else sorted(scope.teams)
    counting = select(_tallied.outcome, func.sum(_tallied["count"])).group_by(_tallied.outcome)
    counting = counting.where(*matching(_tallied, teams, scope.agent))
    counting = counting.where(_tallied.day.between(day_number(period.first), day_number(period.last)))
    if questionnaire is not None:
        counting = counting.where(_tallied.questionnaire == questionnaire)
    return Invitations(**{outcome: int(count) for outcome, count in connection.execute(counting)})


def recount(connection: Connection, zone: ZoneInfo) -> None:
    """Move every invitation into its day in a time zone, and count all anew."""
    connection.execute(delete(invitation_tallies))
    columns = invited.c
    page = select(invited).order_by(columns.id).limit(STEP)
    moving = update(invited).where(columns.id == bindparam("moved")).values(day=bindparam("to"))
    last = ""
    while rows := connection.execute(page.where(columns.id > last)).all():
        days = {row.id: _day(row.delivered_at, zone) for row in rows}
        if moved := [{"moved": row.id, "to": days[row.id]} for row in rows if days[row.id] != row.day]:
            connection.execute(moving, moved)
        _count(
            connection,
            (
                (row.team_id, days[row.id], row.agent_id, row.questionnaire, outcome)
                for row in rows
                for outcome in _outcomes(row)
            ),
        )
        last = rows[-1].id


def _note(connection: Connection, token: str, outcome: Literal["answered", "opted_out"]) -> None:
    if "\0" in token:
        return
    columns = invited.c
    noting = update(invited).where(columns.id == token, columns[outcome].is_(False)).values({outcome: True})
    whose = (columns.team_id, columns.day, columns.agent_id, columns.questionnaire)
    _count(connection, ((*row, outcome) for row in connection.execute(noting.returning(*whose)).all()))


def _count(connection: Connection, keys: Iterable[tuple[Any, ...]]) -> None:
    # Sorted: two transactions that lock the same rows in two orders would wait for each other for ever.
    bulk.add_counts(connection, invitation_tallies, [(*key, count) for key, count in sorted(Counter(keys).items())])


def _outcomes(row: Any) -> list[Outcome]:
    states: tuple[tuple[Outcome, bool], ...] = (
        ("delivered", True),
        ("answered", row.answered),
        ("opted_out", row.opted_out),
    )
    return [outcome for outcome, holds in states if holds]


def _day(microseconds: int, zone: ZoneInfo) -> int:
    return day_number(moment(microseconds).astimezone(zone).date())
