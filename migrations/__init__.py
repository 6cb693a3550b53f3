"""The schema's history; `foundation.db.schema_version.upgrade` brings a database to its newest state."""
