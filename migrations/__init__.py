"""The schema's history; `foundation.db.database.upgrade` brings a database to its newest state."""
