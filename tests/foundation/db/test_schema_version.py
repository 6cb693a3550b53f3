"""An older version and a newer database: it goes on where the database lets it, and else says so."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from foundation.db import facts as database_facts
from foundation.db import schema_version
from foundation.db.database import Database
from foundation.db.schema_version import MIGRATIONS, NewerDatabaseError, upgrade

NEXT = '''"""What the next version adds."""

import sqlalchemy as sa
from alembic import op

revision = "9998"
down_revision = "{newest}"
branch_labels = None
depends_on = None
{line}

def upgrade() -> None:
    op.add_column("meta", sa.Column("added", sa.String()))
'''


@pytest.fixture
def url(template: Path, tmp_path: Path) -> str:
    shutil.copy(template / "pulse.db", tmp_path / "pulse.db")
    return f"sqlite:///{tmp_path / 'pulse.db'}"


def facts(url: str) -> tuple[set[str], str | None]:
    """The state of a database, and the oldest code that it says may use it."""
    database = Database(url)
    try:
        with database.read() as connection:
            oldest = database_facts.load(connection, database_facts.OLDEST_CODE)
            return schema_version.states_of(connection), oldest
    finally:
        database.close()


@pytest.fixture
def next_version(tmp_path: Path, url: str) -> Callable[[str], None]:
    """Has a version with one migration more bring the database to its state; `line` stands in that migration."""

    def migrate(line: str = "") -> None:
        (newest,) = facts(url)[0]
        folder = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
        (folder / "versions" / "9998_next.py").write_text(NEXT.format(newest=newest, line=line))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(schema_version, "MIGRATIONS", folder)
            upgrade(url)

    return migrate


def test_a_database_says_the_oldest_code_that_may_use_it(url: str) -> None:
    (state,), oldest = facts(url)
    assert oldest is not None
    assert "0011" <= oldest <= state


def test_an_older_version_goes_on_where_the_database_lets_it(url: str, next_version: Callable[[str], None]) -> None:
    (ours,) = facts(url)[0]
    next_version(f'oldest_code = "{ours}"')
    upgrade(url)
    assert facts(url) == ({"9998"}, ours)


@pytest.mark.parametrize("line", ["", 'oldest_code = "9998"'])
def test_an_older_version_stops_where_the_database_does_not_let_it(
    url: str, next_version: Callable[[str], None], line: str
) -> None:
    next_version(line)
    with pytest.raises(NewerDatabaseError, match=r"newer version .* state 9998: run one whose migrations reach 9998"):
        upgrade(url)
    assert facts(url) == ({"9998"}, "9998")


def test_a_database_that_says_nothing_is_for_its_own_version(url: str, next_version: Callable[[str], None]) -> None:
    next_version("")
    database = Database(url)
    with database.write() as connection:
        connection.execute(database_facts.facts.delete())
    database.close()
    with pytest.raises(NewerDatabaseError, match="run that one, or a later one"):
        upgrade(url)
