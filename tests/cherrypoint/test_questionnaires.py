"""With WXM_URL set, Cloud Connect lists that WxM's questionnaires: asked for once an hour, kept while it is down."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from experience.wxm import questionnaires
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import basic
from tests.support.scripted_wxm import Reply, ScriptedWxm, Seen, scripted_wxm
from tests.support.services import Service

QUESTIONNAIRES = [
    {"name": "Post call survey", "displayName": "After a call", "hashPIIBy": "sha384", "isNameImmutable": True},
    {"name": "Chat survey"},
    {"displayName": "nameless"},
]
LISTED = [
    {"name": "Post call survey", "displayName": "After a call", "hashPIIBy": "sha384"},
    {"name": "Chat survey", "displayName": "Chat survey", "hashPIIBy": None},
]


@pytest.fixture
def remote() -> Iterator[ScriptedWxm]:
    def respond(seen: Seen) -> Reply | None:
        return Reply(200, QUESTIONNAIRES) if seen.path == "/api/AllSurveyQuestionnaires" else None

    with scripted_wxm() as wxm:
        wxm.script = respond
        yield wxm


@pytest.fixture
def client(start: Callable[..., Service], remote: ScriptedWxm) -> FlaskClient:
    login = {"wxm_url": remote.base, "wxm_username": "desktop", "wxm_api_key": "key"}
    client = start(cloudconnect_username="admin", cloudconnect_password="word", **login).app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = basic("admin", "word")
    return client


def test_the_wxms_own_questionnaires_are_listed_and_asked_for_once(client: FlaskClient, remote: ScriptedWxm) -> None:
    for path in ("/cherrypoint/questionnaires", "/cherrypoint/questionnaires/v2"):
        assert client.get(path).json == LISTED
    assert client.get("/cherrypoint/questionnaires/v2/Chat%20survey").json == LISTED[1]
    assert_problem(client.get("/cherrypoint/questionnaires/v2/Other"), 404, "unknown_questionnaire")
    assert len(remote.requests_to("AllSurveyQuestionnaires")) == 1


def test_the_old_list_serves_on_while_the_wxm_is_down(
    client: FlaskClient, remote: ScriptedWxm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questionnaires, "FRESH_SECONDS", 0.0)
    assert client.get("/cherrypoint/questionnaires").json == LISTED
    remote.script = lambda _seen: Reply(500, {})
    for _ in range(3):
        assert client.get("/cherrypoint/questionnaires").json == LISTED
    assert len(remote.requests_to("AllSurveyQuestionnaires")) == 2


def test_a_wxm_that_never_told_any_is_said_to_be_down(client: FlaskClient, remote: ScriptedWxm) -> None:
    remote.script = lambda seen: Reply(200, ["no questionnaire"]) if "All" in seen.path else None
    assert_problem(client.get("/cherrypoint/questionnaires"), 502, "wxm_unavailable")
