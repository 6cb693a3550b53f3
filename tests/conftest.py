"""Real parts for every test: a scripted Finesse, a service on a SQLite file of its own, Redis."""

import faulthandler
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import redis
from playwright.sync_api import Browser

from experience.platform import Platform
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.settings import Settings
from tests.support import chromium
from tests.support.redis_server import own_redis
from tests.support.scripted_finesse import ScriptedFinesse, scripted_finesse
from tests.support.services import Service, settings_for

# How long an example takes says something of the machine, which may be busy; the same examples everywhere, so that a
# failure comes again. `--hypothesis-profile=search` draws others.
hypothesis.settings.register_profile("search", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("steady", hypothesis.settings.get_profile("search"), derandomize=True)
hypothesis.settings.load_profile("steady")

TEARDOWN_SECONDS = 120
# After this share of the other files the last file of browser tests comes: one of these takes long.
BROWSERS_BEGUN = 0.8


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of browser tests, which compute, are spread among the others, which wait: neither come at once or last."""
    files = list(dict.fromkeys(map(file_of, items)))
    browser = [file for file in files if "browser" in file]
    others = [file for file in files if "browser" not in file]
    place = {file: index / len(others) for index, file in enumerate(others)}
    place |= {file: BROWSERS_BEGUN * index / len(browser) for index, file in enumerate(browser)}
    items.sort(key=lambda item: place[file_of(item)])


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Clearing up that hangs ends its process and says where: pytest-timeout stops watching a test once it failed."""
    assert sys.__stderr__ is not None
    faulthandler.dump_traceback_later(TEARDOWN_SECONDS, exit=True, file=sys.__stderr__)


def pytest_runtest_logfinish() -> None:
    faulthandler.cancel_dump_traceback_later()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: what was not run is not promised."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if reporter and skipped and os.environ.get("CI"):
        reporter.write_line(f"{len(skipped)} skipped, which CI does not let pass", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, one for each test process; a machine without one skips, CI does not let that pass."""
    if chromium.path() is None:
        pytest.skip("no Chromium on this machine")
    with chromium.launched() as launched:
        yield launched


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_this_machine() -> None:
    for name in [name for name in os.environ if name.startswith("PULSE_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a database at its newest state and the shipped questionnaire in it, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    url = f"sqlite:///{folder / 'pulse.db'}"
    upgrade(url)
    database = Database(url)
    Platform(database)
    database.close()
    return folder


@pytest.fixture(scope="session")
def _finesse() -> Iterator[ScriptedFinesse]:
    with scripted_finesse() as finesse:
        yield finesse


@pytest.fixture
def finesse(_finesse: ScriptedFinesse) -> ScriptedFinesse:
    """A Finesse without accounts, and without memory of other tests."""
    _finesse.forget()
    return _finesse


@pytest.fixture
def settings(tmp_path: Path, finesse: ScriptedFinesse) -> Settings:
    return settings_for(tmp_path / "data", [finesse.base])


@pytest.fixture
def start(template: Path, tmp_path: Path, finesse: ScriptedFinesse) -> Iterator[Callable[..., Service]]:
    """Starts services in this process, with settings changed as named; two of them share a data folder."""
    started: list[Service] = []

    def begin(**changes: Any) -> Service:
        nodes = changes.pop("finesse_nodes", [finesse.base])
        started.append(Service(settings_for(changes.pop("data_dir", tmp_path / "data"), nodes, **changes), template))
        return started[-1]

    yield begin
    for service in started:
        service.__exit__()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    return start()


@pytest.fixture(scope="session")
def _redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this test process's own: another run of the tests, or the machine's own use, has another."""
    with own_redis(tmp_path_factory.mktemp("redis")) as (url, _server):
        yield url


@pytest.fixture
def redis_url(_redis_server: str) -> str:
    """A Redis without any keys in it."""
    with redis.Redis.from_url(_redis_server) as client:
        client.flushall()
    return f"{_redis_server}/0"
