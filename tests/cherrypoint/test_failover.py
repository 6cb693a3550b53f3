"""What a gadget gets, and how soon, while Cloud Connect nodes fail: the table of docs/measurements.md.

python -m tests.cherrypoint.test_failover    prints that table anew, at the default CLOUDCONNECT_TIMEOUT
"""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

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

# Alembic keeps what it works on in its modules.
hang_lock = Lock()


@dataclass(frozen=True)
class Got:
    """What came back for one request, and in how many seconds."""

    status: int
    outcome: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.outcome}, {self.seconds:.2f} s"


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
        body = answer.get_json()
        if answer.status_code == 200:
            return Got(200, f"token of the {body['access_token'].partition('-')[0]}", seconds)
        return Got(answer.status_code, f"{answer.status_code} {body['code']}", seconds)


@contextmanager
def gadget(pair: Pair, seconds: float) -> Iterator[Gadget]:
    """In front of a service that has just started."""
    with tempfile.TemporaryDirectory() as folder:
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
        with hang_lock:
            upgrade(settings.database)
        app = create_app(settings)
        yield Gadget(app.test_client(), Sessions(signing_keys(settings)).issue(make_person()))
        app.extensions["pulse"]["database"].close()


def fail(node: Node, fault: str) -> None:
    if fault == "killed":
        node.kill()
    node.fault = fault


def cold(seconds: float, publisher: str, subscriber: str) -> Got:
    with scripted_pair() as pair, gadget(pair, seconds) as asking:
        fail(pair.publisher, publisher)
        fail(pair.subscriber, subscriber)
        return asking.asks()


def held(seconds: float, fault: str) -> Got:
    with scripted_pair() as pair, gadget(pair, seconds) as asking:
        asking.asks()
        fail(pair.publisher, fault)
        fail(pair.subscriber, fault)
        return asking.asks()


def row(fault: str, seconds: float) -> Row:
    """The four things that are asked, at the same time."""
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(cold, seconds, *faults) for faults in ((fault, ""), ("killed", fault), ("", fault))]
        futures.append(pool.submit(held, seconds, fault))
        return Row(fault, *(future.result() for future in futures))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_gadget_gets_a_token_or_a_clear_word_in_time(fault: str) -> None:
    seconds = 4.0
    outcomes = row(fault, seconds)
    refused = fault == "401"
    if refused:
        assert outcomes.publisher.status == 503
        assert outcomes.publisher.seconds < seconds
    else:
        assert outcomes.publisher.outcome == "token of the subscriber"
        assert outcomes.publisher.seconds < 1.5 * seconds
    assert outcomes.subscriber.outcome == "503 cloud_connect_unavailable"
    assert outcomes.subscriber.seconds < 1.5 * seconds
    assert outcomes.subscriber_alone.outcome == "token of the publisher"
    assert outcomes.while_held.outcome == "token of the publisher"
    assert max(outcomes.subscriber_alone.seconds, outcomes.while_held.seconds) < seconds


def main() -> None:
    print("| fault | on the publisher | on the subscriber, the publisher killed | on the subscriber alone | on both |")
    print("|---|---|---|---|---|")
    for fault in FAULTS:
        outcomes = row(fault, 10.0)
        cells = (outcomes.publisher, outcomes.subscriber, outcomes.subscriber_alone, outcomes.while_held)
        print(f"| {' | '.join((fault, *map(str, cells)))} |")


if __name__ == "__main__":
    main()
