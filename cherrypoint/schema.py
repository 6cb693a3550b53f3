"""The tables of the Cloud Connect package."""

from sqlalchemy import Column, DateTime, Integer, String, Table

from foundation.db.database import metadata

configured = Table(
    "cherrypoint_config",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

unknown_paths = Table(
    "unknown_paths",
    metadata,
    Column("method", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)
