"""One lab for the browser tests of a test process; a desktop is a fresh browser session on it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, started


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
    for desktop in opened:
        desktop.close()
    lab.end_calls()
    assert [fault for desktop in opened for fault in desktop.faults] == []


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
