"""Alembic's entry: runs the migrations on the connection, and in the transaction, that `upgrade` opened."""

from alembic import context
from sqlalchemy import Connection

from foundation.db.database import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
context.run_migrations()
