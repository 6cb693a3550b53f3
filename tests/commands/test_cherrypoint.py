"""`cherrypoint config|show|test-connectivity` and `cvp-properties`: Cisco's words and order, and no key shown."""

import json
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cherrypoint.config import Config, InDatabase, completed
from commands import pulse
from experience.accounts.users import Users
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.invocation import invocation
from foundation.settings import Settings
from tests.foundation.http.test_client import neighbour, sending
from tests.foundation.http.test_limits import proxy
from tests.support.services import free_port

PROMPTS = [
    "Fetching existing configuration...",
    "Enter the Config details to be saved:",
    "Desktop User (with Read Only Privileges)",
    "Desktop User API Key []",
    "System User (with Read and Write Privileges)",
    "System User API Key []",
    "Web URL Prefix",
    "Deployment ID",
    "Proxy Enabled(true/false) [false]",
    "Proxy Host",
    "Proxy Port [0]",
    "The config details updated successfully.",
]
TYPED = ["desktop", "desk-key", "system", "sys-key", "https://nps.bora.com", "D1", "true", "proxy.bora.com", "8080"]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULSE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PULSE_PUBLIC_URL", "https://pulse.bora.com")
    return tmp_path


def run(*words: str, typed: list[str] | None = None) -> Result:
    return CliRunner().invoke(pulse, words, input="\n".join([*(typed or []), ""]))


def test_the_prompts_come_in_ciscos_order(data: Path) -> None:
    output = run("cherrypoint", "config", typed=TYPED).output
    places = [output.find(prompt) for prompt in PROMPTS]
    assert -1 not in places
    assert places == sorted(places)


def test_present_values_are_kept_on_enter(data: Path) -> None:
    run("cherrypoint", "config", typed=TYPED)
    before = json.loads((data / "cherrypoint.json").read_text())
    assert run("cherrypoint", "config", typed=[""] * len(TYPED)).exit_code == 0
    after = json.loads((data / "cherrypoint.json").read_text())
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before
    assert after["system_key"] == "sys-key"


def test_signs_that_come_along_when_a_key_is_pasted_are_no_part_of_it(data: Path) -> None:
    run("cherrypoint", "config", typed=[f"\ufeff{text}\u200b " for text in TYPED[:6]] + TYPED[6:])
    kept = json.loads((data / "cherrypoint.json").read_text())
    names = ("desktop_user", "desktop_key", "system_user", "system_key", "web_url_prefix", "deployment_id")
    assert [kept[name] for name in names] == TYPED[:6]


def test_show_masks_keys_and_stamps(data: Path) -> None:
    assert "Last Updated Timestamp: 0" in run("cherrypoint", "show").output
    run("cherrypoint", "config", typed=TYPED)
    output = run("cherrypoint", "show").output
    assert output.count("*******") == 2
    assert "-key" not in output
    assert re.search(r"Last Updated Timestamp: 1\d{12}\n", output)
    assert "Web URL Prefix: https://nps.bora.com" in output
    assert "Proxy Port: 8080" in output


def test_show_says_whose_users_they_are_where_the_wxm_is_built_in(data: Path) -> None:
    before = run("cherrypoint", "show")
    assert "WxM is built in" in before.stderr
    assert f"nothing is configured yet: {invocation('cherrypoint config')}" in before.stderr
    run("cherrypoint", "config", typed=TYPED)
    after = run("cherrypoint", "show")
    assert "its users are desktop (desktop), system (system)" in after.stderr
    assert "nothing is configured" not in after.stderr
    assert after.stdout.startswith("Desktop User (with Read Only Privileges): desktop\n")


def test_show_of_a_real_wxm_says_nothing_more(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_WXM_URL", "https://wxm.bora.com")
    run("cherrypoint", "config", typed=TYPED)
    assert run("cherrypoint", "show").stderr == ""


def test_its_owner_alone_may_read_it(data: Path) -> None:
    run("cherrypoint", "config", typed=TYPED)
    assert stat.S_IMODE((data / "cherrypoint.json").stat().st_mode) == 0o600
    assert not list(data.glob("cherrypoint.json.*"))


def test_the_users_of_the_built_in_wxm_are_these(data: Path) -> None:
    run("cherrypoint", "config", typed=TYPED)
    database = Database(f"sqlite:///{data / 'pulse.db'}")
    users = Users(database)
    desktop, system = users.check("desktop", "desk-key"), users.check("system", "sys-key")
    database.close()
    assert desktop and not desktop.may_write
    assert system and system.may_write


@pytest.mark.parametrize(
    ("before", "desktop", "reason"),
    [
        ([], "system", "must be two users"),
        ([["add", "ann", "--role", "system"]], "ann", "ann is a system user already"),
        ([["add", "ann"], ["disable", "ann"]], "ann", "user enable ann"),
    ],
)
def test_users_that_cannot_be_the_two_leave_all_as_it_was(
    data: Path, before: list[list[str]], desktop: str, reason: str
) -> None:
    for words in before:
        assert run("user", *words).exit_code == 0
    listed = run("user", "list").output
    done = run("cherrypoint", "config", typed=[desktop, *TYPED[1:]])
    assert (done.exit_code, reason in done.stderr) == (1, True)
    assert run("user", "list").output == listed
    assert not (data / "cherrypoint.json").exists()


def test_what_was_mistyped_is_asked_again(data: Path) -> None:
    typed = [
        *TYPED[:4],
        "ftp://x",
        *TYPED[4:7],
        "bad host",
        "u:p@proxy.bora.com",
        "proxy.bora.com:80",
        *TYPED[7:8],
        "0",
        "8080",
    ]
    assert run("cherrypoint", "config", typed=typed).exit_code == 0
    output = run("cherrypoint", "show").output
    assert "Proxy Host: proxy.bora.com\nProxy Port: 8080\n" in output
    done = run(
        "cherrypoint",
        "test-connectivity",
        typed=["junk", "https://[::1", "https://x:y/", "http://127.0.0.1:1/", "", ""],
    )
    assert (done.exit_code, "http://127.0.0.1:1/ failed" in done.stderr) == (1, True)


def test_what_settings_leave_open_is_taken_from_it(data: Path) -> None:
    run("cherrypoint", "config", typed=TYPED)
    settings = completed(Settings(data_dir=data, wxm_url="https://wxm.bora.com"))
    assert (settings.wxm_username, settings.wxm_api_key) == ("system", "sys-key")
    assert (settings.proxy, settings.web_url_prefix) == ("http://proxy.bora.com:8080", "https://nps.bora.com")
    own: dict[str, Any] = {
        "wxm_url": "https://wxm.bora.com",
        "wxm_username": "me",
        "wxm_api_key": "mine",
        "proxy": "http://p:1",
    }
    kept = completed(Settings(data_dir=data, **own))
    assert (kept.wxm_username, kept.wxm_api_key, kept.proxy) == ("me", "mine", "http://p:1")


def test_in_the_database_it_is_sealed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pulse.db'}"
    upgrade(url)
    database = Database(url)
    store = InDatabase(database, (b"k" * 32,))
    assert store.load() == Config()
    kept = Config("desktop", "desk-key", "system", "sys-key")
    store.save(kept)
    store.save(kept)
    assert store.load() == kept
    assert InDatabase(database, (b"n" * 32, b"k" * 32)).load() == kept
    database.close()
    assert b"sys-key" not in (tmp_path / "pulse.db").read_bytes()


@pytest.fixture
def up() -> Iterator[str]:
    with neighbour(sending(OK)) as base:
        yield base


def test_an_address_that_answers_is_successful(data: Path, up: str) -> None:
    result = run("cherrypoint", "test-connectivity", typed=[f"{up}/api/", "", ""])
    assert f"Connectivity check to {up}/api/ was successful.\n" in result.output
    assert result.exit_code == 0


def failed(url: str, *more: str) -> str:
    result = run("cherrypoint", "test-connectivity", typed=[url, *(more or ("", ""))])
    assert result.exit_code == 1
    return result.output.partition(f"Connectivity check to {url} failed: ")[2]


def test_what_failed_is_named(data: Path, up: str) -> None:
    assert failed("https://wxm.invalid/api/").startswith("name: ")
    assert failed(f"http://127.0.0.1:{free_port()}/api/").startswith("connection: ")
    assert failed(up.replace("http:", "https:") + "/").startswith("certificate: ")
    assert failed("https://wxm.bora.com/api/", "127.0.0.1", str(free_port())).startswith("proxy: ")
    for status, word in ((500, "HTTP status 500"), (400, "HTTP status 400"), (401, "credential: ")):
        with neighbour(sending(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode())) as base:
            assert failed(f"{base}/api/").startswith(word)


def test_connectivity_of_a_built_in_wxm_is_that_of_this_service(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with neighbour(sending(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n")) as base:
        monkeypatch.setenv("PULSE_PUBLIC_URL", base)
        result = run("cherrypoint", "test-connectivity", typed=["", "", ""])
    assert "WxM is built in: it is this service" in result.output
    assert f"Connectivity check to {base}/api/ was successful.\n" in result.output
    assert "cloudcherry" not in result.output


def test_connectivity_of_a_built_in_wxm_tries_its_system_user(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("cherrypoint", "config", typed=[*TYPED[:4], "", "", "false"])
    answers = iter([404])

    def respond(wire: socket.socket) -> None:
        status = next(answers, 400)
        wire.sendall(f"HTTP/1.1 {status} x\r\nContent-Length: 28\r\n\r\n".encode() + b'{"error":"invalid_grant"   }')

    with neighbour(respond) as base:
        monkeypatch.setenv("PULSE_PUBLIC_URL", base)
        assert (
            "does not accept the System user's API key"
            in run("cherrypoint", "test-connectivity", typed=["", "", ""]).output
        )


def test_a_built_in_wxm_that_this_node_does_not_serve_is_no_address(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_FACES", "gadgets")
    result = run("cherrypoint", "test-connectivity")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "WxM is built in, and this node does not serve it" in result.stderr
    assert "doctor" in result.stderr


def test_a_proxy_that_wants_a_password_is_named(data: Path) -> None:
    with proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as (address, heads):
        port = address.rpartition(":")[2]
        assert failed("https://wxm.bora.com/api/", "127.0.0.1", port).startswith("proxy: ")
        assert heads


def test_a_wrong_api_key_of_the_wxm_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def respond(wire: socket.socket) -> None:
        status = next(answers, "400")
        wire.sendall(f"HTTP/1.1 {status} x\r\nContent-Length: 28\r\n\r\n".encode() + b'{"error":"invalid_grant"   }')

    answers = iter(["200"])
    with neighbour(respond) as base:
        monkeypatch.setenv("PULSE_WXM_URL", base)
        run("cherrypoint", "config", typed=TYPED)
        assert failed(f"{base}/api/").startswith("credential: ")


@pytest.mark.parametrize("release", ["12.5", "12.6"])
def test_cvp_properties_name_us_in_both_spellings(data: Path, tmp_path: Path, release: str) -> None:
    into = tmp_path / "cvp"
    assert run("cvp-properties", "--release", release, "--into", str(into)).exit_code == 0
    sip, ivr = (into / "sip.properties").read_text(), (into / "ivr.properties").read_text()
    api = "SurveyEndPointApi = /cherrypoint/surveyendpoint"
    api = api if release == "12.5" else "SurveyDispatchEndPointApi = /cherrypoint/surveydispatch"
    for spelling in ("CloudConnect", "ClouConnect"):
        assert f"SIP.{spelling}.{api}\n" in sip
        assert f"SIP.{spelling}.AuthTokenApi = /cherrypoint/authtoken\n" in sip
    assert "SIP.CloudConnect.publisherAddress = pulse.bora.com\n" in sip
    assert f"SurveyValidityTime = {'300000' if release == '12.5' else '60000'}\n" in sip
    assert "IVR.CloudCherryBatchSize = 100\nIVR.CloudCherryBatchTimeout = 60\n" in ivr
    assert "https://pulse.bora.com/api/SurveyByToken/\n" in ivr
    assert (into / "VXML.properties").read_text() == "VXML.usagefactor = 1.0\n"
    printed = run("cvp-properties", "--release", release).output
    assert sip in printed
    assert ivr in printed
