"""The table of answers.

Moments are whole microseconds since 1970 in UTC, days are whole numbers yyyymmdd in TIME_ZONE: both sort, compare and
read the same way in every database.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

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

# Behind the moment and the id stands what comments are filtered by: only the rows that are told are looked up.
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
