"""`lab`: everything on this machine, one ready line, both children end together and none is left (docs/lab.md)."""

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

from commands import lab_note
from tests.support.machines import Machine
from tests.support.scripted_finesse import basic
from tests.support.services import ROOT, clean_environ, free_port, tied

SECONDS = 90.0


@dataclass
class Lab:
    """A running lab, and the addresses of its two parts."""

    process: subprocess.Popen[str]
    port: int
    desktop_port: int
    mail_port: int
    data: Path

    @property
    def service(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def desktop(self) -> str:
        return f"http://localhost:{self.desktop_port}"


def descendants(pid: int) -> set[int]:
    parents = dict(stat())
    pids, added = {pid}, True
    while added:
        more = {child for child, parent in parents.items() if parent in pids} - pids
        pids, added = pids | more, bool(more)
    return pids - {pid}


def stat() -> Iterator[tuple[int, int]]:
    """Process ids with their parents'."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                yield int(folder.name), int(fields[1])


def alive(pids: set[int]) -> set[int]:
    return pids & {pid for pid, _ in stat()}


def gone(pids: set[int], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(pids)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder: the year of answers is made once."""
    return tmp_path_factory.mktemp("lab")


@contextmanager
def started(data: Path) -> Iterator[Lab]:
    port, desktop_port, second_port, mail_port = (free_port() for _ in range(4))
    ports = ["--port", str(port), "--desktop-port", str(desktop_port), "--second-port", str(second_port)]
    ports += ["--mail-port", str(mail_port)]
    arguments = [*ports, "--data", str(data), "--quiet"]
    with (data / "stderr.log").open("w") as errors:
        process = subprocess.Popen(
            tied(sys.executable, "app.py", "lab", *arguments),
            cwd=ROOT,
            env=clean_environ(),
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )
    assert process.stdout is not None
    try:
        lab = Lab(process, port, desktop_port, mail_port, data)
        assert process.stdout.readline() == f"Finesse Pulse lab is ready: {lab.desktop}\n"
        yield lab
    finally:
        family = descendants(process.pid)
        process.terminate()
        process.wait(SECONDS)
        for pid in alive(family):
            os.kill(pid, signal.SIGKILL)
        process.stdout.close()


@pytest.fixture(scope="module")
def shared(data: Path) -> Iterator[Lab]:
    """For tests that leave it as it was."""
    with started(data) as lab:
        yield lab


@pytest.fixture
def lab(data: Path) -> Iterator[Lab]:
    """For tests that end it."""
    with started(data) as lab:
        yield lab


def get(url: str, **headers: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", url, headers=headers, retries=False, timeout=10)


def test_it_is_ready_when_it_says_so(shared: Lab) -> None:
    assert get(f"{shared.service}/readyz").status == 200
    assert get(f"{shared.desktop}/desktop").status == 200
    assert b"ModulePrefs" in get(f"{shared.service}/gadgets/CiscoCXJourneyGadget.xml").data


def test_doctor_is_all_green_beside_it(shared: Lab) -> None:
    """Before anybody was refused, and in a shell in which nothing is set but its data folder."""
    machine = Machine(shared.data)
    machine.environ = dict.fromkeys(machine.environ) | {"PULSE_DATA_DIR": str(shared.data)}
    report = machine.doctor()
    assert {each["check"]: each for each in report.checks if each["state"] not in {"ok", "not applicable"}} == {}
    assert report.status == 0
    for check in (
        *("settings", "database: writable", "cache", f"origins: {shared.desktop}"),
        *(
            f"Finesse localhost:{shared.desktop_port}: {what}"
            for what in ("reachable", "SystemInfo", "deployment", "clock")
        ),
        *("Cloud Connect, built in: credential", "Cloud Connect, built in: token"),
        *("WxM, built in: token", "WxM, built in: questions", "WxM, built in: tags"),
        *("PUBLIC_URL: /gadgets/CiscoCXJourneyGadget.xml", "refused origins", "unknown paths"),
    ):
        assert report.of(check)["state"] == "ok", check


def test_its_two_wxm_users_log_in(shared: Lab) -> None:
    for name in ("desktop", "system"):
        form = f"grant_type=password&username={name}&password={name}-key"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = urllib3.request("POST", f"{shared.service}/api/LoginToken", headers=headers, body=form, retries=False)
        assert reply.json()["userName"] == name


def test_its_agents_sign_in_and_have_figures_of_a_year(shared: Lab) -> None:
    body = urllib3.request(
        "POST",
        f"{shared.service}/gadgets/session",
        headers={"Authorization": basic("1102", "lab"), "Origin": shared.desktop},
        json={"user": "1102"},
    )
    assert body.status == 200
    assert body.headers["Access-Control-Allow-Origin"] == shared.desktop
    session = {"Authorization": f"Bearer {body.json()['access_token']}", "Origin": shared.desktop}
    pulse = get(f"{shared.service}/gadgets/pulse?filterTags=cc_TeamId&period=365d", **session).json()
    assert {team["id"] for team in pulse["teams"]} == {"5001", "5002"}
    assert all(team["responses"] > 100 for team in pulse["teams"])
    assert len(pulse["agents"]) >= 12
    strange = get(f"{shared.service}/gadgets/pulse", Origin="http://localhost:1")
    assert strange.status == 403


def test_a_call_placed_in_it_shows_its_customer(shared: Lab) -> None:
    placed = urllib3.request(
        "POST", f"{shared.desktop}/lab/calls", json={"agent": "1001", "podId": "cc_CustomerId=C-10042"}, timeout=10
    ).json()
    own = basic("1001", "lab")
    signed_in = urllib3.request(
        "POST", f"{shared.service}/gadgets/session", headers={"Authorization": own}, json={"user": "1001"}
    ).json()
    path = f"{shared.service}/gadgets/journey?dialogId={placed['dialogId']}"
    session = {"Authorization": f"Bearer {signed_in['access_token']}", "X-Finesse-Authorization": own}
    assert get(path, **session).json()["customer"]["customerId"] == "C-10042"
    assert urllib3.request("DELETE", f"{shared.desktop}/lab/calls/{placed['dialogId']}", timeout=10).status in {
        200,
        204,
    }
    assert get(path, **session).status == 404


def test_mail_to_its_customers_is_in_its_inbox(shared: Lab) -> None:
    with smtplib.SMTP("127.0.0.1", shared.mail_port, timeout=10) as connection:
        connection.sendmail("survey@example.com", ["ann@example.com"], "Subject: How was it?\r\n\r\nA link\r\n")
    (message,) = get(f"{shared.desktop}/lab/inbox/messages").json()
    assert (message["to"], message["subject"]) == ("ann@example.com", "How was it?")


def test_the_same_data_folder_serves_other_commands_meanwhile(shared: Lab) -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "questionnaire", "list"],
        cwd=ROOT,
        env=clean_environ() | {"PULSE_DATA_DIR": str(shared.data)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Post call survey: 10 questions, ")


def test_it_ends_when_asked_and_leaves_nothing(shared: Lab) -> None:
    """The last test of the lab that they share."""
    family = descendants(shared.process.pid)
    assert family
    shared.process.send_signal(signal.SIGTERM)
    assert shared.process.wait(20) == 0
    assert gone(family)
    assert shared.process.stdout is not None
    assert shared.process.stdout.read() == ""
    assert not (shared.data / lab_note.NAME).exists()


def children_of(lab: Lab, port: int) -> int:
    """The child that was started for the part on a port: the nearest descendant that holds its listening socket."""
    holders = listening(port)
    (child,) = [pid for pid, parent in stat() if parent == lab.process.pid and ({pid} | descendants(pid)) & holders]
    return child


def listening(port: int) -> set[int]:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    inodes = {line.split()[9] for line in lines if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"}
    pids = set()
    for pid, _ in stat():
        try:
            links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:
            continue
        if {f"socket:[{inode}]" for inode in inodes} & set(links):
            pids.add(pid)
    return pids


@pytest.mark.parametrize("part", ["service", "desktop"])
def test_it_ends_with_either_child_and_leaves_no_process(lab: Lab, part: str) -> None:
    family = descendants(lab.process.pid)
    os.kill(children_of(lab, lab.port if part == "service" else lab.desktop_port), signal.SIGKILL)
    assert lab.process.wait(30) == 1
    assert gone(family)


def test_it_leaves_no_process_when_it_is_killed(lab: Lab) -> None:
    family = descendants(lab.process.pid)
    lab.process.kill()
    lab.process.wait(5)
    assert gone(family)
