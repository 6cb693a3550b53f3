"""The survey after a call that a desktop saw: one invitation a call, by the rules, of the last agent."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from experience.dispatch import calls, dispatches, rules
from experience.dispatch.call_surveys import DesktopSurveys, count_declined
from experience.dispatch.calls import MICROSECONDS
from experience.dispatch.files import read_dispatch
from experience.model.call import CallReading, Leg
from experience.platform import Platform
from experience.surveys import survey_tokens
from tests.support.answering import QUESTIONNAIRE, TEXTS

DISPATCH = f"""
id: d
name: After a call
questionnaire_name: {QUESTIONNAIRE}
delivery_plan: {{id: p, name: p, schedule: [{{on_channel: email, text_body: x}}, {{on_channel: sms, text_body: x}}]}}
"""
RULE = "rules: [{name: all, dispatch: d, needs_opt_in: false, rest_hours: 24}]"
ANN = CallReading(
    Leg("c", "1", "1001"),
    key="153214:217",
    kind="inbound",
    agent_id="6001",
    team_id="5001",
    customer_id="C-1",
    email="ann@example.com",
    language="zh-tw",
    queue="5011",
    call_type="PREROUTE_ACD_IN",
    dialled="8000",
)
BOB = replace(ANN, leg=Leg("c", "2", "1002"), agent_id="6002", team_id="5002")
WAIT = 31


@dataclass
class Clock:
    """Microseconds; put forward by seconds."""

    now: int = 1_790_000_000 * MICROSECONDS

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += int(seconds * MICROSECONDS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def write(platform: Platform, rule: str = RULE, dispatch: str = DISPATCH) -> None:
    read, database = read_dispatch(dispatch), platform.database
    with database.write() as connection:
        dispatches.keep(database, connection, "dispatch", [read.dispatch])
        dispatches.keep(database, connection, "plan", [read.plan])
        rules.keep(database, connection, rules.read_rules(rule))


@pytest.fixture
def surveys(platform: Platform, clock: Clock) -> DesktopSurveys:
    """On each database in turn."""
    write(platform)
    return DesktopSurveys(platform, clock=clock)


@pytest.fixture
def small(sqlite_platform: Platform, clock: Clock) -> DesktopSurveys:
    """For what does not depend on the database."""
    write(sqlite_platform)
    return DesktopSurveys(sqlite_platform, clock=clock)


def asked(platform: Platform) -> list[dict[str, Any]]:
    """What each invitation knows of its customer, by question."""
    found = survey_tokens.search(platform.database)[0]
    return [{response["questionId"]: response["textInput"] for response in token["preFill"]} for token in found]


def agents(platform: Platform) -> list[tuple[str, str]]:
    """Agent and team of each invitation."""
    return [(known[TEXTS["agent"]], known[TEXTS["team"]]) for known in asked(platform)]


def settle(surveys: DesktopSurveys, clock: Clock, seconds: float = WAIT) -> None:
    clock.forward(seconds)
    surveys.sweep()


def test_the_customer_is_asked_once_when_the_call_has_ended(
    surveys: DesktopSurveys, platform: Platform, clock: Clock
) -> None:
    assert surveys.read(ANN) == "will_go_out"
    settle(surveys, clock)
    assert asked(platform) == []
    assert [surveys.end(ANN.leg), surveys.end(ANN.leg)] == ["will_go_out"] * 2
    surveys.sweep()
    assert asked(platform) == []
    settle(surveys, clock)
    assert surveys.end(ANN.leg) == "will_go_out"
    settle(surveys, clock, 3600)
    (known,) = asked(platform)
    assert (known[TEXTS["customer"]], known[TEXTS["email"]]) == ("C-1", "ann@example.com")
    assert agents(platform) == [("6001", "5001")]


def test_a_transferred_call_is_one_call_of_the_last_agent(
    surveys: DesktopSurveys, platform: Platform, clock: Clock
) -> None:
    surveys.read(ANN)
    # The consult call names the customer's; then it becomes the customer's own, under another key.
    consult = replace(BOB, kind="consult", key="153214:218", linked=("1",), customer_id="", email="")
    assert surveys.read(consult) == "no_rule"
    surveys.end(ANN.leg)
    clock.forward(5)
    assert surveys.read(replace(BOB, key="153214:218")) == "will_go_out"
    settle(surveys, clock, 600)
    assert asked(platform) == []
    surveys.end(BOB.leg)
    settle(surveys, clock)
    assert agents(platform) == [("6002", "5002")]


def test_whoever_was_only_consulted_does_not_have_the_call(
    surveys: DesktopSurveys, platform: Platform, clock: Clock
) -> None:
    surveys.read(ANN)
    consult = replace(BOB, kind="consult", linked=("1",))
    surveys.read(consult)
    assert surveys.decline(BOB.leg) == "no_rule"
    surveys.end(ANN.leg)
    settle(surveys, clock)
    assert agents(platform) == [("6001", "5001")]
    surveys.end(BOB.leg)
    settle(surveys, clock)
    assert agents(platform) == [("6001", "5001")]


def test_of_a_conference_the_call_is_of_who_stays_to_the_end(
    surveys: DesktopSurveys, platform: Platform, clock: Clock
) -> None:
    surveys.read(ANN)
    clock.forward(60)
    surveys.read(BOB)
    clock.forward(60)
    surveys.end(BOB.leg)
    settle(surveys, clock, 120)
    assert asked(platform) == []
    surveys.end(ANN.leg)
    settle(surveys, clock)
    assert agents(platform) == [("6001", "5001")]


def test_two_agents_who_report_the_same_end_at_once_make_one_invitation_of_who_came_last(
    surveys: DesktopSurveys, platform: Platform, clock: Clock
) -> None:
    surveys.read(ANN)
    clock.forward(60)
    surveys.read(BOB)
    clock.forward(60)
    at_once = threading.Barrier(2)

    def end(leg: Leg) -> object:
        at_once.wait()
        return surveys.end(leg)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(end, [ANN.leg, BOB.leg])) == ["will_go_out"] * 2
    clock.forward(WAIT)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: surveys.sweep(), range(8)))
    assert agents(platform) == [("6002", "5002")]


def test_whose_report_of_the_same_end_comes_first_does_not_matter(
    small: DesktopSurveys, sqlite_platform: Platform, clock: Clock
) -> None:
    small.read(ANN)
    clock.forward(60)
    small.read(BOB)
    clock.forward(60)
    small.end(BOB.leg)
    clock.forward(2)
    small.end(ANN.leg)
    settle(small, clock)
    assert agents(sqlite_platform) == [("6002", "5002")]


def test_a_customer_who_declined_with_the_first_agent_is_not_asked_and_counted_in_his_team(
    surveys: DesktopSurveys, platform: Platform, clock: Clock
) -> None:
    surveys.read(ANN)
    assert [surveys.decline(ANN.leg), surveys.decline(ANN.leg)] == ["declined"] * 2
    surveys.end(ANN.leg)
    assert surveys.read(BOB) == "declined"
    surveys.end(BOB.leg)
    settle(surveys, clock)
    assert asked(platform) == []
    with platform.database.read() as connection:
        assert count_declined(connection, 0, clock.now + 1) == {"5001": 1}
        assert count_declined(connection, clock.now + 1, clock.now + 2) == {}


def test_declining_after_the_invitation_says_that_it_went_out(small: DesktopSurveys, clock: Clock) -> None:
    small.read(ANN)
    small.end(ANN.leg)
    settle(small, clock)
    assert small.decline(ANN.leg) == "will_go_out"


def test_nobody_reports_of_a_call_that_he_has_not_read(small: DesktopSurveys) -> None:
    small.read(ANN)
    for stranger in (Leg("c", "1", "1002"), Leg("other", "1", "1001"), Leg("c", "2", "1001")):
        assert small.end(stranger) is None
        assert small.decline(stranger) is None


def test_a_call_whose_end_nobody_reports_is_asked_about_however_short_it_was(
    surveys: DesktopSurveys, platform: Platform, clock: Clock
) -> None:
    write(platform, RULE.replace("rest_hours: 24", "least_seconds: 80000"))
    surveys.read(ANN)
    settle(surveys, clock, 4 * 3600 - 1)
    assert asked(platform) == []
    settle(surveys, clock, 2)
    assert agents(platform) == [("6001", "5001")]


def test_a_gadget_that_reads_the_call_again_takes_back_a_report_of_its_end(
    small: DesktopSurveys, sqlite_platform: Platform, clock: Clock
) -> None:
    small.read(ANN)
    small.end(ANN.leg)
    small.read(ANN)
    settle(small, clock)
    assert asked(sqlite_platform) == []
    # In wrap-up the dialog is still there, and the customer has gone.
    small.read(replace(ANN, is_over=True))
    small.read(replace(ANN, is_over=True))
    settle(small, clock)
    assert len(asked(sqlite_platform)) == 1


def test_a_call_is_forgotten_after_a_day(surveys: DesktopSurveys, platform: Platform, clock: Clock) -> None:
    surveys.read(ANN)
    surveys.end(ANN.leg)
    settle(surveys, clock)
    with platform.database.read() as connection:
        kept = calls.of_key(connection, "153214:217")
        assert kept is not None
        assert (kept.agent_id, kept.team_id, kept.customer_id) == ("6001", "5001", "C-1")
    settle(surveys, clock, 24 * 3600)
    with platform.database.read() as connection:
        assert calls.of_key(connection, "153214:217") is None
        assert connection.execute(select(calls.legs)).first() is None
    assert surveys.end(ANN.leg) is None


def next_call(reading: CallReading, **changes: Any) -> CallReading:
    return replace(reading, **{"leg": Leg("c", "9", "1001"), "key": "153214:900", **changes})


def test_a_customer_rests_whichever_fact_he_is_known_by(
    surveys: DesktopSurveys, platform: Platform, clock: Clock
) -> None:
    surveys.read(ANN)
    surveys.end(ANN.leg)
    settle(surveys, clock)
    again = next_call(ANN, customer_id="", email="Ann@Example.com")
    assert surveys.read(again) == "too_soon"
    surveys.end(again.leg)
    settle(surveys, clock)
    assert len(asked(platform)) == 1
    clock.forward(24 * 3600)
    assert surveys.read(next_call(again, key="153214:901")) == "will_go_out"


def test_two_calls_of_a_customer_that_end_together_make_one_invitation(
    surveys: DesktopSurveys, platform: Platform, clock: Clock
) -> None:
    for reading in (ANN, next_call(BOB)):
        surveys.read(reading)
        surveys.end(reading.leg)
    clock.forward(WAIT)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: surveys.sweep(), range(4)))
    assert len(asked(platform)) == 1


@pytest.mark.parametrize(
    ("changes", "rule", "word"),
    [
        ({}, RULE, "will_go_out"),
        ({"consent": "yes"}, RULE.replace("false", "true"), "will_go_out"),
        ({}, RULE.replace("false", "true"), "opted_out"),
        ({"consent": "no"}, RULE, "opted_out"),
        ({"kind": "consult"}, RULE, "no_rule"),
        ({"kind": "internal"}, RULE, "no_rule"),
        ({"kind": "outbound"}, RULE, "no_rule"),
        ({"kind": "outbound"}, RULE.replace("rest_hours", "outbound: true, rest_hours"), "will_go_out"),
        ({"customer_id": "", "email": ""}, RULE, "no_rule"),
        ({"email": ""}, RULE, "no_rule"),
        ({"email": "", "mobile": "+886912344455"}, RULE, "will_go_out"),
        ({}, RULE.replace("rest_hours", "share: 0, rest_hours"), "no_rule"),
        ({}, RULE.replace("dispatch: d", "dispatch: gone"), "no_rule"),
    ],
)
def test_a_call_says_what_will_happen_and_that_happens(
    sqlite_platform: Platform, clock: Clock, changes: dict[str, Any], rule: str, word: str
) -> None:
    write(sqlite_platform, rule)
    surveys = DesktopSurveys(sqlite_platform, clock=clock)
    call = replace(ANN, **changes)
    assert surveys.read(call) == word
    surveys.end(call.leg)
    settle(surveys, clock)
    assert len(asked(sqlite_platform)) == (word == "will_go_out")


def test_too_short_a_call_is_not_asked_about(small: DesktopSurveys, sqlite_platform: Platform, clock: Clock) -> None:
    write(sqlite_platform, RULE.replace("rest_hours", "least_seconds: 30, rest_hours"))
    assert small.read(ANN) == "will_go_out"
    clock.forward(29)
    assert small.end(ANN.leg) == "no_rule"
    long = next_call(ANN)
    small.read(long)
    clock.forward(30)
    assert small.end(long.leg) == "will_go_out"
    settle(small, clock)
    assert len(asked(sqlite_platform)) == 1


def test_who_unsubscribed_by_every_channel_is_not_asked(sqlite_platform: Platform, clock: Clock) -> None:
    write(sqlite_platform)
    gone = {("email", "ann@example.com")}

    def is_opted_out(_connection: Connection, channel: str, address: str) -> bool:
        return (channel, address) in gone

    surveys = DesktopSurveys(sqlite_platform, is_opted_out, clock)
    assert surveys.read(ANN) == "opted_out"
    assert surveys.read(next_call(ANN, mobile="+886912344455")) == "will_go_out"


def test_an_invitation_that_a_node_did_not_finish_is_finished_by_another_once(
    surveys: DesktopSurveys, platform: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveys.read(ANN)
    surveys.end(ANN.leg)
    clock.forward(WAIT)

    def killed(_self: DesktopSurveys, _asking: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(DesktopSurveys, "_ask", killed)
        with pytest.raises(SystemExit):
            surveys.sweep()
    # Other rules by then change nothing: it is decided.
    write(platform, "rules: []")
    other = DesktopSurveys(platform, clock=clock)
    assert other.sweep() == 0
    settle(other, clock, 61)
    settle(other, clock, 61)
    assert len(asked(platform)) == 1


def test_two_contact_centres_may_give_two_calls_one_key(
    small: DesktopSurveys, sqlite_platform: Platform, clock: Clock
) -> None:
    other = replace(ANN, leg=Leg("d", "1", "1001"), customer_id="C-2", email="bob@example.com", agent_id="7001")
    for reading in (ANN, other):
        small.read(reading)
        small.end(reading.leg)
    settle(small, clock)
    assert sorted(customers(asked(sqlite_platform))) == ["C-1", "C-2"]


def customers(known: Iterable[dict[str, Any]]) -> list[str]:
    return [one[TEXTS["customer"]] for one in known]


def test_a_call_that_cannot_be_accepted_keeps_no_other_from_it(
    small: DesktopSurveys, sqlite_platform: Platform, clock: Clock
) -> None:
    for reading in (ANN, next_call(BOB, customer_id="C-2", email="bob@example.com")):
        small.read(reading)
        small.end(reading.leg)
    with sqlite_platform.database.write() as connection:
        connection.exec_driver_sql(
            """CREATE TRIGGER broken BEFORE INSERT ON invitations WHEN NEW.document LIKE '%"C-1"%'
            BEGIN SELECT RAISE(ABORT, 'broken'); END"""
        )
    settle(small, clock)
    assert list(customers(asked(sqlite_platform))) == ["C-2"]
    with sqlite_platform.database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER broken")
    settle(small, clock, 61)
    assert sorted(customers(asked(sqlite_platform))) == ["C-1", "C-2"]
