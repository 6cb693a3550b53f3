"""LoginToken, logout, keys and Basic (docs/cisco/wxm-api.md §2)."""

import secrets
from email.utils import parsedate_to_datetime

import pytest

from experience.accounts.api_tokens import ApiTokens
from experience.accounts.users import User, Users
from foundation.db.database import Database
from tests.experience.api.client import PUBLIC_URL, Client
from tests.support.services import ServedNode

FIELDS = {
    *("access_token", "token_type", "expires_in", "userName", "email", "primaryRole", "managedBy", "preview"),
    *("station", "hash", ".issued", ".expires"),
}
TWELVE_HOURS = 43_200


@pytest.fixture
def user(node: ServedNode) -> str:
    """A new user who may write, with `first-key`."""
    name = f"user-{secrets.token_hex(4)}"
    database = Database(f"sqlite:///{node.data / 'pulse.db'}")
    users = Users(database)
    users.add(name, "system")
    users.set_key(name, "first-key")
    database.close()
    return name


@pytest.mark.parametrize("secret", ["desktop-pin", "desktop's password"])
def test_a_login_is_answered_as_wxm_does(anyone: Client, secret: str) -> None:
    reply = anyone.login(username="desktop", password=secret)
    assert reply.status == 200
    assert set(reply.json) == FIELDS
    assert reply.json["token_type"] == "bearer"
    assert reply.json["userName"] == "desktop"
    assert reply.json["expires_in"] == TWELVE_HOURS
    life = parsedate_to_datetime(reply.json[".expires"]) - parsedate_to_datetime(reply.json[".issued"])
    assert life.total_seconds() == TWELVE_HOURS
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"username": "desktop", "password": "wrong"}, 401, "invalid_grant"),
        ({"username": "nobody", "password": "desktop-pin"}, 401, "invalid_grant"),
        ({"username": "DESKTOP", "password": "desktop-pin"}, 401, "invalid_grant"),
        ({"username": "desktop"}, 400, "invalid_request"),
        ({"username": "desktop", "password": "desktop-pin", "grant_type": "implicit"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_refused_login_names_why(anyone: Client, form: dict[str, str], status: int, error: str) -> None:
    reply = anyone.login(**form)
    assert (reply.status, reply.error) == (status, error)
    assert "desktop" not in reply.json["error_description"]


def test_a_login_that_is_no_form_is_told_what_is_wanted(anyone: Client) -> None:
    reply = anyone.post("/api/LoginToken", {"grant_type": "password", "username": "desktop", "password": "desktop-pin"})
    assert (reply.status, reply.error) == (400, "invalid_request")
    assert "Send a form" in reply.json["error_description"]


def test_a_login_needs_no_exact_spelling_of_its_path(anyone: Client) -> None:
    assert anyone.login("/API/logintoken/", username="desktop", password="desktop-pin").status == 200


@pytest.mark.parametrize("credential", ["", "Bearer nonsense", "Basic nonsense", "Digest x", "Bearer"])
def test_without_a_credential_nothing_is_told(anyone: Client, credential: str) -> None:
    reply = Client(anyone.base, credential).get("/api/Questions")
    assert (reply.status, reply.error) == (401, "invalid_token")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_of_another_purpose_is_refused(anyone: Client) -> None:
    strange, _ = ApiTokens((b"another key" * 4,)).issue(User("system", "system"))
    assert anyone.as_bearer(strange).get("/api/Questions").status == 401


def test_a_logged_out_token_is_over_and_others_go_on(anyone: Client, user: str) -> None:
    first, second = (
        anyone.as_bearer(anyone.login(username=user, password="first-key").json["access_token"]) for _ in range(2)
    )
    assert first.get("/api/Account/Logout").json is True
    assert first.get("/api/Profile").status == 401
    assert second.get("/api/Profile").status == 200


def test_basic_takes_a_password_and_a_key(anyone: Client) -> None:
    for secret in ("desktop-pin", "desktop's password"):
        assert anyone.as_basic("desktop", secret).get("/api/Profile").json["user"] == "desktop"
    assert anyone.as_basic("desktop", "wrong").get("/api/Profile").status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": PUBLIC_URL, "Sec_Fetch_Site": "cross-site"},
    ],
)
def test_basic_from_another_site_is_refused(anyone: Client, headers: dict[str, str]) -> None:
    reply = anyone.as_basic("desktop", "desktop-pin").get("/api/Profile", **headers)
    assert (reply.status, reply.error) == (403, "cross_site")


def test_basic_from_our_own_pages_is_not(anyone: Client) -> None:
    own = anyone.as_basic("desktop", "desktop-pin").get("/api/Profile", Origin=PUBLIC_URL, Sec_Fetch_Site="same-origin")
    assert own.status == 200


def test_no_other_origin_may_read(desktop: Client) -> None:
    reply = desktop.get("/api/Profile", Origin="https://finesse1.bora.com:8445")
    assert not [name for name in reply.headers if name.lower().startswith("access-control")]
    assert desktop.call("OPTIONS", "/api/Profile", Origin="https://finesse1.bora.com:8445").status == 405


def test_a_generated_key_is_told_again_and_replaces_the_earlier(anyone: Client, user: str) -> None:
    caller = anyone.as_bearer(anyone.login(username=user, password="first-key").json["access_token"])
    assert caller.get("/api/GetAPIKey").error == "not_found"
    key = caller.get("/api/generateapikey").json
    assert caller.get("/api/getapikey/").status == 401
    caller = anyone.as_bearer(anyone.login(username=user, password=key).json["access_token"])
    assert caller.get("/api/getapikey/").json == key
    assert anyone.login(username=user, password="first-key").status == 401


def test_a_reader_makes_no_key(desktop: Client) -> None:
    assert desktop.get("/api/GenerateAPIKey").error == "insufficient_scope"


def test_a_disabled_user_is_out_at_once(anyone: Client, node: ServedNode, user: str) -> None:
    caller = anyone.as_bearer(anyone.login(username=user, password="first-key").json["access_token"])
    assert caller.get("/api/Profile").status == 200
    database = Database(f"sqlite:///{node.data / 'pulse.db'}")
    Users(database).disable(user)
    database.close()
    assert caller.get("/api/Profile").status == 401
    assert anyone.login(username=user, password="first-key").status == 401
    assert anyone.as_basic(user, "first-key").get("/api/Profile").status == 401
