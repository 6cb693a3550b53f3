"""A small application on granian, through the adapter, for all tests of a module's file."""

from collections.abc import Iterator

import pytest

from tests.support.small_server import SmallServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallServer]:
    with SmallServer(tmp_path_factory.mktemp("small") / "log", "rsgi") as started:
        yield started
