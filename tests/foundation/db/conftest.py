"""A real, empty database for each test."""

from tests.support.databases import (
    database,
    migrated_file,
    platform,
    postgres_schema,
    sqlite_platform,
    sqlite_url,
    url,
)

__all__ = ["database", "migrated_file", "platform", "postgres_schema", "sqlite_platform", "sqlite_url", "url"]
