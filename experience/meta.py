"""The table of facts about the database itself, by name: versions, the time zone of its days, what is due."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from foundation.db.database import metadata

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
