"""One lab for the browser tests of figures, one for those of calls; a desktop is a fresh browser session on it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, started

FIGURES = ("test_analytics", "test_every_state", "test_pulse")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            about = "figures" if item.path.name.startswith(FIGURES) else "calls"
            item.add_marker(pytest.mark.xdist_group(f"browser-{about}"))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with started(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def desktop(browser: Browser, lab: Lab) -> Iterator[Callable[..., Desktop]]:
    """Opens desktops; at the end none of them may have written an error to its console."""
    opened: list[Desktop] = []

    def begin(**options: Any) -> Desktop:
        opened.append(Desktop(browser, lab, **options))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()
    lab.end_calls()
    assert [fault for one in opened for fault in one.faults] == []


@pytest.fixture
def sso(lab: Lab) -> Iterator[float]:
    """Single sign-on whose access tokens are replaced every few seconds."""
    seconds = 3.0
    lab.control("sso", on=True, seconds=seconds)
    yield seconds
    lab.control("sso", on=False)


@pytest.fixture
def two_nodes(lab: Lab) -> Iterator[Lab]:
    yield lab
    lab.control("failover", restore=True)
