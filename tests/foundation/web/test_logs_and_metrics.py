"""What an administrator sees: request ids, health, metrics, a log without personal data; and the shape of errors."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from commands import pulse
from foundation.errors import PulseError
from foundation.settings import Settings
from foundation.version import VERSION
from foundation.web.admin_port import ADMIN_PORT
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import Account, Reply, ScriptedFinesse, basic, dialog
from tests.support.services import ORIGIN, ROOT, ServedNode, Service, free_port
from tests.support.tls import authority, leaf


@pytest.fixture
def app(service: Service) -> Flask:
    """For pytest-flask's `client`."""
    return service.app


@pytest.mark.parametrize(
    "path", ["/healthz", "/gadgets/pulse", "/nowhere", "/gadgets/CiscoCXJourneyGadget.xml", "/static/x/y"]
)
def test_every_answer_carries_a_request_id(client: FlaskClient, path: str) -> None:
    ids = [client.get(path).headers["X-Request-Id"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{8,64}", identity) for identity in ids)


def test_a_refused_origin_and_a_preflight_carry_one_too(client: FlaskClient) -> None:
    refused = client.get("/gadgets/pulse", headers={"Origin": "https://evil.com", "X-Request-Id": "mine-1"})
    preflight = client.options("/gadgets/pulse", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"})
    assert (refused.status_code, refused.headers["X-Request-Id"]) == (403, "mine-1")
    assert (preflight.status_code, bool(preflight.headers["X-Request-Id"])) == (204, True)


@pytest.mark.parametrize("mine", ["a", "A-1._z", "0" * 64])
def test_a_sane_request_id_is_kept(client: FlaskClient, mine: str) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": mine}).headers.getlist("X-Request-Id") == [mine]


@pytest.mark.parametrize("mine", ["", "a b", "0" * 65, "ä", "a,b", "<script>", "a;b", "{}"])
def test_any_other_request_id_is_replaced(client: FlaskClient, mine: str) -> None:
    (identity,) = client.get("/healthz", headers={"X-Request-Id": mine}).headers.getlist("X-Request-Id")
    assert identity != mine
    assert re.fullmatch(r"[0-9a-f]{16}", identity)


@pytest.mark.parametrize("path", ["//gadgets/pulse", "/gadgets//pulse", "/cherrypoint//status", "/healthz/", "/docs//"])
def test_a_path_that_is_nearly_one_of_ours_is_not_there_and_never_a_redirect(client: FlaskClient, path: str) -> None:
    assert_problem(client.get(f"http://evil.com{path}"), 404, "not_found")


PAGES = ("/healthz", "/docs", "/openapi.json", "/nowhere", "/gadgets/pulse", "/api/Profile", "/api/SurveyByToken/x")
SHELLS = ("/gadgets/CiscoCXJourneyGadget.xml", "/static/x/y")


@pytest.mark.parametrize("path", [*PAGES, *SHELLS])
def test_every_answer_keeps_browsers_from_guessing_and_from_telling_where_they_were(
    client: FlaskClient, path: str
) -> None:
    headers = client.get(path).headers
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert headers.getlist("Referrer-Policy") == ["no-referrer"]
    assert "Strict-Transport-Security" not in headers


def test_nobody_may_frame_what_finesse_does_not_put_into_its_own_frames(client: FlaskClient) -> None:
    for path in PAGES:
        assert "frame-ancestors 'none'" in client.get(path).headers.getlist("Content-Security-Policy"), path
    for path in SHELLS:
        assert "Content-Security-Policy" not in client.get(path).headers, path


def test_a_preflight_and_what_the_browser_has_already_stay_lean(client: FlaskClient) -> None:
    shell = client.get(SHELLS[0])
    lean = [
        client.options("/gadgets/pulse", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}),
        client.get(SHELLS[0], headers={"If-None-Match": shell.headers["ETag"]}),
    ]
    assert [answer.status_code for answer in lean] == [204, 304]
    for answer in lean:
        assert {"Referrer-Policy", "Content-Security-Policy"}.isdisjoint(answer.headers.keys())


def test_a_node_that_speaks_tls_itself_is_asked_over_https_alone_from_then_on(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    certificate = leaf(authority())
    files = {"tls_cert": tmp_path / "pem", "tls_key": tmp_path / "key"}
    certificate.cert_chain_pems[0].write_to_path(files["tls_cert"])
    certificate.private_key_pem.write_to_path(files["tls_key"])
    client = start(**files, admin_port=free_port()).app.test_client()
    for path in ("/healthz", *SHELLS):
        assert client.get(path).headers.getlist("Strict-Transport-Security") == ["max-age=31536000"]
    assert "Strict-Transport-Security" not in client.get("/metrics", environ_overrides={ADMIN_PORT: True}).headers


def test_the_process_lives(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "up", "version": VERSION})


def test_health_metrics_and_command_line_name_one_version(client: FlaskClient) -> None:
    shown = CliRunner().invoke(pulse, ["--version"]).output
    assert shown == f"Finesse Pulse, version {VERSION}\n"
    assert f'pulse_build{{version="{VERSION}"}} 1.0' in client.get("/metrics").text
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_a_node_with_what_it_stands_on_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "failing": {}})


def test_a_node_without_its_cache_is_degraded(start: Callable[..., Service]) -> None:
    url = f"redis://:hush@127.0.0.1:{free_port()}/0"
    service = start(cache_url=url, secret_key=("a key that is long enough to be one",))
    answer = service.get("/readyz", origin=None)
    assert (answer.status_code, answer.json) == (200, {"status": "degraded", "failing": {"cache": "refused"}})
    assert service.get("/healthz", origin=None).status_code == 200
    assert "hush" not in answer.text


def test_a_node_without_its_database_is_not_ready(service: Service) -> None:
    service.app.extensions["pulse"]["database"].close()
    for path in service.settings.data_dir.glob("pulse.db*"):
        path.unlink()
    service.settings.data_dir.joinpath("pulse.db").mkdir()
    answer = service.get("/readyz", origin=None)
    assert answer.status_code == 503
    assert answer.json == {"status": "unready", "failing": {"database": "missing"}}


def test_metrics_count_answers_by_route(client: FlaskClient) -> None:
    def count(text: str, route: str, status: str) -> float:
        match = re.search(rf'^pulse_requests_total{{route="{re.escape(route)}",status="{status}"}} (.+)$', text, re.M)
        return float(match[1]) if match else 0.0

    before = client.get("/metrics").text
    for path in ("/gadgets/pulse", "/gadgets/pulse", "/nowhere/at/all", "/gadgets/pulse?secret=hush"):
        client.get(path)
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert count(answer.text, "/gadgets/pulse", "401") - count(before, "/gadgets/pulse", "401") == 3
    assert count(answer.text, "none", "404") - count(before, "none", "404") == 1
    assert "pulse_request_seconds_bucket" in answer.text
    assert "hush" not in answer.text
    assert "nowhere" not in answer.text


def test_what_a_worker_that_died_had_under_way_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    shared = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    worker = "from foundation.http.upstream import CALLS, UNDER_WAY as u; u.labels('x').inc(); CALLS.labels('x').inc()"
    subprocess.run([sys.executable, "-c", worker], cwd=ROOT, env=shared, check=True)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    text = client.get("/metrics").text
    assert 'pulse_neighbour_calls_total{neighbour="x"} 1.0' in text
    assert "pulse_neighbour_calls_in_flight{" not in text


def test_errors_have_one_shape(client: FlaskClient) -> None:
    assert_problem(client.get("/nowhere"), 404, "not_found")
    assert_problem(client.get("/gadgets/nowhere"), 404, "not_found")
    assert_problem(client.get("/gadgets/pulse"), 401, "session_required")
    wrong = client.put("/gadgets/session")
    assert_problem(wrong, 405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]
    large = client.post("/gadgets/session", json={"user": "x" * 70_000}, headers={"Authorization": basic("a", "b")})
    assert_problem(large, 413, "request_entity_too_large")


def test_what_nobody_expected_is_told_without_its_reason(
    settings: Settings, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Service(settings, template) as service:

        def broken() -> str:
            raise RuntimeError("hush")

        service.app.add_url_rule("/broken", view_func=broken)
        answer = service.get("/broken", origin=None)
        body = assert_problem(answer, 500, "internal_error")
    assert "hush" not in json.dumps(body)
    assert "RuntimeError" in capsys.readouterr().out


def test_an_error_that_can_pass_says_so() -> None:
    from gadgets.finesse.brake import TryLater
    from gadgets.finesse.client import FinesseUnavailable

    assert PulseError().permanent
    assert not TryLater().permanent
    assert not FinesseUnavailable().permanent


def test_the_log_holds_no_personal_data(finesse: ScriptedFinesse, tmp_path: Path) -> None:
    finesse.add(Account("1001", "ann.secretname", name=("Hushed", "Name")))
    finesse.bearers["hush"] = "1001"
    pod = "cc_CustomerId=C-hush;Email=hush@example.com;Mobile=886912344455"
    finesse.dialogs["1001"] = [dialog("1", {"POD.ID": pod})]
    environ = {
        "PULSE_PUBLIC_URL": "https://pulse.bora.com",
        "PULSE_ALLOWED_ORIGINS": "https://finesse1.bora.com:8445",
        "PULSE_FINESSE_NODES": finesse.base,
        "PULSE_LOG_LEVEL": "debug",
        "PULSE_JOURNEY_ACCESS": "any",
    }
    right, user = basic("1001", "right"), {"user": "1001"}
    with ServedNode(tmp_path / "data", environ) as node:
        node.request("POST", "/gadgets/session", {"Authorization": basic("1001", "hush-wrong")}, user)
        node.request("POST", "/gadgets/session", {"Authorization": "Bearer hush"}, user)
        token = node.request("POST", "/gadgets/session", {"Authorization": right}, user).json["access_token"]
        session = {"Authorization": f"Bearer {token}", "X-Finesse-Authorization": right}
        assert node.request("GET", "/gadgets/journey?dialogId=1", session).status_code == 200
        assert node.request("POST", "/gadgets/journey", session, {"email": "hush@example.com"}).status_code == 200
        finesse.script = lambda _path: Reply(500, "hush")
        assert node.request("GET", "/gadgets/journey?dialogId=1&x=hush", session).status_code == 502
        assert node.request("GET", "/gadgets/pulse?hush", {"Origin": "https://evil.com"}).status_code == 403
    log = node.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} >= {"signed_in_by_bearer", "origin_refused", "answered"}
    assert all(line["timestamp"].endswith("Z") and line["level"] for line in lines)
    for secret in ("hush", "Hush", "secretname", "912344455", token, right.removeprefix("Basic ")):
        assert secret not in log


def test_a_refused_origin_is_logged_once_with_the_entry_that_would_allow_it(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    for origin in ("https://new.bora.net:8445",) * 3 + ("https://new.bora.net", "null"):
        service.get("/gadgets/pulse", origin=origin)
    log = capsys.readouterr().out
    lines = [line for line in log.splitlines() if "origin_refused" in line]
    assert len(lines) == 3
    assert "would_allow=https://new.bora.net:8445" in re.sub(r"\x1b\[[0-9;]*m", "", lines[0])
    assert "would_allow=https://new.bora.net:443" in re.sub(r"\x1b\[[0-9;]*m", "", lines[1])


def test_an_endless_origin_is_logged_by_its_beginning(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.get("/gadgets/pulse", origin=f"https://{'evil' * 1000}.com")
    log = capsys.readouterr().out
    assert "origin_refused" in log
    assert "evil" * 60 not in log


def test_many_refused_origins_do_not_flood_the_log(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(500):
        service.get("/gadgets/pulse", origin=f"https://evil{number}.com")
    assert capsys.readouterr().out.count("origin_refused") <= 60


def test_a_service_can_be_made_twice_in_one_process(settings: Settings, template: Path) -> None:
    with Service(settings, template) as first, Service(settings, template) as second:
        assert first.get("/readyz", origin=None).status_code == second.get("/readyz", origin=None).status_code == 200
