"""The tables of the experience platform.

Moments are whole microseconds since 1970 in UTC, days are whole numbers yyyymmdd in TIME_ZONE: both sort, compare and
read the same way in every database. A tally row of an answer without team or agent carries the empty string there.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from foundation.db.database import metadata

questionnaires = Table(
    "questionnaires",
    metadata,
    Column("name", String, primary_key=True),
    Column("display_name", String, nullable=False),
    Column("hash_pii_by", String, nullable=False),
)

questions = Table(
    "questions",
    metadata,
    Column("id", String, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("document", Text, nullable=False),
)

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


def _counted() -> list[Column[str] | Column[int]]:
    return [
        Column("questionnaire", String, primary_key=True),
        Column("metric", String, primary_key=True),
        Column("low", Integer, primary_key=True, autoincrement=False),
        Column("high", Integer, primary_key=True, autoincrement=False),
        Column("value", Integer, primary_key=True, autoincrement=False),
        Column("count", Integer, nullable=False),
    ]


agent_tallies = Table(
    "agent_tallies",
    metadata,
    Column("agent_id", String, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("team_id", String, primary_key=True),
    *_counted(),
    sqlite_with_rowid=False,
)
# Every column: a supervisor's agents are counted from the index alone.
_of_agents = agent_tallies.c
Index(
    "ix_agent_tallies_team",
    *(_of_agents.team_id, _of_agents.day, _of_agents.agent_id, _of_agents.questionnaire, _of_agents.metric),
    *(_of_agents.low, _of_agents.high, _of_agents.value, _of_agents["count"]),
)

team_tallies = Table(
    "team_tallies",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    *_counted(),
    sqlite_with_rowid=False,
)

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
