"""The brake before the lab's Finesse, which locks an account after five wrong passwords as a real one does."""

import threading
from collections.abc import Callable, Iterator

import pytest
from werkzeug.serving import make_server

from lab.desktop.app import create_desktop
from lab.desktop.parts import Parts
from tests.support.scripted_finesse import basic
from tests.support.services import Service


@pytest.fixture
def desktop() -> Iterator[tuple[str, Parts]]:
    app = create_desktop("http://127.0.0.1:1", calls=False)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", app.extensions["lab"]
    server.shutdown()
    server.server_close()
    thread.join()


def test_ten_wrong_passwords_lock_nobody_out(start: Callable[..., Service], desktop: tuple[str, Parts]) -> None:
    base, lab = desktop
    service = start(finesse_nodes=[base])
    for number in range(10):
        service.sign_in("1001", f"wrong-{number}")
    refused = [entry for entry in lab.journal.entries() if entry["status"] == 401]
    assert len(refused) == 2
    assert lab.accounts.check(basic("1001", "lab")).account == "1001"


def test_a_right_password_after_a_wrong_one_opens_the_desktop(
    start: Callable[..., Service], desktop: tuple[str, Parts]
) -> None:
    service = start(finesse_nodes=[desktop[0]])
    assert service.sign_in("1102", "wrong").status_code == 401
    session = service.sign_in("maria.santos", "lab", user="1102").json
    assert session is not None
    assert session["person"]["agentId"] == "6102"
    assert [team["id"] for team in session["person"]["supervises"]] == ["5001", "5002"]


def test_without_the_brake_the_account_would_be_locked(desktop: tuple[str, Parts]) -> None:
    for number in range(5):
        desktop[1].accounts.check(basic("1001", f"wrong-{number}"))
    assert desktop[1].accounts.check(basic("1001", "lab")).account is None


@pytest.mark.parametrize("deployment", ["UCCE", "UCCX"])
def test_either_deployment_says_its_agent_id(
    start: Callable[..., Service], desktop: tuple[str, Parts], deployment: str
) -> None:
    desktop[1].floor.deployment = deployment
    session = start(finesse_nodes=[desktop[0]]).sign_in("1001", "lab").json
    assert session is not None
    assert session["person"]["agentId"] == {"UCCE": "6001", "UCCX": "1001"}[deployment]
