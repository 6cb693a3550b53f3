"""GET /gadgets/pulse and pulse.csv: own figures for agents, their teams' for supervisors (docs/api.md, Pulse)."""

import csv
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experience.figures import invited
from experience.figures.invited import Delivered
from experience.model.figures import Figures, Tally
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from foundation.csv_files import cell
from gadgets.pulse.figures import Names, Pulse
from gadgets.pulse.query import PulseQuery
from gadgets.pulse.spreadsheet import sheet
from gadgets.signin.directory import Directory
from gadgets.signin.person import Person
from tests.support.answering import answer
from tests.support.problems import assert_problem
from tests.support.services import Service
from tests.support.signed_in import make_person

SALES, SUPPORT = ("5001", "Sales"), ("5002", "Support")
ANN = make_person()
WALTER = make_person("1101", agent_id="6101", supervises=(SALES,))
MARIA = make_person("1102", agent_id="6102", supervises=(SALES, SUPPORT))
NOBODYS = make_person("1103", agent_id="6103", supervisor=True)
OWN, TEAM, BOTH = "cc_AgentId", "cc_TeamId", "cc_AgentId,cc_TeamId"


def pulse(service: Service, who: Person, tags: str, **more: str) -> dict[str, Any]:
    query = "&".join(f"{name}={text}" for name, text in {"filterTags": tags, **more}.items())
    response = service.get(f"/gadgets/pulse?{query}", who)
    assert response.status_code == 200, response.data
    body: dict[str, Any] = json.loads(response.data)
    return body


@pytest.fixture
def answered(service: Service) -> Service:
    """Ann (6001) answered for twice in Sales and once in Support, Bob (6002) once in Support; once nobody's."""
    service.take(
        answer(nps=10, csat=5, ces=7, agent="6001", team="5001"),
        answer(nps=0, agent="6001", team="5001"),
        answer(nps=9, agent="6001", team="5002"),
        answer(nps=8, agent="6002", team="5002"),
        answer(nps=1, agent="6001"),
        answer(nps=1, team="5001"),
    )
    return service


def test_agent_sees_only_own_figures(answered: Service) -> None:
    body = pulse(answered, ANN, OWN)
    assert body["responses"] == 4
    assert body["metrics"]["nps"]["counts"] == {"0": 1, "1": 1, "9": 1, "10": 1}
    assert body["pollAfter"] == 60
    assert not {"teams", "agents"} & set(body)


def test_supervisor_sees_what_carries_a_supervised_team(answered: Service) -> None:
    body = pulse(answered, WALTER, TEAM)
    assert body["responses"] == 3
    assert {team["id"]: team["responses"] for team in body["teams"]} == {"5001": 3}
    assert {agent["id"]: agent["responses"] for agent in body["agents"]} == {"6001": 2}
    assert body["pollAfter"] == 10


def test_an_agent_of_two_teams_is_seen_by_each_supervisor_in_that_team_alone(answered: Service) -> None:
    other = make_person("1104", agent_id="6104", supervises=(SUPPORT,))
    for supervisor, nps in ((WALTER, {"10": 1, "0": 1}), (other, {"9": 1})):
        body = pulse(answered, supervisor, TEAM, agent="6001")
        assert body["metrics"]["nps"]["counts"] == nps
        row = next(row for row in pulse(answered, supervisor, TEAM)["agents"] if row["id"] == "6001")
        assert row["responses"] == sum(nps.values())
    assert pulse(answered, MARIA, TEAM, agent="6001")["responses"] == 3


def test_a_team_narrows_and_an_agent_narrows_within(answered: Service) -> None:
    assert pulse(answered, MARIA, TEAM)["responses"] == 5
    assert pulse(answered, MARIA, TEAM, team="5002")["responses"] == 2
    assert pulse(answered, MARIA, TEAM, team="5002", agent="6001")["responses"] == 1
    assert pulse(answered, MARIA, TEAM, team="5001", agent="6002")["responses"] == 0
    assert pulse(answered, MARIA, TEAM, agent="nobody")["agents"] == []
    assert pulse(answered, ANN, OWN, team="5001")["responses"] == 2
    assert pulse(answered, ANN, OWN, agent="6001")["responses"] == 4


def test_a_supervisor_with_own_figures_sees_himself(answered: Service) -> None:
    answered.take(answer(nps=7, agent="6102", team="9999"))
    body = pulse(answered, MARIA, OWN)
    assert (body["scope"]["tag"], body["responses"]) == (OWN, 1)
    assert_problem(answered.get(f"/gadgets/pulse?filterTags={OWN}&agent=6001", MARIA), 403, "not_yours")


def test_of_a_list_the_widest_that_the_role_allows_holds(answered: Service) -> None:
    assert pulse(answered, MARIA, BOTH)["scope"]["tag"] == TEAM
    assert pulse(answered, ANN, BOTH)["scope"] == {"tag": OWN, "teams": [], "agent": "6001"}
    assert pulse(answered, ANN, " cc_teamid , CC_AGENTID ")["scope"]["tag"] == OWN


def test_a_supervisor_of_no_team_sees_nothing(answered: Service) -> None:
    body = pulse(answered, NOBODYS, TEAM)
    assert (body["responses"], body["teams"], body["agents"]) == (0, [], [])
    assert_problem(answered.get(f"/gadgets/pulse?filterTags={TEAM}&team=5001", NOBODYS), 403, "not_your_team")


def test_today_is_compared_with_yesterday_until_this_time_of_day(service: Service) -> None:
    zone = ZoneInfo(service.settings.time_zone)
    now = datetime.now(zone)
    day_ago = now - timedelta(days=1)
    around = (day_ago - timedelta(minutes=2), day_ago + timedelta(minutes=3))
    # At midnight one of the two is on another day.
    early, late = (moment.date() == day_ago.date() for moment in around)
    service.take(
        answer(nps=8, agent="6001", team="5001", at=now),
        *(answer(nps=10 if moment < day_ago else 0, agent="6001", team="5001", at=moment) for moment in around),
    )
    body = pulse(service, WALTER, TEAM, period="today")
    before = body["period"]["previous"]
    assert before["from"] == before["to"] == day_ago.date().isoformat()
    assert abs(datetime.fromisoformat(before["until"]) - day_ago) < timedelta(minutes=2)
    assert body["metrics"]["nps"]["previous"] == (100 if early else None)
    assert [row["change"]["nps"] for row in (*body["teams"], *body["agents"])] == [body["metrics"]["nps"]["change"]] * 2
    whole = pulse(service, WALTER, TEAM, period="yesterday")
    assert (whole["responses"], whole["period"]["previous"]["until"]) == (early + late, None)


REFUSED = [
    (ANN, "filterTags=cc_TeamId", 403, "supervisors_only"),
    (ANN, "filterTags=cc_TeamId&team=5001", 403, "supervisors_only"),
    (ANN, "filterTags=cc_AgentId&agent=6002", 403, "not_yours"),
    (ANN, "filterTags=cc_AgentId&team=5002", 403, "not_yours"),
    (ANN, "filterTags=cc_AgentId,cc_TeamId&team=5002", 403, "not_yours"),
    (WALTER, "filterTags=cc_TeamId&team=5002", 403, "not_your_team"),
    (WALTER, "filterTags=cc_TeamId&team=5002&agent=6101", 403, "not_your_team"),
    (WALTER, "filterTags=cc_AgentId&agent=6001", 403, "not_yours"),
    (ANN, "", 400, "unknown_filter"),
    (ANN, "filterTags=", 400, "unknown_filter"),
    (ANN, "filterTags=cc_QueueId", 400, "unknown_filter"),
    (ANN, "filterTags=cc_AgentId,", 400, "unknown_filter"),
    (ANN, "filterTags=cc_AgentId&filterTags=cc_TeamId", 400, "bad_request"),
    (WALTER, "filterTags=cc_TeamId&team=5001&team=5002", 400, "bad_request"),
    (ANN, "filterTags=cc_AgentId&period=tomorrow", 400, "bad_period"),
    (ANN, "filterTags=cc_AgentId&period=2026-11-20..2026-11-19", 400, "bad_period"),
    (ANN, "filterTags=cc_AgentId&questionnaire=nowhere", 400, "unknown_questionnaire"),
    (ANN, f"filterTags=cc_AgentId&questionnaire={'x' * 201}", 400, "bad_request"),
]


@pytest.mark.parametrize(("who", "query", "status", "code"), REFUSED)
@pytest.mark.parametrize("path", ["pulse", "pulse.csv"])
def test_what_is_not_theirs_is_refused(
    answered: Service, path: str, who: Person, query: str, status: int, code: str
) -> None:
    assert_problem(answered.get(f"/gadgets/{path}?{query}", who), status, code)


@pytest.mark.parametrize("text", ["%00", "%F0%9F%99%82", "'; DROP TABLE answers; --", "%25", "../..", "5001%00"])
def test_odd_values_find_nothing_and_break_nothing(answered: Service, text: str) -> None:
    assert pulse(answered, MARIA, TEAM, agent=text)["responses"] == 0
    assert_problem(answered.get(f"/gadgets/pulse?filterTags={TEAM}&team={text}", MARIA), 403, "not_your_team")
    assert_problem(answered.get(f"/gadgets/pulse?filterTags={OWN}&agent={text}", ANN), 403, "not_yours")


def test_a_query_that_is_longer_than_all_arguments_together_is_refused(answered: Service) -> None:
    longest = "&team=5001&questionnaire=" + "%E7%BE%8E" * 200
    assert_problem(answered.get(f"/gadgets/pulse?filterTags=cc_TeamId{longest}", WALTER), 400, "unknown_questionnaire")
    padded = answered.get(f"/gadgets/pulse?filterTags=cc_TeamId&x={'x' * 8_000}", WALTER)
    assert_problem(padded, 400, "bad_request")


def test_parameters_of_wxm_are_ignored(answered: Service) -> None:
    assert pulse(answered, ANN, OWN, spaceId="1", metricId="2", gadgetHeight="310")["responses"] == 4


def test_the_period_before_is_as_long_and_just_before(service: Service) -> None:
    now = datetime.now(UTC)
    service.take(answer(nps=10, agent="6001", at=now), answer(nps=0, agent="6001", at=now - timedelta(days=7)))
    body = pulse(service, ANN, OWN, period="7d")["metrics"]["nps"]
    assert (body["score"], body["previous"], body["change"]) == (100, -100, 200)
    month = pulse(service, ANN, OWN)["metrics"]["nps"]
    assert (month["score"], month["previous"], month["change"]) == (0, None, None)


def test_one_questionnaire_may_be_asked_for(service: Service) -> None:
    service.take(answer(nps=10, agent="6001"), answer(nps=0, agent="6001", questionnaire="Chat survey"))
    assert pulse(service, ANN, OWN)["responses"] == 2
    deadline = time.monotonic() + 8
    while service.get(f"/gadgets/pulse?filterTags={OWN}&questionnaire=Chat survey", ANN).status_code == 400:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert pulse(service, ANN, OWN, questionnaire="Chat survey")["metrics"]["nps"]["score"] == -100
    assert pulse(service, ANN, OWN, questionnaire="Post call survey")["metrics"]["nps"]["score"] == 100


def test_an_answer_without_scores_counts_as_an_answer(service: Service) -> None:
    service.take(answer(agent="6001", team="5001", comment="只有文字"))
    body = pulse(service, ANN, OWN)
    assert (body["responses"], body["metrics"]["nps"]["score"]) == (1, None)
    assert (body["invited"], body["responseRate"]) == (0, None)


def test_the_share_of_invitations_that_was_answered_is_of_those_that_were_delivered(service: Service) -> None:
    platform: Platform = service.app.extensions["pulse"]["platform"]
    now = time.time_ns() // 1000
    with platform.database.write() as connection:
        for number in range(3):
            row = Delivered(f"T-{number}", "6001", "5001", "Post call survey", now)
            invited.deliver(connection, ZoneInfo(platform.time_zone), [row])
        invited.answer(connection, "T-1")
        invited.opt_out(connection, "T-2")
    service.take(answer(agent="6001", team="5001"), answer(agent="6001", team="5001"))
    body = pulse(service, ANN, OWN)
    assert (body["responses"], body["invited"], body["invitedAnswered"]) == (2, 3, 1)
    assert (body["responseRate"], body["optedOut"]) == (0.333, 1)


def test_days_are_days_of_the_time_zone(start: Callable[..., Service]) -> None:
    zone = ZoneInfo("Pacific/Kiritimati")
    service = start(time_zone=zone.key)
    today = datetime.now(zone)
    service.take(answer(nps=10, agent="6001", at=today.replace(hour=0, minute=0, second=1)))
    body = pulse(service, ANN, OWN, period="7d")
    assert body["period"]["to"] == today.date().isoformat()
    assert body["period"]["timeZone"] == zone.key
    assert body["trend"][-1]["responses"] == 1


def test_the_same_figures_are_not_sent_twice(answered: Service) -> None:
    path = f"/gadgets/pulse?filterTags={OWN}"
    first = answered.get(path, ANN)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert {"Origin", "Authorization"} <= {
        word.strip() for line in first.headers.getlist("Vary") for word in line.split(",")
    }
    etag = first.headers["ETag"]
    for held in (etag, f'"other", {etag}', f"W/{etag}"):
        again = answered.get(path, ANN, If_None_Match=held)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
        assert again.headers["Cache-Control"] == "private, no-cache"
    for held in ('"other"', etag.strip('"')[:8], ""):
        assert answered.get(path, ANN, If_None_Match=held).status_code == 200


def test_another_persons_etag_never_says_that_nothing_changed(answered: Service) -> None:
    etag = answered.get(f"/gadgets/pulse?filterTags={TEAM}", MARIA).headers["ETag"]
    for who, tags in ((WALTER, TEAM), (ANN, OWN), (MARIA, OWN)):
        assert answered.get(f"/gadgets/pulse?filterTags={tags}", who, If_None_Match=etag).status_code == 200


def test_a_warm_cache_keeps_scopes_apart(answered: Service) -> None:
    expected = {(who.id, tags): pulse(answered, who, tags) for who in (WALTER, MARIA) for tags in (OWN, TEAM)}
    for _ in range(3):
        for who in (MARIA, WALTER):
            for tags in (TEAM, OWN):
                assert pulse(answered, who, tags) == expected[who.id, tags]


@pytest.mark.parametrize("shared", [False, True])
def test_figures_are_fresh_within_three_seconds_of_an_answer(
    start: Callable[..., Service], redis_url: str, shared: bool
) -> None:
    more = {"cache_url": redis_url, "secret_key": ("a key that is the same on every node",)} if shared else {}
    nodes = [start(**more), start(**more)] if shared else [start(**more)]
    for count in range(1, 4):
        nodes[0].take(answer(nps=9, agent="6001", team="5001"))
        deadline = time.monotonic() + 4
        while {pulse(node, ANN, OWN)["responses"] for node in nodes} != {count}:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_the_spreadsheet_holds_the_same_rows(answered: Service) -> None:
    response = answered.get(f"/gadgets/pulse.csv?filterTags={TEAM}", MARIA)
    assert response.mimetype == "text/csv"
    assert response.headers["Cache-Control"] == "no-store"
    body = pulse(answered, MARIA, TEAM)
    days = body["period"]
    named = f'attachment; filename="pulse_{days["from"]}_{days["to"]}.csv"'
    assert response.headers["Content-Disposition"] == named
    assert response.data.startswith(b"\xef\xbb\xbfrow,id,name,")
    assert response.data.endswith(b"\r\n")
    lines = rows(response.data)
    assert [row["row"] for row in lines] == ["total", "team", "team", "agent", "agent"]
    assert lines[0]["nps"] == str(body["metrics"]["nps"]["score"])
    expected_rows = [*body["teams"], *body["agents"]]
    for row, expected in zip(lines[1:], expected_rows, strict=True):
        assert (row["id"], row["responses"]) == (expected["id"], str(expected["responses"]))
        assert row["name"] == (expected["name"] or f"Agent {expected['id']}")
        for name in ("nps", "csat", "ces"):
            assert row[name] == ("" if expected[name] is None else str(expected[name]))
    assert {row["ces_scale"] for row in lines} == {"1 to 7", ""}
    assert lines[0]["promoters"] == str(body["metrics"]["nps"]["promoters"])
    assert {(row["from"], row["to"]) for row in lines} == {(days["from"], days["to"])}


def test_an_agents_spreadsheet_is_the_total_alone(answered: Service) -> None:
    lines = rows(answered.get(f"/gadgets/pulse.csv?filterTags={OWN}", ANN).data)
    assert [(row["row"], row["responses"]) for row in lines] == [("total", "4")]


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_cells_that_a_spreadsheet_would_run_are_cell(service: Service, text: str) -> None:
    service.take(answer(nps=1, agent=f"{text.strip()}9", team="5001"))
    who = make_person("1105", supervises=(("5001", text),))
    lines = rows(service.get(f"/gadgets/pulse.csv?filterTags={TEAM}", who).data)
    for row in lines:
        assert not row["id"].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert not row["name"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("name", ["3-5", "1/2", "MAR1", "1E5", "0042"])
def test_names_and_ids_that_a_spreadsheet_would_change_stay_as_they_are(service: Service, name: str) -> None:
    """Case 12."""
    service.take(answer(nps=1, agent="0061", team="0042"))
    who = make_person("1105", supervises=(("0042", name),))
    Directory(service.app.extensions["pulse"]["database"]).name_team("0042", name)
    _, team, agent = rows(service.get(f"/gadgets/pulse.csv?filterTags={TEAM}", who).data)
    assert [team["id"], team["name"], agent["id"]] == ['="0042"', f'="{name}"', '="0061"']


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5))
def test_any_name_comes_out_of_the_spreadsheet_as_it_is_or_cell(named: dict[str, str]) -> None:
    period = Period(date(2026, 11, 1), date(2026, 11, 20))
    query = PulseQuery(TEAM, Scope(frozenset(), None), period, period.previous, None)
    counted = Figures(Tally(), {}, {}, {identity: Tally() for identity in named})
    names = Names({}, named)
    lines = rows(sheet(Pulse(query, "UTC", counted, counted, names)))
    assert [(row["id"], row["name"]) for row in lines[1:]] == [
        (cell(identity), cell(named[identity] or f"Agent {identity}")) for identity in names.sorted_agents(named)
    ]


def test_an_agent_whom_nobody_told_us_of_has_no_name(service: Service) -> None:
    service.take(answer(nps=9, agent="6067", team="5001", comment="好"))
    who = make_person("1101", agent_id="6101", supervises=(SALES,))
    agents = pulse(service, who, TEAM)["agents"]
    assert [(agent["id"], agent["name"]) for agent in agents] == [("6067", None)]
    table = service.get(f"/gadgets/pulse.csv?filterTags={TEAM}", who).data
    assert rows(table)[-1]["name"] == "Agent 6067"
