"""One lab for all browser tests; a desktop is a fresh browser session on it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab
from tests.services import free_port

REPOSITORY = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """`python app.py lab --quiet` in a data folder of its own, as a person would start it."""
    data, port, desktop_port = tmp_path_factory.mktemp("lab"), free_port(), free_port()
    ports = ["--port", str(port), "--desktop-port", str(desktop_port)]
    command = [sys.executable, "app.py", "lab", "--quiet", "--data", str(data), *ports]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "ready" in process.stdout.readline()
            yield Lab(f"http://localhost:{desktop_port}", f"http://localhost:{port}", data)
        finally:
            process.terminate()


@pytest.fixture
def desktop(browser: Browser, lab: Lab) -> Iterator[Callable[..., Desktop]]:
    """Opens desktops; at the end none of them may have written an error to its console."""
    opened: list[Desktop] = []

    def begin(**options: str) -> Desktop:
        opened.append(Desktop(browser, lab, **options))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()
    lab.end_calls()
    assert [fault for one in opened for fault in one.faults] == []
