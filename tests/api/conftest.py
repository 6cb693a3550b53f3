"""A node of its own process that answers WxM's API, with users and a few answers; clients as either user."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from experience.platform import Platform
from experience.tokens import ApiTokens
from experience.users import Role, Users
from foundation.database import Database
from foundation.keys import signing_keys
from foundation.settings import Settings
from tests.answering import Answer, answer
from tests.api.client import PUBLIC_URL, Client
from tests.services import ServedNode

FIRST = datetime(2026, 10, 1, 12, tzinfo=UTC)
# Day n: scores that are all different from each other, two teams, three agents, five customers.
KEPT: list[Answer] = [
    answer(
        id=f"kept-{number:03}",
        at=FIRST + timedelta(days=number),
        nps=number % 11,
        csat=1 + number % 5,
        ces=1 + number % 7,
        comment="Fine, thank you" if number % 3 else None,
        customer=f"C-{number % 5}",
        agent=f"600{number % 3}",
        team=("5001", "5002")[number % 2],
        mobile=f"+8869123456{number % 5:02}",
    )
    for number in range(40)
]
ROLES: tuple[Role, ...] = ("desktop", "system")


@pytest.fixture(scope="session")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with users whose keys are their names and `-key`, and the kept answers."""
    folder = tmp_path_factory.mktemp("wxm") / "data"
    shutil.copytree(template, folder)
    database = Database(f"sqlite:///{folder / 'pulse.db'}")
    users = Users(database)
    for role in ROLES:
        users.add(role, role)
        users.set_key(role, f"{role}-key")
        users.set_password(role, f"{role}'s password")
    assert Platform(database).take(KEPT).added == len(KEPT)
    database.close()
    return folder


@pytest.fixture(scope="session")
def node(filled: Path) -> Iterator[ServedNode]:
    with ServedNode(filled, {"PULSE_FACES": "api", "PULSE_PUBLIC_URL": PUBLIC_URL}) as served:
        yield served


@pytest.fixture(scope="session")
def anyone(node: ServedNode) -> Client:
    return Client(node.base)


@pytest.fixture(scope="session")
def desktop(anyone: Client) -> Client:
    return anyone.as_bearer(anyone.login(username="desktop", password="desktop-key").json["access_token"])


@pytest.fixture(scope="session")
def system(anyone: Client) -> Client:
    return anyone.as_bearer(anyone.login(username="system", password="system-key").json["access_token"])


@pytest.fixture(scope="session")
def tokens(filled: Path, node: ServedNode) -> ApiTokens:
    """What the node's own tokens are made by."""
    assert node.process.poll() is None
    return ApiTokens(signing_keys(Settings(data_dir=filled)))
