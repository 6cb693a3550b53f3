"""Typical mistakes of an administrator, and what `serve` and `doctor` say of each, in one table."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from foundation.invocation import invocation
from tests.commands.test_lab_and_production import serve
from tests.support.machines import Machine, machine

__all__ = ["machine"]

GOOD = {
    "public_url": "https://pulse.invalid",
    "allowed_origins": "https://finesse1.invalid:8445,https://finesse2.invalid:8445",
    "finesse_nodes": "https://finesse1.invalid:8445+https://finesse2.invalid:8445",
    "time_zone": "Asia/Taipei",
}
STARTS = ""


@dataclass(frozen=True)
class Mistake:
    """`serve` refuses with `words`, or starts where there are none; `doctor` has `words` in the finding of `check`."""

    what: str
    settings: dict[str, str]
    serve: str
    doctor: str = ""
    check: str = "settings"
    state: str = "failed"


MISTAKES = (
    Mistake("the time zone is an offset", {"time_zone": "GMT+8"}, "name a place, such as Asia/Taipei"),
    Mistake("a misspelt time zone", {"time_zone": "Asia/Taibei"}, "did you mean Asia/Taipei?"),
    Mistake("PUBLIC_URL is plain http", {"public_url": "http://pulse.bora.com"}, "must be https"),
    Mistake("PUBLIC_URL has a path", {"public_url": "https://pulse.bora.com/gadgets"}, "must not have a path"),
    Mistake("PUBLIC_URL is missing", {"public_url": ""}, "PULSE_PUBLIC_URL: is required", "is required"),
    Mistake(
        "an origin without its port", {"allowed_origins": "https://finesse1.invalid"}, "→ https://finesse1.invalid"
    ),
    Mistake("an origin that allows all the world", {"allowed_origins": "*"}, "PULSE_ALLOWED_ORIGINS: *: "),
    Mistake(
        "an origin of a node is left out",
        {"allowed_origins": "https://finesse1.invalid:8445"},
        STARTS,
        "add https://finesse2.invalid:8445 to PULSE_ALLOWED_ORIGINS",
        "origins: https://finesse2.invalid:8445",
    ),
    Mistake(
        "three nodes are joined as one cluster",
        {"finesse_nodes": "https://a.invalid:1+https://b.invalid:1+https://c.invalid:1"},
        "a cluster has two nodes at most",
    ),
    Mistake(
        "a node's name that no name server knows",
        {},
        STARTS,
        "check DNS on this machine: host finesse1.invalid",
        "Finesse finesse1.invalid:8445: reachable",
    ),
    Mistake(
        "an @ in the database's password",
        {"database_url": "postgresql+psycopg://pulse:p@ss@db/pulse", "secret_key": "k" * 32},
        "write %40",
    ),
    Mistake(
        "a # in Redis's password",
        {"cache_url": "redis://:p#ss@cache:6379/0", "secret_key": "k" * 32},
        "write %23",
    ),
    Mistake("a secret key that is too short", {"secret_key": "secret"}, "shorter than 32 characters"),
    Mistake("several workers without Redis", {"workers": "4"}, "needs PULSE_CACHE_URL"),
    Mistake("a misspelt setting", {"finesse_node": "https://a:8445"}, "did you mean PULSE_FINESSE_NODES?"),
    Mistake("the lab's password", {"cloudconnect_password": "lab"}, "published in docs/lab.md"),
    Mistake(
        "a proxy in front that is not named",
        {},
        STARTS,
        "set PULSE_TRUSTED_PROXIES",
        "brakes: callers",
        "note",
    ),
    Mistake(
        "`serve` does not run",
        {"public_url": "http://localhost:1"},
        STARTS,
        "check that `serve` runs",
        "PUBLIC_URL: /gadgets/CiscoCXJourneyGadget.xml",
    ),
)


@pytest.fixture
def wrong(machine: Machine, request: pytest.FixtureRequest) -> Machine:
    machine.set(**GOOD)
    machine.set(**request.param.settings)
    return machine


def ids(mistake: Mistake) -> str:
    return mistake.what


def said_by_doctor(machine: Machine, mistake: Mistake) -> list[str]:
    """What the finding says and its cure; of several with one name each."""
    checks = [check for check in machine.doctor().checks if check["check"] == mistake.check]
    assert {check["state"] for check in checks} == {mistake.state}
    return [f"{check['says']} → {check['cure']}" for check in checks]


@pytest.mark.parametrize(("wrong", "mistake"), [(each, each) for each in MISTAKES], indirect=["wrong"], ids=ids)
def test_doctor_names_it_with_its_cure(wrong: Machine, mistake: Mistake) -> None:
    said = said_by_doctor(wrong, mistake)
    assert any((mistake.doctor or mistake.serve) in text for text in said), said
    assert all(not text.endswith("→ ") for text in said)


REFUSED = [each for each in MISTAKES if each.serve != STARTS]


@pytest.mark.parametrize(("wrong", "mistake"), [(each, each) for each in REFUSED], indirect=["wrong"], ids=ids)
def test_serve_refuses_it_in_a_line(wrong: Machine, mistake: Mistake) -> None:
    done = serve(wrong)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert any(mistake.serve in line for line in done.stderr.splitlines()), done.stderr


STARTED = [each for each in MISTAKES if each.serve == STARTS]


@pytest.mark.parametrize(("wrong", "mistake"), [(each, each) for each in STARTED], indirect=["wrong"], ids=ids)
def test_serve_starts_where_only_doctor_can_know(
    wrong: Machine, mistake: Mistake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commands.serve.run", lambda *_: None)
    assert mistake.doctor
    assert serve(wrong).exit_code == 0


def test_no_cure_names_an_interpreter_that_may_not_be_there(machine: Machine) -> None:
    (machine.data / "pulse.db").unlink()
    machine.set(**GOOD)
    cures = [check["cure"] for check in machine.doctor().checks]
    assert any(invocation("db upgrade") in cure for cure in cures)
    assert not any(": python " in cure for cure in cures)
