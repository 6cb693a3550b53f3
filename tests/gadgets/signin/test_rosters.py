"""A supervisor's sign-in learns who is in the supervised teams, and never waits or fails for it."""

import time
from collections.abc import Callable

import pytest

from gadgets.finesse.client import SECONDS_TO_ANSWER
from gadgets.signin.rosters import LEFT_ALONE
from tests.gadgets.pulse.test_pulse import pulse
from tests.support.answering import answer
from tests.support.scripted_finesse import Account, Reply, ScriptedFinesse, basic, error
from tests.support.services import Service
from tests.support.signed_in import make_person

MEMBERS = {"5001": [("1001", "Ann", "Lee"), ("1002", "小明", "王")], "5002": [("1003", "Bo", "Chen")]}
WALTER = Account(
    "1101",
    "walter",
    roles=("Agent", "Supervisor"),
    skill_target_id="6101",
    supervises=(("5001", "Sales"), ("5002", "Support")),
)


def roster(path: str, *, skills: bool = False) -> Reply | None:
    """Team (docs/cisco/finesse.md §4.3): its User URIs end with a slash."""
    if "/Team/" not in path:
        return None
    team = path.partition("/Team/")[2].partition("?")[0]
    users = "".join(
        f"<User><uri>/finesse/api/User/{login}/</uri><loginId>{login}</loginId><firstName>{first}</firstName>"
        f"<lastName>{last}</lastName>{f'<skillTargetId>6{login[1:]}</skillTargetId>' if skills else ''}</User>"
        for login, first, last in MEMBERS[team]
    )
    return Reply(200, f"<Team><id>{team}</id><name>Team of {team}</name><users>{users}</users></Team>")


@pytest.fixture
def walter(finesse: ScriptedFinesse) -> Account:
    finesse.script = roster
    return finesse.add(WALTER)


def names(service: Service) -> dict[str, str | None]:
    who = make_person("1101", agent_id="6101", supervises=WALTER.supervises)
    return {agent["id"]: agent["name"] for agent in pulse(service, who, "cc_TeamId")["agents"]}


def test_on_uccx_the_roster_names_the_agents(service: Service, finesse: ScriptedFinesse, walter: Account) -> None:
    finesse.deployment = "UCCX"
    service.take(answer(nps=9, agent="1001", team="5001"), answer(nps=9, agent="1002", team="5001"))
    assert service.sign_in("1101").status_code == 200
    assert names(service) == {"1001": "Ann Lee", "1002": "王小明"}


def test_a_roster_that_tells_skill_target_ids_names_the_agents(
    service: Service, finesse: ScriptedFinesse, walter: Account
) -> None:
    finesse.script = lambda path: roster(path, skills=True)
    service.take(answer(nps=9, agent="6003", team="5002"))
    assert service.sign_in("1101").status_code == 200
    assert names(service) == {"6003": "Bo Chen"}


def test_a_roster_takes_nothing_away(service: Service, finesse: ScriptedFinesse, walter: Account) -> None:
    finesse.add(Account("1001", "ann", name=("Anna", "Li")))
    service.take(answer(nps=9, agent="6001", team="5001"))
    assert service.sign_in("1001").status_code == 200
    assert service.sign_in("1101").status_code == 200
    assert names(service) == {"6001": "Ann Lee"}


def test_each_team_is_asked_for_once_in_minutes(
    start: Callable[..., Service], finesse: ScriptedFinesse, walter: Account
) -> None:
    service = start()
    finesse.add(Account("1102", "maria", roles=("Supervisor",), skill_target_id="6102", supervises=(("5001", "S"),)))
    for name in ("1101", "1101", "1102"):
        assert service.sign_in(name).status_code == 200
    requests = [(seen.path, seen.authorization) for seen in finesse.requests_to("/Team/")]
    own = basic("1101", "right")
    assert requests == [(f"/finesse/api/Team/{team}?includeLoggedOutAgents=true", own) for team in ("5001", "5002")]
    assert LEFT_ALONE >= 180


def test_an_agents_sign_in_asks_for_no_team(service: Service, finesse: ScriptedFinesse) -> None:
    finesse.add(Account("1001", "ann"))
    assert service.sign_in("1001").status_code == 200
    assert not finesse.requests_to("/Team/")


REFUSALS = [
    Reply(401, error("Invalid Supervisor")),
    Reply(401, error("Authorization Failure")),
    Reply(403, "<html>no</html>", "text/html"),
    Reply(404, error("Not Found")),
    Reply(500, "<html>", "text/html"),
    Reply(200, "<User><loginId>1</loginId></User>"),
    Reply(200, '<!DOCTYPE x [<!ENTITY a "b">]><Team>&a;</Team>'),
    Reply(200, "<Team/>"),
    Reply(raw=b""),
]


@pytest.mark.parametrize("reply", REFUSALS)
def test_what_finesse_does_not_tell_is_left_alone(
    service: Service, finesse: ScriptedFinesse, walter: Account, reply: Reply
) -> None:
    finesse.script = lambda path: reply if "/Team/" in path else None
    for _ in range(5):
        assert service.sign_in("1101").status_code == 200
    assert len(finesse.requests_to("/Team/")) <= 2


def test_a_slow_roster_costs_a_sign_in_a_second_at_most_and_the_next_nothing(
    service: Service, finesse: ScriptedFinesse, walter: Account
) -> None:
    def slowly(path: str) -> Reply | None:
        if "/Team/" in path:
            time.sleep(6)
        return None

    finesse.script = slowly
    begun = time.monotonic()
    assert service.sign_in("1101").status_code == 200
    assert time.monotonic() - begun < 4
    assert len(finesse.requests_to("/Team/")) <= 1
    # The node itself is not taken for slow.
    finesse.add(Account("1001", "ann"))
    begun = time.monotonic()
    assert service.sign_in("1001").status_code == 200
    assert service.sign_in("1101").status_code == 200
    assert time.monotonic() - begun < 4


def test_of_what_a_sign_in_waited_for_in_vain_the_roster_does_not_wait_again(
    service: Service, finesse: ScriptedFinesse, walter: Account
) -> None:
    def slowly(path: str) -> Reply | None:
        if "/SystemInfo" in path:
            time.sleep(SECONDS_TO_ANSWER + 3)
        return roster(path)

    finesse.script = slowly
    begun = time.monotonic()
    assert service.sign_in("1101").status_code == 200
    assert time.monotonic() - begun < 2 * SECONDS_TO_ANSWER - 1
