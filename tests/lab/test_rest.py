"""Finesse's REST side as docs/cisco/finesse.md §4 has it."""

from typing import Any

import pytest
from defusedxml import ElementTree
from flask.testing import FlaskClient

from lab.desktop.app import create_desktop
from lab.desktop.parts import Parts
from lab.people import cast
from tests.lab.conftest import basic


def get(client: FlaskClient, path: str, user: str = "1001", password: str = "lab") -> Any:
    return client.get(f"/finesse/api{path}", headers=basic(user, password))


def error(response: Any) -> str:
    return str(ElementTree.fromstring(response.data).findtext("ApiError/ErrorType"))


def test_a_user_is_read_by_id_and_by_login_name(client: FlaskClient) -> None:
    for name in ("1102", "maria.santos"):
        root = ElementTree.fromstring(get(client, f"/User/{name}", "maria.santos").data)
        assert root.tag == "User"
        assert root.findtext("loginId") == "1102"
        assert root.findtext("skillTargetId") == "6102"
        assert [role.text for role in root.iter("role")] == ["Agent", "Supervisor"]
        assert [team.findtext("id") for team in root.iter("Team")] == ["5001", "5002"]
        assert root.findtext("teamName") == "Sales"


def test_an_agent_has_no_teams_to_supervise(client: FlaskClient) -> None:
    assert ElementTree.fromstring(get(client, "/User/1001").data).find("teams") is None


def test_everyone_gets_only_oneself(client: FlaskClient) -> None:
    for user, other in (("1001", "1002"), ("1102", "1001"), ("1001", "1102")):
        for path in (f"/User/{other}", f"/User/{other}/Dialogs"):
            refused = get(client, path, user)
            assert refused.status_code == 401
            assert error(refused) == "Invalid Authorization User Specified"


def test_an_administrator_gets_anyone(client: FlaskClient) -> None:
    assert get(client, "/User/1001", "administrator").status_code == 200
    assert get(client, "/User/1001/Dialogs", "administrator").data == b"<Dialogs/>"


def test_an_unknown_user_is_not_found(client: FlaskClient) -> None:
    missing = get(client, "/User/9999")
    assert (missing.status_code, error(missing)) == (404, "User Not Found")


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer abc", "Basic /w=="])
def test_a_credential_that_is_none_is_refused(client: FlaskClient, header: str) -> None:
    refused = client.get("/finesse/api/User/1001", headers={"Authorization": header} if header else {})
    assert (refused.status_code, error(refused)) == (401, "Authorization Failure")
    assert refused.content_type.startswith("application/xml")


def test_system_info_needs_no_credential(client: FlaskClient) -> None:
    root = ElementTree.fromstring(client.get("/finesse/api/SystemInfo").data)
    assert root.findtext("deploymentType") == "UCCE"
    assert root.findtext("status") == "IN_SERVICE"
    assert root.findtext("timezoneOffset") == "0"


def test_system_info_tells_the_time_zone_in_minutes_east() -> None:
    desktop = create_desktop("http://127.0.0.1:1", calls=False, time_zone="Asia/Taipei")
    root = ElementTree.fromstring(desktop.test_client().get("/finesse/api/SystemInfo").data)
    assert root.findtext("timezoneOffset") == "480"


def test_a_team_lists_who_is_signed_in_or_all(client: FlaskClient, parts: Parts) -> None:
    parts.floor.sign_in(cast.CAST[1])
    present = ElementTree.fromstring(get(client, "/Team/5001", "1101").data)
    assert [user.findtext("loginId") for user in present.iter("User")] == ["1002"]
    everyone = ElementTree.fromstring(get(client, "/Team/5001?includeLoggedOutAgents=true", "1101").data)
    assert len(list(everyone.iter("User"))) == 8
    assert all((user.findtext("uri") or "").endswith("/") for user in everyone.iter("User"))


def test_a_team_is_for_its_supervisors(client: FlaskClient) -> None:
    assert error(get(client, "/Team/5002", "1101")) == "Invalid Supervisor"
    assert get(client, "/Team/5002", "1102").status_code == 200
    assert get(client, "/Team/5002", "1007").status_code == 401
    assert get(client, "/Team/4999", "1102").status_code == 404


def test_uccx_knows_no_skill_target(client: FlaskClient) -> None:
    client.post("/lab/finesse", json={"deployment": "UCCX"})
    assert ElementTree.fromstring(get(client, "/User/1001").data).find("skillTargetId") is None


def test_a_state_is_accepted_and_comes_by_event(client: FlaskClient, parts: Parts) -> None:
    path = "/finesse/api/User/1001"
    assert client.put(path, headers=basic("1001"), data="<User><state>NOT_READY</state></User>").status_code == 202
    assert "NOT_READY" in parts.events.wait("1001", 0, 0)[-1].xml
    assert client.put(path, headers=basic("1001"), data="<User><state>FLYING</state></User>").status_code == 400
    assert client.put(path, headers=basic("1001"), data="<User").status_code == 400


def test_the_journal_tells_who_asked_and_holds_no_credential(client: FlaskClient) -> None:
    get(client, "/User/1001")
    get(client, "/User/1001", "1001", "s3cret")
    get(client, "/User/1001", "s3cret-name", "s3cret")
    entries = client.get("/lab/log").get_json()
    assert [(e["method"], e["path"], e["user"], e["status"]) for e in entries] == [
        ("GET", "/finesse/api/User/1001", "1001", 200),
        ("GET", "/finesse/api/User/1001", "1001", 401),
        ("GET", "/finesse/api/User/1001", "", 401),
    ]
    assert "s3cret" not in client.get("/lab/log").get_data(as_text=True)
    client.delete("/lab/log")
    assert client.get("/lab/log").get_json() == []


@pytest.mark.parametrize(("word", "status"), [("html401", 401), ("html500", 500), ("xml503", 503), ("broken", 200)])
def test_a_fault_strikes_every_request_until_it_is_lifted(client: FlaskClient, word: str, status: int) -> None:
    client.post("/lab/finesse", json={"fail": word})
    struck = get(client, "/User/1001")
    assert struck.status_code == status
    assert b"loginName" not in struck.data
    client.post("/lab/finesse", json={"fail": None})
    assert get(client, "/User/1001").status_code == 200


def test_a_fault_can_be_kept_to_some_paths(client: FlaskClient) -> None:
    client.post("/lab/finesse", json={"fail": "html500", "only": "/Dialogs"})
    assert get(client, "/User/1001").status_code == 200
    assert get(client, "/User/1001/Dialogs").status_code == 500


def test_an_unknown_fault_is_refused(client: FlaskClient) -> None:
    assert client.post("/lab/finesse", json={"fail": "flood"}).status_code == 400
