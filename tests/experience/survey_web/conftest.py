"""A node with the survey face on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.survey_page import Site, survey_site


@pytest.fixture
def site(url: str, tmp_path: Path) -> Iterator[Site]:
    with survey_site(url, tmp_path) as opened:
        yield opened


@pytest.fixture
def sqlite_site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    """For what does not depend on the database."""
    with survey_site(sqlite_url, tmp_path) as opened:
        yield opened
