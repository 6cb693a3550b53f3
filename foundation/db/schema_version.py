"""Which state a database is in, and which code may use it.

A migration that older code can live with says so: `oldest_code = "0011"` names the oldest migration whose code may use
the database afterwards. Without that line the migration's own code is the oldest.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from foundation.db import facts
from foundation.db.database import Database
from foundation.db.deadlines import UNLIMITED
from foundation.db.facts import OLDEST_CODE

MIGRATIONS = Path(__file__).parents[2] / "migrations"
# Any number: all starting processes of this service lock the same one.
_LOCK = 20261120


class NewerDatabaseError(RuntimeError):
    """A newer version brought the database to a state that this one must not use."""

    def __init__(self, state: str, oldest: str | None) -> None:
        needed = f"one whose migrations reach {oldest}" if oldest else "that one"
        super().__init__(
            f"a newer version of Finesse Pulse brought the database to state {state}: run {needed}, or a later one"
        )


def upgrade(url: str) -> None:
    """Bring the database at `url` to its newest state, in one transaction; processes that start at once take turns.

    One that a newer version has migrated is left as it is where it lets this code use it; else NewerDatabaseError.
    """
    database = Database(url)
    try:
        with database.read() as connection:
            if is_current(connection):
                return
        with database.write(UNLIMITED) as connection:
            if database.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            migrate(connection)
    finally:
        database.close()


def is_current(connection: Connection) -> bool:
    """Whether this code may use the database as it is; False where it must migrate it first.

    Raises NewerDatabaseError.
    """
    scripts = _scripts()
    states = states_of(connection)
    if unknown := unknown_states(connection, scripts):
        oldest = facts.load(connection, OLDEST_CODE)
        if oldest not in _known(scripts):
            raise NewerDatabaseError(", ".join(sorted(unknown)), oldest)
        return True
    return states == set(scripts.get_heads())


def migrate(connection: Connection) -> None:
    """Bring the database to this code's state, and have it say which code is the oldest that may use it.

    Raises NewerDatabaseError.
    """
    if is_current(connection):
        return
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    newest = _scripts().get_revision("head")
    oldest = getattr(newest.module, "oldest_code", newest.revision)
    facts.save(connection, OLDEST_CODE, oldest)


def states_of(connection: Connection) -> set[str]:
    """The migrations that the database has come to; empty where it has no tables of ours."""
    return set(MigrationContext.configure(connection).get_current_heads())


def unknown_states(connection: Connection, scripts: ScriptDirectory | None = None) -> set[str]:
    """States that a newer version brought the database to."""
    return states_of(connection) - _known(scripts or _scripts())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _known(scripts: ScriptDirectory) -> set[str]:
    return {script.revision for script in scripts.walk_revisions()}
