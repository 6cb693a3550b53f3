"""What would stop a worker stops `serve` before: one line that says what to do, and no traceback."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from click.testing import Result
from sqlalchemy.engine import make_url

from foundation.db.schema_version import upgrade
from foundation.keys import KEY_FILE
from tests.commands.test_lab_and_production import PRODUCTION, refusal, serve
from tests.support.databases import POSTGRES, empty_schema
from tests.support.machines import Machine, machine
from tests.support.services import free_port

__all__ = ["machine"]

NOBODY = 65534
Break = Callable[[Path], object]


@pytest.fixture
def production(machine: Machine) -> Machine:
    machine.set(**PRODUCTION)
    return machine


def fault(done: Result) -> str:
    """The line that names what is unusable."""
    assert (done.exit_code, done.stdout) == (1, ""), done.output
    (line,) = done.stderr.splitlines()
    return line


@contextmanager
def unprivileged(machine: Machine) -> Iterator[None]:
    """As an account that rights hold for, with a copy of the data folder in a place that it can reach."""
    folder = Path(tempfile.mkdtemp(prefix="pulse-test-"))
    try:
        folder.chmod(0o755)
        machine.data = Path(shutil.copytree(machine.data, folder / "data"))
        machine.set(data_dir=str(machine.data))
        is_root = os.geteuid() == 0
        for path in (machine.data, *machine.data.iterdir()):
            if is_root:
                os.chown(path, NOBODY, NOBODY)
        if is_root:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            if is_root:
                os.seteuid(0)
    finally:
        shutil.rmtree(folder)


def a_folder(key: Path) -> None:
    key.mkdir()


def empty(key: Path) -> None:
    key.touch()


def too_short(key: Path) -> None:
    key.write_text("k" * 31)


def no_text(key: Path) -> None:
    key.write_bytes(b"\xff" * 64)


@pytest.mark.parametrize("command", ["serve", "user list"])
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (a_folder, "cannot be read (Is a directory)"),
        (empty, "holds no key"),
        (too_short, "holds no key"),
        (no_text, "not text"),
    ],
)
def test_a_signing_key_that_cannot_be_used_is_named(production: Machine, make: Break, why: str, command: str) -> None:
    make(production.data / KEY_FILE)
    line = refusal(serve(production) if command == "serve" else production.run("user", "list"))
    assert line.startswith(f"PULSE_DATA_DIR = {production.data}: {KEY_FILE} ")
    assert why in line


def test_a_signing_key_that_this_account_may_not_read_is_named(production: Machine) -> None:
    (production.data / KEY_FILE).write_text("k" * 64)
    with unprivileged(production):
        (production.data / KEY_FILE).chmod(0)
        assert f"{KEY_FILE} cannot be read (Permission denied)" in refusal(serve(production))


@pytest.mark.parametrize("path", ["file", "file/deeper", "broken-link", "broken-link/deeper"])
def test_a_data_folder_that_is_none_is_named(production: Machine, tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "broken-link").symlink_to(tmp_path / "nowhere")
    production.set(data_dir=str(tmp_path / path))
    line = refusal(serve(production))
    assert line == f"PULSE_DATA_DIR = {tmp_path / path}: {tmp_path / path.split('/')[0]} is no folder"
    assert not (tmp_path / "nowhere").exists()


def test_a_data_folder_that_this_account_may_not_write_in_is_named(production: Machine) -> None:
    with unprivileged(production):
        production.data.chmod(0o500)
        for done in (serve(production), production.run("db", "upgrade")):
            assert "this account may not read and write" in refusal(done)
        assert "may not read and write" in production.doctor().of("settings")["says"]
        production.data.chmod(0o700)


def test_a_database_file_that_this_account_may_not_write_is_said_to_be_read_only(production: Machine) -> None:
    with unprivileged(production):
        (production.data / "pulse.db").chmod(0o400)
        assert "(attempt to write a readonly database)" in fault(serve(production))


def test_a_cache_that_is_gone_is_said_as_a_database_is(production: Machine) -> None:
    production.set(cache_url=f"redis://:hush@127.0.0.1:{free_port()}/0", secret_key="k" * 32)
    line = fault(serve(production))
    assert line.startswith("Error: the cache cannot be used (ConnectionError): ")
    assert "CACHE_URL" in line
    assert "hush" not in line


@pytest.fixture
def postgres(production: Machine) -> Iterator[Callable[..., None]]:
    """Sets DATABASE_URL to a schema of PostgreSQL that is at its newest state, or to an empty one."""
    with empty_schema() as url:

        def use(*, migrated: bool, options: str = "", role: str | None = None) -> None:
            if migrated:
                upgrade(url)
            changed = make_url(url).set(username=role)
            changed = changed.update_query_dict({"options": f"{changed.query['options']} {options}"})
            production.set(database_url=changed.render_as_string(hide_password=False), secret_key="k" * 32)

        yield use


def test_a_postgresql_that_takes_no_writes_is_said_to_be_read_only(
    production: Machine, postgres: Callable[..., None]
) -> None:
    postgres(migrated=True, options="-cdefault_transaction_read_only=on")
    assert "in a read-only transaction)" in fault(serve(production))


@pytest.mark.parametrize("migrated", [True, False])
def test_a_role_without_rights_is_told_before_a_worker_starts(
    production: Machine, postgres: Callable[..., None], migrated: bool
) -> None:
    role = f"pulse_{uuid4().hex}"
    server = make_url(POSTGRES).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE ROLE {} LOGIN").format(psycopg.sql.Identifier(role)))
        try:
            postgres(migrated=migrated, role=role)
            line = fault(serve(production))
        finally:
            connection.execute(psycopg.sql.SQL("DROP ROLE {}").format(psycopg.sql.Identifier(role)))
    assert line.startswith("Error: the database cannot be used (")
    assert "rights of this account" in line
