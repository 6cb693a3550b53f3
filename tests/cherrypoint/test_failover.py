"""What a gadget gets, and how soon, while Cloud Connect nodes fail: the table of docs/measurements.md.

python -m tests.cherrypoint.test_failover    prints that table anew, at the default CLOUDCONNECT_TIMEOUT
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from foundation.db.schema_version import upgrade
from foundation.keys import signing_keys
from gadgets.signin.guard import Sessions
from tests.support.scripted_cloud_connect import NAME, PASSWORD, Node, Pair, scripted_pair
from tests.support.services import settings_for
from tests.support.signed_in import make_person

FAULTS = ("killed", "hung", "500", "half a body", "junk", "slow bytes", "401", "expired token")
SECONDS = 4.0


@dataclass(frozen=True)
class Got:
    """What came back for one request, and in how many seconds."""

    status: int
    told: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.told}, {self.seconds:.2f} s"


@dataclass(frozen=True)
class Row:
    """One fault: on the publisher, on the subscriber beside a dead publisher, on it alone, on both later."""

    fault: str
    publisher: Got
    subscriber: Got
    subscriber_alone: Got
    while_held: Got


class Gadget:
    """A gadget that asks a service for a token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def asks(self) -> Got:
        began = time.monotonic()
        answer = self._client.get("/gadgets/token?tokenSource=cherrypoint", headers=self._headers)
        seconds = time.monotonic() - began
        found = answer.get_json()
        if answer.status_code == 200:
            return Got(200, f"token of the {found['access_token'].partition('-')[0]}", seconds)
        return Got(answer.status_code, f"{answer.status_code} {found['code']}", seconds)


@contextmanager
def gadget(pair: Pair, seconds: float, template: Path) -> Iterator[Gadget]:
    """In front of a service that has just started."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        settings = settings_for(
            Path(folder),
            ["http://127.0.0.1:1"],
            cloudconnect_publisher=pair.publisher.base,
            cloudconnect_subscriber=pair.subscriber.base,
            cloudconnect_username=NAME,
            cloudconnect_password=PASSWORD,
            cloudconnect_timeout=seconds,
            token_endpoint="on",
            wxm_url="http://127.0.0.1:1",
        )
        app = create_app(settings)
        yield Gadget(app.test_client(), Sessions(signing_keys(settings)).issue(make_person()))
        app.extensions["pulse"]["database"].close()


def fail(node: Node, fault: str) -> None:
    if fault == "killed":
        node.kill()
    node.fault = fault


def rows(seconds: float, template: Path) -> dict[str, Row]:
    """A row for each fault. All services stand before the first is asked; then all are asked at the same time."""
    with ExitStack() as parts:

        def asking(publisher: str, subscriber: str, *, held: bool = False) -> Callable[[], Got]:
            pair = parts.enter_context(scripted_pair())
            asks = parts.enter_context(gadget(pair, seconds, template)).asks
            if held:
                asks()
            fail(pair.publisher, publisher)
            fail(pair.subscriber, subscriber)
            return asks

        asked = {
            fault: (asking(fault, ""), asking("killed", fault), asking("", fault), asking(fault, fault, held=True))
            for fault in FAULTS
        }
        pool = parts.enter_context(ThreadPoolExecutor(4 * len(FAULTS)))
        got = {fault: [pool.submit(asks) for asks in four] for fault, four in asked.items()}
        return {fault: Row(fault, *(each.result() for each in four)) for fault, four in got.items()}


@pytest.fixture(scope="module")
def table(template: Path) -> dict[str, Row]:
    return rows(SECONDS, template)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_gadget_gets_a_token_or_a_clear_word_in_time(table: dict[str, Row], fault: str) -> None:
    found = table[fault]
    if fault == "401":
        assert found.publisher.status == 503
        assert found.publisher.seconds < SECONDS
    else:
        assert found.publisher.told == "token of the subscriber"
        assert found.publisher.seconds < 1.5 * SECONDS
    assert found.subscriber.told == "503 cloud_connect_unavailable"
    assert found.subscriber.seconds < 1.5 * SECONDS
    assert found.subscriber_alone.told == "token of the publisher"
    assert found.while_held.told == "token of the publisher"
    assert max(found.subscriber_alone.seconds, found.while_held.seconds) < SECONDS


def main() -> None:
    print("| fault | on the publisher | on the subscriber, the publisher killed | on the subscriber alone | on both |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        upgrade(f"sqlite:///{folder}/pulse.db")
        for fault, found in rows(10.0, Path(folder)).items():
            print(
                f"| {fault} | {found.publisher} | {found.subscriber} | {found.subscriber_alone} | {found.while_held} |"
            )


if __name__ == "__main__":
    main()
