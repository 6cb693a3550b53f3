"""The table of answers, and which of them a scope holds.

Moments are whole microseconds since 1970 in UTC, days are whole numbers yyyymmdd in TIME_ZONE: both sort, compare and
read the same way in every database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Column, ColumnElement, Index, Integer, String, Table, Text
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from experience.model.scope import Scope
from foundation.db.database import metadata

answers = Table(
    "answers",
    metadata,
    Column("id", String, primary_key=True),
    Column("questionnaire", String, nullable=False),
    Column("responded_at", BigInteger, nullable=False),
    Column("day", Integer, nullable=False),
    Column("customer_id", String),
    Column("email", String),
    Column("mobile", String),
    Column("agent_id", String),
    Column("team_id", String),
    Column("channel", String),
    Column("nps", Integer),
    Column("csat", Integer),
    Column("ces", Integer),
    Column("ces_low", Integer),
    Column("ces_high", Integer),
    Column("document", Text, nullable=False),
    # When it was given, of an answer with a comment: one column says both which to look at and in which order.
    Column("commented_at", BigInteger),
)

for _person in (answers.c.customer_id, answers.c.mobile, answers.c.email):
    # Most answers carry one of the three: an index leaves the others out.
    Index(
        f"ix_answers_{_person.name}",
        _person,
        answers.c.responded_at,
        sqlite_where=_person.is_not(None),
        postgresql_where=_person.is_not(None),
    )

# For a day up to a moment.
for _whose in (answers.c.team_id, answers.c.agent_id):
    Index(f"ix_answers_{_whose.name}_responded_at", _whose, answers.c.responded_at)

# Behind the moment and the id stands what comments are filtered by: only the rows that are returned are looked up.
for _name, _first, _other in (
    ("team", answers.c.team_id, answers.c.agent_id),
    ("agent", answers.c.agent_id, answers.c.team_id),
):
    Index(
        f"ix_answers_{_name}_comments",
        *(_first, answers.c.commented_at, answers.c.id, _other, answers.c.day, answers.c.questionnaire),
        sqlite_where=answers.c.commented_at.is_not(None),
        postgresql_where=answers.c.commented_at.is_not(None),
    )


def conditions(scope: Scope) -> list[ColumnElement[bool]]:
    """`Scope.holds` in SQL: the answers of a scope."""
    return matching(answers.c, None if scope.teams is None else sorted(scope.teams), scope.agent)


def matching(
    columns: ReadOnlyColumnCollection[str, Column[Any]],
    teams: Sequence[str | BindParameter[str]] | BindParameter[Any] | None,
    agent: str | BindParameter[str] | None,
) -> list[ColumnElement[bool]]:
    """The same over any table with `team_id` and `agent_id`, also of values that are bound when it is executed."""
    conditions: list[ColumnElement[bool]] = []
    if teams is not None:
        conditions.append(columns.team_id.in_(teams))
    if agent is not None:
        conditions.append(columns.agent_id == agent)
    return conditions
