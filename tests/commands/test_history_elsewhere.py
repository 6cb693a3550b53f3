"""`history` with WXM_URL set reads from one node and writes to another over WxM's public API alone."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands import elsewhere, pulse
from commands.history import command
from experience.accounts.users import Users
from experience.platform import Platform
from experience.questionnaires import catalogue
from foundation.db.database import Database
from foundation.keys import signing_keys
from foundation.settings import Settings
from gadgets.signin.guard import Sessions
from gadgets.signin.person import Person
from tests.experience.api.client import Client
from tests.scripts.make_answers import CALLS, QUESTIONS, TEAMS, answers
from tests.support.answering import answer
from tests.support.scripted_cloud_connect import NAME, PASSWORD, scripted_pair
from tests.support.scripted_wxm import Reply, ScriptedWxm, Seen, scripted_wxm
from tests.support.services import ORIGIN, ServedNode
from tests.support.signed_in import make_person

COUNT, ROWS = 300, 50
PERIOD = "period=2025-11-21..2026-11-20"
SERVED = {
    "PULSE_PUBLIC_URL": "https://pulse.bora.com",
    "PULSE_FACES": "gadgets,api",
    "PULSE_ALLOWED_ORIGINS": ORIGIN,
    "PULSE_FINESSE_NODES": "http://127.0.0.1:1",
    "PULSE_THREADS": "8",
}


def node_folder(template: Path, place: Path) -> Path:
    """The data folder of a node, with the key of its System user in a file."""
    shutil.copytree(template, place)
    with closing(Database(f"sqlite:///{place / 'pulse.db'}")) as database:
        users = Users(database)
        users.add("system", "system")
        users.add("desktop", "desktop")
        (place / "key").write_text(users.new_key("system"))
        (place / "reader").write_text(users.new_key("desktop"))
    return place


@pytest.fixture(scope="module")
def old(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedNode]:
    """A node with a history."""
    data = node_folder(template, tmp_path_factory.mktemp("old") / "data")
    with closing(Database(f"sqlite:///{data / 'pulse.db'}")) as database:
        with database.write() as connection:
            catalogue.keep(database, connection, QUESTIONS)
        assert not Platform(database).take(answers(COUNT, 11)).faults
    with ServedNode(data, SERVED) as node:
        yield node


@pytest.fixture(scope="module")
def new(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedNode]:
    """A node without one."""
    with ServedNode(node_folder(template, tmp_path_factory.mktemp("new") / "data"), SERVED) as node:
        yield node


def run(node: ServedNode, place: Path, *words: str, user: str = "system") -> Result:
    """`history` as an administrator runs it on a machine of his own."""
    secret = {"system": "key", "desktop": "reader"}[user]
    environ = {
        "PULSE_DATA_DIR": str(place / "machine"),
        "PULSE_WXM_URL": node.base,
        "PULSE_WXM_USERNAME": user,
        "PULSE_WXM_API_KEY_FILE": str(node.data / secret),
    }
    return CliRunner().invoke(pulse, ["history", *words], env=environ)


def pulses(node: ServedNode) -> list[Any]:
    """What an agent, a supervisor of one team and one of all see: all, of a questionnaire, of a team, of an agent."""
    sessions = Sessions(signing_keys(Settings(data_dir=node.data)))
    agent = make_person("1001", agent_id="6001")
    one, all_of_them = (
        make_person(f"110{number}", agent_id="6500", supervises=tuple((team, team) for team in teams))
        for number, teams in enumerate((TEAMS[:1], TEAMS))
    )
    asked: list[tuple[Person, str]] = [(agent, "cc_AgentId"), (one, "cc_TeamId")]
    asked += [
        (all_of_them, f"cc_TeamId{more}") for more in ("", f"&questionnaire={CALLS}", "&team=5002", "&agent=6007")
    ]
    found = []
    for who, filters in asked:
        headers = {"Authorization": f"Bearer {sessions.issue(who)}", "Origin": ORIGIN}
        reply = node.request("GET", f"/gadgets/pulse?filterTags={filters.replace(' ', '%20')}&{PERIOD}", headers)
        assert reply.status_code == 200, reply.data
        found.append(reply.json)
    return found


@pytest.fixture
def many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer answers at once, so that the old node's are several pages."""
    monkeypatch.setattr(elsewhere, "ROWS", ROWS)


@pytest.mark.usefixtures("many_pages")
@pytest.mark.timeout(240)
def test_one_nodes_history_in_another_gives_the_same_pulses_and_twice_is_once(
    old: ServedNode, new: ServedNode, tmp_path: Path
) -> None:
    files = str(tmp_path / "a.json"), "--questions", str(tmp_path / "q.json")
    out = run(old, tmp_path, "export", *files)
    assert (out.exit_code, f"answers: {COUNT} written" in out.stderr) == (0, True), out.stderr
    moved = run(new, tmp_path, "import", *files)
    assert moved.exit_code == 0, moved.stderr
    assert f"answers: {COUNT} added, 0 known before, 0 bad" in moved.stdout
    found = pulses(new)
    assert found == pulses(old)
    assert found[2]["responses"] > 0.8 * COUNT
    assert found[2]["metrics"]["ces"]["others"]
    again = run(new, tmp_path, "import", *files)
    assert again.exit_code == 0, again.stderr
    assert f"answers: 0 added, {COUNT} known before, 0 bad" in again.stdout
    assert pulses(new) == found


@pytest.mark.usefixtures("many_pages")
def test_no_answer_is_lost_or_written_twice_while_answers_come_in(old: ServedNode, tmp_path: Path) -> None:
    client = Client(old.base)
    token = client.login(username="system", password=(old.data / "key").read_text()).json["access_token"]
    system, ended, added = client.as_bearer(token), threading.Event(), list[str]()

    def answer_on() -> None:
        while not ended.is_set():
            added.append(system.post("/api/Answers/add", answer(nps=5, team="5999")).json["id"])

    writer = threading.Thread(target=answer_on)
    writer.start()
    try:
        out = run(old, tmp_path, "export", str(tmp_path / "a.json"))
    finally:
        ended.set()
        writer.join()
    assert out.exit_code == 0, out.stderr
    ids = [json.loads(line)["id"] for line in (tmp_path / "a.json").read_bytes().splitlines()]
    assert len(ids) == len(set(ids))
    assert {each["id"] for each in answers(COUNT, 11)} <= set(ids)
    assert set(ids) & set(added)


def test_bad_records_are_named_and_a_user_who_may_only_read_is_told_so(new: ServedNode, tmp_path: Path) -> None:
    lines = [json.dumps(answer(id="good-1", nps=3)), "{oops", json.dumps({**answer(id="bad-1"), "notes": 7}), "7"]
    lines.append(json.dumps(answer(id="good-3", csat=9)))
    (tmp_path / "a.ndjson").write_text("\n".join(lines))
    done = run(new, tmp_path, "import", str(tmp_path / "a.ndjson"))
    assert done.exit_code == 1
    assert "answers: 2 added, 0 known before, 3 bad" in done.stdout
    assert "not understood: scores 1, dates 0" in done.stdout
    first, second, third, fourth = done.stderr.splitlines()
    assert first.startswith("a.ndjson:2: not JSON")
    assert second == "a.ndjson:3: answer bad-1: notes is not a list of notes"
    assert third == "a.ndjson:4: not an object"
    assert fourth.startswith("a.ndjson:5: answer good-3: question 64b000000000000000000002: 9 is not on the scale")
    (tmp_path / "b.ndjson").write_text(json.dumps(answer(id="good-2", nps=3)))
    refused = run(new, tmp_path, "import", str(tmp_path / "b.ndjson"), user="desktop")
    assert refused.exit_code == 1
    assert "Its user may read only: take the System user" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture
def remote() -> Iterator[ScriptedWxm]:
    """A WxM that puts the newest first and gives ten answers a page, whatever it is asked for."""
    with scripted_wxm() as wxm:
        wxm.answers = [each | {"id": f"kept-{number:03}"} for number, each in enumerate(answers(95, 3))]
        wxm.most_rows = 10
        yield wxm


@pytest.fixture
def machine(remote: ScriptedWxm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, value in {"WXM_URL": remote.base, "WXM_USERNAME": "system", "WXM_API_KEY": "very secret"}.items():
        monkeypatch.setenv(f"PULSE_{name}", value)
    return tmp_path


def here(*words: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in words])


def exported(machine: Path) -> list[str]:
    result = here("export", machine / "out.json")
    assert result.exit_code == 0, result.output
    return sorted(json.loads(line)["id"] for line in (machine / "out.json").read_bytes().splitlines())


def test_answers_that_push_others_to_later_pages_make_none_missing(remote: ScriptedWxm, machine: Path) -> None:
    def come(seen: Seen) -> None:
        if "/page/" in seen.path.lower() and len(remote.answers) < 120:
            remote.answers.append(answer(id=f"late-{len(remote.answers)}", nps=4))

    remote.script = come
    assert exported(machine) == sorted(each["id"] for each in remote.answers)


def test_a_refused_token_is_replaced_once_and_a_pause_is_kept(remote: ScriptedWxm, machine: Path) -> None:
    remote.tokens, remote.granted = {"first", "second"}, "first"
    pages = 0

    def moody(seen: Seen) -> Reply | None:
        nonlocal pages
        pages += "/page/" in seen.path.lower()
        if pages == 3 and "first" in remote.tokens:
            remote.tokens, remote.granted = {"second"}, "second"
        return Reply(429, {}, (("Retry-After", "1"),)) if pages == 5 else None

    remote.script = moody
    assert len(exported(machine)) == 95
    assert len(remote.requests_to("LoginToken")) == 2
    paths = [seen.path for seen in remote.requests_to("/page/")]
    assert len(paths) == len(set(paths)) + 2


def test_a_wxm_that_is_down_for_a_moment_is_waited_for(
    remote: ScriptedWxm, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "PAUSE", 0.1)
    calls = 0

    def flicker(seen: Seen) -> Reply | None:
        nonlocal calls
        calls += "/page/" in seen.path.lower()
        return Reply(503, {}) if calls in {3, 4} else Reply(raw=b"half an answer") if calls == 6 else None

    remote.script = flicker
    assert len(exported(machine)) == 95


def test_an_answer_whose_receipt_was_lost_is_sent_again_and_counts_once(
    remote: ScriptedWxm, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "PAUSE", 0.1)

    def forget(seen: Seen) -> Reply | None:
        if seen.path.lower() != "/api/answers/add":
            return None
        is_first = seen.body["id"] not in {each["id"] for each in remote.answers}
        if is_first:
            remote.answers.append(seen.body)
        return Reply(raw=b"") if is_first else Reply(200, seen.body)

    remote.script = forget
    (machine / "a.json").write_text(json.dumps([answer(id="lost-1", nps=3), answer(id="lost-2", nps=4)]))
    result = here("import", machine / "a.json")
    assert result.exit_code == 0, result.output
    assert "answers: 2 added, 0 known before, 0 bad" in result.stdout
    assert len(remote.answers) == 97


def test_the_token_of_a_cloud_connect_is_used_where_there_is_one(
    remote: ScriptedWxm, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_pair() as pair:
        names = {"PUBLISHER": pair.bases[0], "SUBSCRIBER": pair.bases[1], "USERNAME": NAME, "PASSWORD": PASSWORD}
        for name, value in names.items():
            monkeypatch.setenv(f"PULSE_CLOUDCONNECT_{name}", value)
        remote.tokens = {"publisher-token-000001"}
        assert len(exported(machine)) == 95
    assert not remote.requests_to("LoginToken")


def test_a_login_that_is_refused_is_said_at_once_without_its_key(remote: ScriptedWxm, machine: Path) -> None:
    remote.script = lambda _seen: Reply(401, {"error": "Authorization Error", "error_description": "no"})
    result = here("export", machine / "out.json")
    assert result.exit_code == 1
    assert f"{remote.base} refuses WXM_USERNAME and WXM_API_KEY: it answered" in result.stderr
    assert "very secret" not in result.output
    assert len(remote.seen) == 1


def test_a_wxm_that_makes_ids_of_its_own_is_not_filled_with_repetitions(remote: ScriptedWxm, machine: Path) -> None:
    remote.script = lambda seen: Reply(200, {"id": "another"}) if seen.path.lower() == "/api/answers/add" else None
    (machine / "a.json").write_text(json.dumps([answer(nps=3), answer(nps=4)]))
    result = here("import", machine / "a.json")
    assert result.exit_code == 1
    assert "does not keep the ids" in result.stderr
    assert len(remote.requests_to("answers/add")) == 1


def test_a_login_is_required(remote: ScriptedWxm, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULSE_WXM_API_KEY")
    result = here("export", machine / "out.json")
    assert "PULSE_WXM_API_KEY: is required" in str(result.exception)
    assert not remote.seen
