"""Every refused sign-in, on every face: a line of the audit trail without secrets and strangers' names, and a count."""

import re
from collections.abc import Callable, Iterator

import pytest

from experience.accounts.users import Users
from tests.support.scripted_finesse import Account, ScriptedFinesse, basic
from tests.support.services import Service
from tests.support.signed_in import make_person

SECRET = "hush-hush"  # a password, and what somebody typed as his name
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def service(start: Callable[..., Service], finesse: ScriptedFinesse) -> Iterator[Service]:
    finesse.add(Account("1001", "ann"))
    started = start(token_endpoint="on", cloudconnect_username="admin", cloudconnect_password="right")
    users = Users(started.app.extensions["pulse"]["database"])
    users.add("desktop", "desktop")
    users.set_key("desktop", "right")
    assert started.sign_in("1001").status_code == 200
    yield started


def log_in(service: Service, name: str, secret: str) -> int:
    form = {"grant_type": "password", "username": name, "password": secret}
    return service.app.test_client().post("/api/LoginToken", data=form, content_type=FORM).status_code


CASES: dict[str, tuple[Callable[[Service, str], object], str, str, str, str]] = {
    "session": (lambda service, name: service.sign_in(name, SECRET, user="1001"), "ann", "1001", "gadgets", "session"),
    "bearer": (lambda service, name: service.sign_in(name, bearer=SECRET), "1001", "1001", "gadgets", "session"),
    "journey": (
        lambda service, name: service.get(
            "/gadgets/journey?dialogId=1",
            make_person(cluster=service.settings.finesse_nodes[0]),
            X_Finesse_Authorization=basic(name, SECRET),
        ),
        "ann",
        "1001",
        "gadgets",
        "journey",
    ),
    "token": (
        lambda service, name: service.get(
            "/finesse/api/CloudConnectTokenService?tokenSource=cherrypoint", Authorization=basic(name, SECRET)
        ),
        "ann",
        "1001",
        "gadgets",
        "CloudConnectTokenService",
    ),
    "cherrypoint": (
        lambda service, name: service.get("/cherrypoint/status", Authorization=basic(name, SECRET)),
        "admin",
        "admin",
        "cherrypoint",
        "/cherrypoint/status",
    ),
    "login": (
        lambda service, name: log_in(service, name, SECRET),
        "desktop",
        "desktop",
        "api",
        "LoginToken",
    ),
    "basic": (
        lambda service, name: service.get("/api/Profile", origin=None, Authorization=basic(name, SECRET)),
        "desktop",
        "desktop",
        "api",
        "Profile",
    ),
}
OF_ATTACKERS = [case for case in CASES if case not in {"bearer", "journey"}]


def lines(text: str) -> list[dict[str, str]]:
    audited = [line for line in text.splitlines() if "refused_sign_in" in line and "audit=True" in line]
    return [dict(re.findall(r"(\w+)=(\S+)", line)) for line in audited]


def refused(service: Service, face: str) -> float:
    text = service.get("/metrics", origin=None).get_data(as_text=True)
    counts = re.findall(rf'pulse_refused_sign_ins_total{{face="{face}",reason="\w+"}} (\S+)', text)
    return sum(map(float, counts))


@pytest.mark.parametrize("case", CASES)
def test_a_refused_sign_in_is_written_down_and_counted(
    service: Service, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ask, name, user, face, route = CASES[case]
    before = refused(service, face)
    capsys.readouterr()
    ask(service, name)
    output = capsys.readouterr().out
    (line,) = lines(output)
    assert (line["face"], line["user"], line["address"]) == (face, user, "127.0.0.1")
    assert line["reason"] in {"invalid_credentials", "invalid_grant", "invalid_token"}
    assert route.lower() in line["route"].lower()
    assert SECRET not in output
    assert refused(service, face) - before == 1


@pytest.mark.parametrize("case", OF_ATTACKERS)
def test_an_unknown_name_is_not_written_down(service: Service, case: str, capsys: pytest.CaptureFixture[str]) -> None:
    ask = CASES[case][0]
    capsys.readouterr()
    for name in (SECRET, SECRET, "somebody"):
        ask(service, name)
    output = capsys.readouterr().out
    first, again, other = (line["user"] for line in lines(output))
    assert first == again != other
    assert re.fullmatch(r"unknown-[0-9a-f]{12}", first)
    assert SECRET not in output
    assert "somebody" not in output


def test_who_is_braked_is_written_down_too(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    for number in range(5):
        service.sign_in("1001", f"wrong {number}")
    assert [line["reason"] for line in lines(capsys.readouterr().out)] == ["invalid_credentials"] * 2 + [
        "try_later"
    ] * 3


@pytest.mark.parametrize(
    ("account", "user", "reason"),
    [
        (Account("1002", "bob"), "1001", "not_your_user"),
        (Account("1002", "bob", roles=("Admin",)), "1002", "no_role"),
        (Account("1002", "bob", skill_target_id=""), "1002", "agent_id_unknown"),
    ],
)
def test_a_right_password_that_opens_nothing_is_written_down_too(
    service: Service,
    finesse: ScriptedFinesse,
    capsys: pytest.CaptureFixture[str],
    account: Account,
    user: str,
    reason: str,
) -> None:
    finesse.add(account)
    capsys.readouterr()
    assert service.sign_in("1002", user=user).status_code in {403, 409}
    assert [line["reason"] for line in lines(capsys.readouterr().out)] == [reason]


def test_what_is_no_refusal_is_not_written_down(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    service.sign_in("1001")
    person = make_person(cluster=service.settings.finesse_nodes[0])
    service.get("/gadgets/journey?dialogId=9", person, X_Finesse_Authorization=basic("1001", "right"))
    service.get("/cherrypoint/status")
    service.get("/api/Profile", origin=None)
    assert log_in(service, "desktop", "right") == 200
    assert lines(capsys.readouterr().out) == []
