"""The schema's history; `foundation.database.upgrade` brings a database to its newest state."""
