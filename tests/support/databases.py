"""A real, empty database for each test: a SQLite file and a schema of PostgreSQL, in turn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import psycopg.sql
import pytest
from sqlalchemy import delete
from sqlalchemy.engine import make_url

import cherrypoint.schema
import experience.accounts.api_tokens
import experience.accounts.users
import experience.dispatch.accepting
import experience.dispatch.call_surveys
import experience.dispatch.calls
import experience.dispatch.contacted
import experience.dispatch.dispatches
import experience.dispatch.events
import experience.dispatch.outbox
import experience.dispatch.pace
import experience.dispatch.recipients
import experience.dispatch.rests
import experience.dispatch.unaddressed
import experience.dispatch.unread_bodies
import experience.dispatch.unsubscribes
import experience.surveys.assets
import experience.surveys.partials
import experience.surveys.survey_tokens
import experience.surveys.token_csv
import gadgets.signin.directory
from experience.platform import Platform
from foundation.db.database import Database, metadata
from foundation.db.schema_version import upgrade

# Read here: the tests clear PULSE_… from the environment before they begin.
POSTGRES = os.environ.get("PULSE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")

TABLES = (
    cherrypoint.schema.configured,
    gadgets.signin.directory.people,
    experience.accounts.users.users,
    experience.accounts.api_tokens.ended_tokens,
    experience.surveys.survey_tokens.invitations,
    experience.dispatch.calls.calls,
    experience.dispatch.call_surveys.declined_surveys,
    experience.dispatch.rests.customer_rests,
    experience.dispatch.accepting.taken_records,
    experience.dispatch.contacted.contacted,
    experience.dispatch.outbox.outbox,
    experience.dispatch.pace.delivery_pace,
    experience.dispatch.recipients.recipients,
    experience.dispatch.unsubscribes.unsubscribed,
    experience.surveys.assets.assets,
    experience.dispatch.events.delivery_events,
    experience.dispatch.dispatches.dispatch_documents,
    experience.dispatch.unaddressed.unaddressed_items,
    experience.dispatch.unread_bodies.unread_bodies,
    experience.surveys.token_csv.imported_tokens,
    experience.surveys.partials.partials,
)
assert all(table.metadata is metadata for table in TABLES)

HOLDERS = """
SELECT pg_terminate_backend(pid) FROM (
    SELECT DISTINCT held.pid FROM pg_locks held JOIN pg_class named ON named.oid = held.relation
    WHERE named.relnamespace = %s::regnamespace AND held.pid <> pg_backend_pid()
) holders"""


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database at its newest state, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "pulse.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_schema() -> Iterator[str]:
    """The URL of a schema of PostgreSQL at its newest state; gone afterwards."""
    with empty_schema() as url:
        upgrade(url)
        yield url


@contextmanager
def empty_schema() -> Iterator[str]:
    """The URL of a new schema of PostgreSQL; dropped at the end."""
    name = f"pulse_{uuid4().hex}"
    server = make_url(POSTGRES).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE SCHEMA {}").format(psycopg.sql.Identifier(name)))
        try:
            url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={name}"})
            yield url.render_as_string(hide_password=False)
        finally:
            # A test that failed may have left a transaction open, for which this would wait for ever.
            connection.execute(HOLDERS, [name])
            connection.execute(psycopg.sql.SQL("DROP SCHEMA {} CASCADE").format(psycopg.sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database at its newest state."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "pulse.db")
        return f"sqlite:///{tmp_path / 'pulse.db'}"
    schema_url: str = request.getfixturevalue("postgres_schema")
    database = Database(schema_url)
    empty(database)
    database.close()
    return schema_url


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """For what does not depend on the database."""
    shutil.copy(migrated_file, tmp_path / "pulse.db")
    return f"sqlite:///{tmp_path / 'pulse.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture
def platform(database: Database) -> Platform:
    return Platform(database, "Asia/Taipei", "TW", ("0",))


@pytest.fixture
def sqlite_platform(sqlite_url: str) -> Iterator[Platform]:
    opened = Database(sqlite_url)
    yield Platform(opened, "Asia/Taipei", "TW", ("0",))
    opened.close()


def empty(database: Database) -> None:
    """Forget everything that is kept."""
    with database.write() as connection:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))
