"""One lab for the browser tests of a test process; a desktop is a fresh browser session on it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, started


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """No message reaches its customers: one that is sent shows a response rate, a tile more in every later test."""
    with started(tmp_path_factory.mktemp("lab")) as running:
        running.control("inbox/faults", email="4xx", sms="4xx")
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
    assert [fault for one in opened for fault in one.unexpected_faults()] == []


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
