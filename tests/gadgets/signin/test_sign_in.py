"""A Finesse credential becomes a session of the person it belongs to (docs/api.md, Session)."""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from foundation.keys import derived, signing_keys
from gadgets.signin.guard import SESSION_SECONDS, Sessions
from tests.support.answering import answer
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import ADMINISTRATOR, Account, Reply, ScriptedFinesse, basic
from tests.support.services import Service
from tests.support.signed_in import make_person

PULSE = "/gadgets/pulse?filterTags=cc_AgentId"
MARIA = Account(
    "1102",
    "maria.santos",
    roles=("Agent", "Supervisor"),
    supervises=(("5001", "Sales"), ("5002", "Support")),
    skill_target_id="6102",
    name=("Maria", "Santos"),
)


@pytest.fixture
def ann(finesse: ScriptedFinesse) -> Account:
    return finesse.add(Account("1001", "ann"))


def test_an_agent_is_signed_in(service: Service, ann: Account) -> None:
    answer = service.sign_in("1001")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == SESSION_SECONDS == 900
    assert answer.json["person"] == {
        "id": "1001",
        "loginName": "ann",
        "name": "Ann Lee",
        "agentId": "6001",
        "roles": ["Agent"],
        "team": {"id": "5001", "name": "Sales"},
        "supervises": [],
    }
    assert service.get(PULSE, answer.json["access_token"]).status_code == 200


def test_a_supervisor_is_told_the_supervised_teams(service: Service, finesse: ScriptedFinesse) -> None:
    finesse.add(MARIA)
    session = service.sign_in("1102").json
    assert session is not None
    assert session["person"]["roles"] == ["Agent", "Supervisor"]
    assert session["person"]["supervises"] == [{"id": "5001", "name": "Sales"}, {"id": "5002", "name": "Support"}]


def test_a_list_of_one_team_and_one_role_is_a_list(service: Service, finesse: ScriptedFinesse) -> None:
    finesse.add(replace(MARIA, roles=("Supervisor",), supervises=(("5002", "Support"),)))
    session = service.sign_in("1102").json
    assert session is not None
    assert session["person"]["roles"] == ["Supervisor"]
    assert session["person"]["supervises"] == [{"id": "5002", "name": "Support"}]


def test_teams_that_stand_in_an_agents_user_do_not_make_a_supervisor(
    service: Service, finesse: ScriptedFinesse
) -> None:
    finesse.add(Account("1001", "ann", supervises=(("5002", "Support"),)))
    session = service.sign_in("1001").json
    assert session is not None
    assert session["person"]["supervises"] == []
    assert_problem(service.get("/gadgets/pulse?filterTags=cc_TeamId", session["access_token"]), 403, "supervisors_only")


@pytest.mark.parametrize("name", ["1001", "ann", "ANN", "Ann"])
def test_a_credential_may_carry_either_name_in_any_case(service: Service, ann: Account, name: str) -> None:
    answer = service.sign_in(name, user="1001")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["person"]["id"] == "1001"


def test_a_person_may_be_asked_for_by_login_name(service: Service, ann: Account) -> None:
    answer = service.sign_in("ann", user="ann")
    assert answer.json is not None
    assert answer.json["person"]["id"] == "1001"


def test_a_wrong_password_is_refused(service: Service, ann: Account, finesse: ScriptedFinesse) -> None:
    assert_problem(service.sign_in("1001", "wrong"), 401, "invalid_credentials")
    assert finesse.refusals == 1


def test_an_administrators_credential_is_nobodys_session(service: Service, ann: Account) -> None:
    name, password = ADMINISTRATOR
    assert_problem(service.sign_in(name, password, user="1001"), 403, "not_your_user")


def test_a_credential_does_not_sign_in_someone_else(service: Service, ann: Account, finesse: ScriptedFinesse) -> None:
    finesse.add(Account("1002", "bob", skill_target_id="6002"))
    assert_problem(service.sign_in("1002", user="1001"), 403, "not_your_user")


def test_another_user_than_asked_for_is_nobodys_session(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    finesse.script = lambda _path: Reply(200, Account("1002", "bob").xml())
    assert_problem(service.sign_in("1001"), 403, "not_your_user")


def test_a_user_without_an_id_is_no_user(service: Service, finesse: ScriptedFinesse) -> None:
    finesse.script = lambda _path: Reply(200, Account("", "ann").xml())
    assert_problem(service.sign_in("ann"), 502, "finesse_unavailable")


def test_a_user_whom_finesse_does_not_know_is_not_yours(service: Service, ann: Account) -> None:
    assert_problem(service.sign_in("1001", user="9999"), 403, "not_your_user")


@pytest.mark.parametrize("roles", [(), ("Admin",), ("agent",)])
def test_who_is_neither_agent_nor_supervisor_has_no_session(
    service: Service, finesse: ScriptedFinesse, roles: tuple[str, ...]
) -> None:
    finesse.add(Account("1001", "ann", roles=roles))
    assert_problem(service.sign_in("1001"), 403, "no_role")


def test_a_bearer_signs_in_and_stands_in_the_audit_trail(
    service: Service, finesse: ScriptedFinesse, ann: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    finesse.bearers["opaque-token"] = "1001"
    answer = service.sign_in("1001", bearer="opaque-token")
    assert answer.status_code == 200
    output = capsys.readouterr().out
    assert "signed_in_by_bearer" in output
    assert "audit" in output
    assert "1001" in output
    assert answer.headers["X-Request-Id"] in output
    assert "opaque-token" not in output


def test_a_basic_sign_in_is_no_line_of_the_audit_trail(
    service: Service, ann: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    service.sign_in("1001")
    assert "signed_in" not in capsys.readouterr().out


def test_a_bearer_of_someone_else_is_not_yours(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    finesse.add(Account("1002", "bob"))
    finesse.bearers["of-bob"] = "1002"
    assert_problem(service.sign_in("1001", bearer="of-bob"), 403, "not_your_user")


def test_an_unknown_bearer_is_refused(service: Service, ann: Account) -> None:
    assert_problem(service.sign_in("1001", bearer="forged"), 401, "invalid_credentials")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Bearer ",
        "Digest abc",
        "Basic !!!",
        "Basic YW5u",
        basic("", "right"),
        "Basic a b",
        "Bearer a b",
        "Bearer ä",
        "Bearer " + "a" * 9000,
        basic("1001\0", "right"),
        basic("1001\n", "right"),
    ],
)
def test_a_malformed_credential_never_reaches_finesse(service: Service, finesse: ScriptedFinesse, header: str) -> None:
    answer = service.post("/gadgets/session", {"user": "1001"}, Authorization=header)
    assert_problem(answer, 401, "invalid_credentials")
    assert finesse.seen == []


@pytest.mark.parametrize("user", [None, 1001, "", "a" * 65, "../Team/1", "a b", "1001\n", "anü", ["1001"]])
def test_a_malformed_user_never_reaches_finesse(service: Service, finesse: ScriptedFinesse, user: object) -> None:
    for body in ({"user": user}, user, {}):
        answer = service.post("/gadgets/session", body, Authorization=basic("1001", "right"))
        assert_problem(answer, 400, "bad_request")
    assert finesse.seen == []


def test_a_body_that_is_no_json_is_refused(service: Service, finesse: ScriptedFinesse) -> None:
    client = service.app.test_client()
    deep = b'{"user":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    bodies = ((b"{", "application/json"), (deep, "application/json"), (b'{"user":"1001"}', "text/plain"))
    for data, kind in (*bodies, (b"user=1001", None)):
        answer = client.post(
            "/gadgets/session", data=data, content_type=kind, headers={"Authorization": basic("1001", "right")}
        )
        assert_problem(answer, 400, "bad_request")
    assert finesse.seen == []


def test_on_uccx_the_agent_id_is_the_user_id(service: Service, finesse: ScriptedFinesse) -> None:
    finesse.deployment = "UCCX"
    finesse.add(Account("ann", "ann", skill_target_id=""))
    session = service.sign_in("ann").json
    assert session is not None
    assert session["person"]["agentId"] == "ann"


def test_on_uccx_a_skill_target_id_is_not_the_agent_id(service: Service, finesse: ScriptedFinesse) -> None:
    finesse.deployment = "UCCX"
    finesse.add(Account("ann", "ann", skill_target_id="6001"))
    session = service.sign_in("ann").json
    assert session is not None
    assert session["person"]["agentId"] == "ann"


def test_on_ucce_without_a_skill_target_id_there_is_no_session(service: Service, finesse: ScriptedFinesse) -> None:
    finesse.add(Account("1001", "ann", skill_target_id=""))
    assert_problem(service.sign_in("1001"), 409, "agent_id_unknown")


def test_on_ucce_the_directory_stands_in_for_a_missing_skill_target_id(
    service: Service, finesse: ScriptedFinesse
) -> None:
    finesse.add(Account("1001", "ann"))
    assert service.sign_in("1001").status_code == 200
    finesse.accounts.clear()
    finesse.add(Account("1001", "ann", skill_target_id="", password="new"))
    session = service.sign_in("1001", "new").json
    assert session is not None
    assert session["person"]["agentId"] == "6001"


def test_a_silent_system_info_does_not_keep_people_out_on_ucce(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    finesse.script = lambda path: Reply(503, "") if path.endswith("SystemInfo") else None
    assert service.sign_in("1001").status_code == 200
    finesse.add(Account("1002", "bob", skill_target_id=""))
    assert_problem(service.sign_in("1002"), 502, "finesse_unavailable")


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer x", "Basic eDp5", "Bearer a.b.c", "bearer", "Bearer a b", "Token x", ""]
)
def test_without_a_session_no_data_is_told(service: Service, header: str | None) -> None:
    more = {} if header is None else {"Authorization": header}
    for path in (PULSE, "/gadgets/pulse.csv?filterTags=cc_AgentId", "/gadgets/journey?dialogId=1", "/gadgets/journey"):
        assert_problem(service.get(path, **more), 401, "session_required")
    assert_problem(service.post("/gadgets/journey", {"customerId": "C-1"}, **more), 401, "session_required")


@pytest.mark.parametrize(("scheme", "status"), [("Bearer", 200), ("bearer", 200), ("Basic", 401), ("Token", 401)])
def test_a_session_is_taken_as_a_bearer_alone(service: Service, scheme: str, status: int) -> None:
    answer = service.get(PULSE, Authorization=f"{scheme} {service.token(make_person())}")
    assert answer.status_code == status


def test_a_session_ends_after_fifteen_minutes(service: Service) -> None:
    (key,) = signing_keys(service.settings)
    secret = OctKey.import_key(derived(key, "session"))
    claims = make_person().claims() | {"iss": "finesse-pulse", "aud": "gadgets"}
    now = int(time.time())

    def token(**changes: object) -> str:
        return jwt.encode({"alg": "HS256"}, {**claims, "iat": now, "exp": now + 60, **changes}, secret)

    assert service.get(PULSE, token()).status_code == 200
    for changes in ({"exp": now - 61}, {"iat": now + 120}, {"iss": "another"}, {"aud": "another"}, {"exp": None}):
        assert_problem(service.get(PULSE, token(**changes)), 401, "session_required")


def test_a_token_of_another_key_or_none_is_refused(service: Service) -> None:
    person = make_person()
    forged = Sessions((b"another key, just as long as it must be",)).issue(person)
    head, body, signature = service.token(person).split(".")
    unsigned = jwt.encode({"alg": "HS256"}, person.claims(), OctKey.import_key(b"x" * 32)).split(".")[1]
    none = "eyJhbGciOiJub25lIn0"
    for token in (
        forged,
        f"{head}.{unsigned}.{signature}",
        f"{none}.{body}.",
        f"{head}.{body}.",
        f"{none}.{body}.{signature}",
    ):
        assert_problem(service.get(PULSE, token), 401, "session_required")


def test_the_first_key_signs_and_all_verify(start: Callable[..., Service]) -> None:
    old, new = "an old key that is long enough to be one", "a new key that is long enough to be one"
    before, after = start(secret_key=(old,)), start(secret_key=(new, old))
    only_new = start(secret_key=(new,))
    assert after.get(PULSE, before.token(make_person())).status_code == 200
    assert only_new.get(PULSE, after.token(make_person())).status_code == 200
    assert_problem(only_new.get(PULSE, before.token(make_person())), 401, "session_required")


def test_a_token_shows_no_credential(service: Service, ann: Account) -> None:
    session = service.sign_in("1001").json
    assert session is not None
    assert "right" not in json.dumps(session)
    assert basic("1001", "right").removeprefix("Basic ") not in json.dumps(session)


def test_names_and_teams_are_learned_from_sign_ins(service: Service, finesse: ScriptedFinesse) -> None:

    finesse.add(MARIA)
    finesse.add(Account("1001", "ann"))
    assert service.sign_in("1001").status_code == 200
    session = service.sign_in("1102").json
    assert session is not None
    service.take(answer(nps=9, agent="6001", team="5001"), answer(nps=9, agent="6009", team="5002"))
    figures = service.get("/gadgets/pulse?filterTags=cc_TeamId", session["access_token"]).json
    assert figures is not None
    assert [(row["id"], row["name"]) for row in figures["agents"]] == [("6001", "Ann Lee"), ("6009", None)]
    assert [(row["id"], row["name"]) for row in figures["teams"]] == [("5001", "Sales"), ("5002", "Support")]


def test_a_name_of_megabytes_is_cut(service: Service, finesse: ScriptedFinesse) -> None:
    long = "n" * 1_000_000
    supervisor = Account("1001", "ann", roles=("Supervisor",), name=(long, long))
    finesse.add(replace(supervisor, team=("5001", long), supervises=(("5002", long),)))
    person = service.sign_in("1001").get_json()["person"]
    names = [person["name"], person["team"]["name"], *(team["name"] for team in person["supervises"])]
    assert [len(name) for name in names] == [200, 200, 200]
