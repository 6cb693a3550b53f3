"""What a database says of itself, a row a fact: the oldest code that may use it, and whether it is a lab's."""

from __future__ import annotations

from sqlalchemy import Column, Connection, String, Table, delete, insert, inspect, select

from foundation.db.database import metadata

OLDEST_CODE = "oldest_code"
LAB = "lab"

facts = Table(
    "database_facts",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)


def load(connection: Connection, name: str) -> str | None:
    """The value of a fact; None where the database does not state it, or is older than this table."""
    if not inspect(connection).has_table(facts.name):
        return None
    value: str | None = connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()
    return value


def save(connection: Connection, name: str, value: str) -> None:
    """State a fact, in place of what was stated before."""
    connection.execute(delete(facts).where(facts.c.name == name))
    connection.execute(insert(facts).values(name=name, value=value))
