"""The tables of tallies; a row of an answer without team or agent carries the empty string there."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from foundation.db.database import metadata


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
