"""Over HTTP: whose key is replaced, or who logs out, has no token on any node, and none after a restart."""

from collections.abc import Callable

import pytest

from experience.accounts.api_tokens import BOUND_LIFETIME
from experience.accounts.hashes import Passwords
from experience.accounts.users import Users
from gadgets.signin.guard import SESSION_SECONDS
from tests.support.services import Service
from tests.support.signed_in import make_person

START = Callable[..., Service]
CLOUD = ("admin", "cloud connect's word")


@pytest.fixture
def node(start: START) -> Service:
    started = start(token_endpoint="on", cloudconnect_username=CLOUD[0], cloudconnect_password=CLOUD[1])
    users = Users(started.app.extensions["pulse"]["database"], passwords=Passwords(n=16, r=8, p=1))
    for name in ("desktop", "system"):
        users.add(name, name)
        users.set_key(name, f"{name}-key")
    return started


def login(node: Service, name: str, secret: str = "") -> str:
    form = {"grant_type": "password", "username": name, "password": secret or f"{name}-key"}
    answer = node.app.test_client().post("/api/LoginToken", data=form)
    assert answer.status_code == 200, answer.text
    token: str = answer.get_json()["access_token"]
    return token


def is_good(node: Service, token: str) -> bool:
    status = node.get("/api/Profile", token, origin=None).status_code
    assert status in {200, 401}
    return status == 200


def test_a_replaced_key_and_a_logout_end_tokens_on_every_node_and_after_a_restart(start: START, node: Service) -> None:
    other = start()
    held = [login(node, "system"), login(other, "system")]
    held.append(node.app.test_client().get("/cherrypoint/authtoken", auth=CLOUD).get_json()["access_token"])
    left = login(node, "desktop")
    bound = node.get("/gadgets/token?tokenSource=cherrypoint", make_person()).get_json()["access_token"]
    assert all(is_good(service, token) for service in (node, other) for token in (*held, left, bound))
    key = node.get("/api/GenerateAPIKey", held[0], origin=None).get_json()
    assert node.get("/api/account/logout", left, origin=None).get_json() is True
    for service in (node, other, start()):
        assert not any(is_good(service, token) for token in (*held, left))
        assert is_good(service, bound)
        assert is_good(service, login(service, "system", key))


def test_a_bound_token_lives_as_long_as_a_session(node: Service) -> None:
    assert BOUND_LIFETIME == SESSION_SECONDS
