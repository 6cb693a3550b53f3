"""Migrations lead to exactly the tables that the code has, whoever starts first."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from foundation.db.database import Database, metadata
from foundation.db.schema_version import upgrade
from tests.support.databases import empty_schema

# SQLite numbers the rows of every table by itself; PostgreSQL is made to, beside what the code writes.
ARRIVAL = {"rowid", "ix_answers_rowid"}


def _is_ours(name: str | None, *_: object) -> bool:
    return name not in ARRIVAL


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database in which nothing is yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'deep' / 'er' / 'pulse.db'}"
    else:
        with empty_schema() as url:
            yield url


def test_the_migrated_database_is_what_the_code_says(fresh_url: str) -> None:
    upgrade(fresh_url)
    database = Database(fresh_url)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_ours})
        assert compare_metadata(context, metadata) == []
    with database.read() as connection:
        inspector = inspect(connection)
        for table in metadata.sorted_tables:
            assert inspector.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
            indexes = {index["name"] for index in inspector.get_indexes(table.name)}
            assert indexes - ARRIVAL == {ix.name for ix in table.indexes}
    database.close()


def test_processes_that_start_at_once_take_turns(fresh_url: str) -> None:
    program = "import sys; from foundation.db.schema_version import upgrade; upgrade(sys.argv[1])"
    running = [subprocess.Popen([sys.executable, "-c", program, fresh_url]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    upgrade(fresh_url)


def test_migrating_leaves_logging_alone(fresh_url: str) -> None:
    before = logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").disabled
    upgrade(fresh_url)
    assert before == (logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").disabled)
