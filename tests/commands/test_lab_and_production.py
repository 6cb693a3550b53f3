"""Nothing of a lab reaches production, whichever of the two comes first in a folder (docs/lab.md)."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import inspect

from cherrypoint.config import FILE as CONFIG_FILE
from commands import lab, lab_database, lab_note
from commands.lab_note import Addresses
from commands.lab_settings import lab_settings
from experience.accounts.users import Users
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.keys import KEY_FILE
from foundation.settings import Settings, SettingsError
from tests.commands.test_lab import SECONDS
from tests.support.databases import empty_schema
from tests.support.machines import Machine, machine
from tests.support.services import ORIGIN, ROOT, ServedNode, clean_environ, free_port, tied

__all__ = ["machine"]

PRODUCTION = {
    "public_url": "https://pulse.bora.com",
    "allowed_origins": ORIGIN,
    "finesse_nodes": "https://finesse1.bora.com:8445",
}


def lab_in(folder: Path) -> Settings:
    return lab_settings(Addresses("http://localhost:1", "http://localhost:2"), folder)[0]


@pytest.fixture
def lab_folder(tmp_path: Path) -> Path:
    """A lab's data folder, its users in it; the year of answers would add nothing to these tests."""
    folder = tmp_path / "of-a-lab"
    lab.prepare(lab_in(folder))
    database = Database(lab_in(folder).database)
    lab.admit(Users(database))
    database.close()
    return folder


@pytest.fixture
def production(machine: Machine) -> Machine:
    """An administrator's machine whose settings are complete."""
    machine.set(**PRODUCTION)
    return machine


def serve(machine: Machine) -> Result:
    """`serve`, which is expected to refuse; one that begins to serve after all is ended, and that with status 0."""
    ending = threading.Timer(60, os.kill, (os.getpid(), signal.SIGTERM))
    ending.start()
    try:
        return machine.run("serve", "--host", "127.0.0.1", "--port", str(free_port()))
    finally:
        ending.cancel()


def refusal(done: Result) -> str:
    """The line that names a setting at fault."""
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    (line,) = done.stderr.splitlines()
    return line


def execute(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def in_order_of_the_readme(folder: Path) -> None:
    """`make run`, to be tried, and ended."""
    ports = [f"--{name}={free_port()}" for name in ("port", "desktop-port", "second-port", "mail-port")]
    with (folder / "lab.log").open("w") as log:
        command = tied(sys.executable, str(ROOT / "app.py"), "lab", "--quiet", *ports)
        environ = clean_environ()
        running = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=log, text=True)
    with running:
        assert running.stdout is not None
        assert "is ready" in running.stdout.readline(), (folder / "lab.log").read_text()
        running.send_signal(signal.SIGTERM)
        assert running.wait(SECONDS) == 0


def test_a_lab_and_then_production_in_one_folder_share_nothing(tmp_path: Path) -> None:
    with empty_schema() as url:
        settings = {**PRODUCTION, "database_url": url, "secret_key": "k" * 32}
        (tmp_path / "pulse.toml").write_text("".join(f'{name} = "{value}"\n' for name, value in settings.items()))
        in_order_of_the_readme(tmp_path)
        assert lab_database.is_lab_folder(tmp_path / "lab-data")
        postgres = Database(url)
        with postgres.read() as connection:
            assert inspect(connection).get_table_names() == []
        postgres.close()
    (tmp_path / "pulse.toml").unlink()
    environ = {f"PULSE_{name.upper()}": value for name, value in PRODUCTION.items()}
    with ServedNode(tmp_path / "data", environ) as node:
        login = "grant_type=password&username=system&password=system-key"
        assert node.raw(
            f"POST /api/LoginToken HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(login)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{login}".encode()
        ).startswith(b"HTTP/1.1 401 ")
    served = sqlite3.connect(tmp_path / "data" / "pulse.db")
    for table in ("answers", "wxm_users", "people", "teams"):
        assert served.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    served.close()
    assert (tmp_path / "data" / KEY_FILE).read_text() != (tmp_path / "lab-data" / KEY_FILE).read_text()


@pytest.mark.parametrize("running", [False, True])
def test_serve_refuses_a_labs_folder_by_name(production: Machine, lab_folder: Path, running: bool) -> None:
    if running:
        lab_note.leave(lab_folder, Addresses("http://localhost:1", "http://localhost:2"))
    production.set(data_dir=str(lab_folder))
    line = refusal(serve(production))
    assert line.startswith(f"PULSE_DATA_DIR = {lab_folder}: this is the folder of a lab")
    assert "name another" in line


def test_serve_refuses_a_labs_database_wherever_it_is(production: Machine, lab_folder: Path) -> None:
    production.set(database_url=f"sqlite:///{lab_folder / 'pulse.db'}", secret_key="k" * 32)
    assert refusal(serve(production)).startswith("PULSE_DATABASE_URL: this is the database of a lab")
    copied = production.data / "pulse.db"
    copied.write_bytes((lab_folder / "pulse.db").read_bytes())
    production.environ.pop("PULSE_DATABASE_URL")
    assert refusal(serve(production)).startswith(f"PULSE_DATA_DIR = {production.data}: this is the folder of a lab")


def test_serve_leaves_a_labs_database_as_it_is(production: Machine, lab_folder: Path) -> None:
    file = lab_folder / "pulse.db"
    execute(file, "UPDATE alembic_version SET version_num = '0010'")
    before = file.read_bytes()
    production.set(data_dir=str(lab_folder))
    refusal(serve(production))
    assert file.read_bytes() == before


def test_serve_refuses_the_signing_key_of_a_lab(production: Machine, lab_folder: Path) -> None:
    key = (lab_folder / KEY_FILE).read_text()
    (production.data / KEY_FILE).write_text(key)
    assert f"{KEY_FILE} was copied from a lab" in refusal(serve(production))
    production.set(secret_key=key)
    assert refusal(serve(production)).startswith("PULSE_SECRET_KEY: ")


@pytest.mark.parametrize(
    "published",
    [
        {"cloudconnect_username": "admin", "cloudconnect_password": "lab"},
        {"wxm_url": "https://wxm.bora.com", "wxm_username": "anyone", "wxm_api_key": "system-key"},
    ],
    ids=["Cloud Connect", "WxM"],
)
def test_serve_and_doctor_refuse_settings_that_a_lab_publishes(production: Machine, published: dict[str, str]) -> None:
    production.set(**published)
    name = f"PULSE_{list(published)[-1].upper()}"
    assert refusal(serve(production)).startswith(f"{name}: this is published")
    assert [check["check"] for check in production.doctor().checks if check["says"].startswith(name)] == ["settings"]


@pytest.mark.parametrize("secret", ["system-key", "desktop-key"])
@pytest.mark.parametrize("kind", ["set_key", "set_password"])
def test_serve_refuses_a_published_key_whoever_holds_it(production: Machine, secret: str, kind: str) -> None:
    database = Database(f"sqlite:///{production.data / 'pulse.db'}")
    users = Users(database)
    users.add("cvp", "desktop")
    getattr(users, kind)("cvp", secret)
    database.close()
    before = (production.data / "pulse.db").read_bytes()
    line = refusal(serve(production))
    assert line.startswith("user cvp: his key or password is published")
    assert secret not in line
    assert "user key cvp, or user disable cvp" in line
    assert (production.data / "pulse.db").read_bytes() == before


def test_what_the_refusal_of_a_published_key_says_to_do_is_enough(production: Machine) -> None:
    database = Database(f"sqlite:///{production.data / 'pulse.db'}")
    lab.admit(Users(database))
    database.close()
    assert len(serve(production).stderr.splitlines()) == 2
    assert production.run("user", "disable", "system").exit_code == 0
    assert len(serve(production).stderr.splitlines()) == 1
    assert production.run("user", "key", "desktop").exit_code == 0
    assert production.doctor().of("database: nothing of a lab")["state"] == "ok"


def test_doctor_fails_on_a_labs_database(production: Machine, lab_folder: Path) -> None:
    production.set(data_dir=str(lab_folder))
    finding = production.doctor().of("database: nothing of a lab")
    assert (finding["state"], finding["code"]) == ("failed", "lab_database")
    assert finding["cure"].startswith("name another folder")


def test_doctor_fails_on_what_a_lab_of_an_earlier_version_left(production: Machine) -> None:
    lab.fill(lab_in(production.data), quiet=True)
    report = production.doctor()
    codes = [check["code"] for check in report.checks if check["check"] == "database: nothing of a lab"]
    assert codes == ["published_key", "published_key", "made_up_answers"]


def test_a_note_of_a_lab_does_not_make_production_one(production: Machine) -> None:
    (production.data / lab_note.NAME).write_text(
        f'{{"pid": {os.getpid()}, "base": "http://localhost:1", "desktop": "http://localhost:2"}}'
    )
    assert "lab" not in production.doctor().of("settings")["says"]


Content = Callable[[Path], object]


def an_answer(folder: Path) -> None:
    execute(
        folder / "pulse.db",
        "INSERT INTO answers (id, questionnaire, responded_at, day, document) VALUES ('1', 'q', 1, 1, '{}')",
    )


def a_user(folder: Path) -> None:
    execute(folder / "pulse.db", "INSERT INTO wxm_users (name, role, disabled) VALUES ('cvp', 'desktop', false)")


def a_trusted_certificate(folder: Path) -> None:
    execute(folder / "pulse.db", "INSERT INTO trusted_certificates VALUES ('a:1', 's', 'issuer', 'pem', '2026-01-01')")


def an_older_schema(folder: Path) -> None:
    an_answer(folder)
    execute(folder / "pulse.db", "DROP TABLE database_facts", "UPDATE alembic_version SET version_num = '0010'")


def a_start(folder: Path) -> None:
    execute(folder / "pulse.db", "INSERT INTO meta VALUES ('time_zone', 'UTC')")


def something_else(folder: Path) -> None:
    execute(folder / "pulse.db", "CREATE TABLE ledger (amount INTEGER)", "INSERT INTO ledger VALUES (1)")


def a_key(folder: Path) -> None:
    (folder / "pulse.db").unlink()
    (folder / KEY_FILE).write_text("k" * 64)


def a_configuration(folder: Path) -> None:
    (folder / CONFIG_FILE).write_text("{}")


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at its newest state in which nothing is yet, to be copied."""
    folder = tmp_path_factory.mktemp("new")
    upgrade(f"sqlite:///{folder / 'pulse.db'}")
    return folder


@pytest.mark.parametrize(
    "put",
    [
        *(an_answer, a_user, a_trusted_certificate, an_older_schema, a_start, something_else),
        *(a_key, a_configuration),
    ],
)
def test_the_lab_refuses_a_folder_that_holds_anything_and_changes_nothing(
    new: Path, tmp_path: Path, put: Content
) -> None:
    folder = tmp_path / "production"
    folder.mkdir()
    (folder / "pulse.db").write_bytes((new / "pulse.db").read_bytes())
    put(folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    machine = Machine(folder)
    ports = [f"--{name}={free_port()}" for name in ("port", "desktop-port", "second-port", "mail-port")]
    line = refusal(machine.run("lab", "--quiet", "--data", str(folder), *ports))
    assert line.startswith(f"--data = {folder}: no lab made what is there (")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_lab_marks_a_folder_before_anything_is_in_it_and_knows_it_again(new: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "pulse.db").write_bytes((new / "pulse.db").read_bytes())
    for name in ("none", "empty", "new"):
        folder = tmp_path / name
        lab_database.claim(lab_in(folder))
        assert lab_database.is_lab_folder(folder)
        an_answer(folder)
        lab_database.claim(lab_in(folder))


def test_a_lab_that_waits_for_production_to_write_does_not_mark_what_it_wrote(new: Path, tmp_path: Path) -> None:
    """The lab found an empty database, and has it only when a service or an import has written to it."""
    (tmp_path / "pulse.db").write_bytes((new / "pulse.db").read_bytes())
    other = sqlite3.connect(tmp_path / "pulse.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO meta VALUES ('time_zone', 'UTC')")
    with ThreadPoolExecutor(1) as pool:
        claim = pool.submit(lab_database.claim, lab_in(tmp_path))
        wait([claim], timeout=1)
        other.execute("COMMIT")
        with pytest.raises(SettingsError):
            claim.result()
    other.close()
    assert not lab_database.is_lab_folder(tmp_path)


def test_commands_work_on_a_labs_folder_and_reach_nothing_else(production: Machine, lab_folder: Path) -> None:
    away = f"postgresql+psycopg://pulse:hush@127.0.0.1:{free_port()}/pulse"
    production.set(data_dir=str(lab_folder), database_url=away, secret_key="k" * 32)
    production.set(wxm_url=f"https://127.0.0.1:{free_port()}", wxm_username="system", wxm_api_key="hush")
    for command in ("user list", "questionnaire list", "history export", "trust list", "db upgrade"):
        done = production.run(*command.split())
        assert done.exit_code == 0, done.output
    assert "system: system" in production.run("user", "list").stdout
