"""A mail server on this machine, beside the databases."""

from collections.abc import Iterator

import pytest

from experience.platform import Platform
from tests.support.delivering import close_workers, keep_dispatch
from tests.support.scripted_smtp import ScriptedSmtp, scripted_smtp


@pytest.fixture
def smtp() -> Iterator[ScriptedSmtp]:
    with scripted_smtp() as server:
        yield server
        close_workers()


@pytest.fixture
def sqlite_platform_with_dispatch(sqlite_platform: Platform) -> Platform:
    keep_dispatch(sqlite_platform)
    return sqlite_platform
