"""The tables of questionnaires and questions."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from foundation.db.database import metadata

questionnaires = Table(
    "questionnaires",
    metadata,
    Column("name", String, primary_key=True),
    Column("display_name", String, nullable=False),
    Column("hash_pii_by", String, nullable=False),
    # `PageSettings` as JSON.
    Column("page", Text, nullable=False, server_default="{}"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", String, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("document", Text, nullable=False),
)
