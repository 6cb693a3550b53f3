"""A real, empty database for each test."""

from tests.support.databases import database, migrated_file, postgres_schema, url

__all__ = ["database", "migrated_file", "postgres_schema", "url"]
