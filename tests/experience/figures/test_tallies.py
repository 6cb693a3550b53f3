"""Tallies: what is rolled up equals a recount, whatever came in and in whatever order."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experience.model.figures import Figures, Tally
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.questionnaires.catalogue import Questionnaire
from foundation.db.database import Database
from tests.experience.samples import NPS, Answer, answer, response, row_of, tallies_of
from tests.support.databases import empty

ZONE = ZoneInfo("Asia/Taipei")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 8)
EASE = "c5c5"
SHORT_CES = {"id": EASE, "sequence": 7, "displayType": "Scale", "multiSelect": ["1-5"], "questionTags": ["ces_agree_5"]}

MAYBE_TEAM = st.sampled_from(["5001", "5002", "5003", None])
MAYBE_AGENT = st.sampled_from(["6001", "6002", "6003", None])


@st.composite
def some_answer(draw: st.DrawFn) -> Answer:
    """An answer of a few days around FIRST, with any scores, on either CES scale."""
    at = datetime(2026, 9, 30, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 9 * 24 * 60)))
    person = {"team": draw(MAYBE_TEAM), "agent": draw(MAYBE_AGENT)}
    ranges = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
    scores = {name: draw(st.none() | st.integers(*ends)) for name, ends in ranges.items()}
    made = answer(
        f"a{draw(st.integers(0, 60))}",
        at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        locationId=draw(st.sampled_from(["Post call survey", "Chat survey"])),
        **{name: value for name, value in {**scores, **person}.items() if value is not None},
    )
    if draw(st.booleans()):
        made["responses"].append(response(EASE, None, draw(st.integers(1, 5))))
    return made


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.lists(some_answer(), max_size=12), max_size=5),
    teams=st.frozensets(st.sampled_from(["5001", "5002", "5003"]), max_size=3),
    agent=st.sampled_from([None, "6001", "6002"]),
    questionnaire=st.sampled_from([None, "Chat survey"]),
)
def test_figures_equal_a_recount(
    database: Database, batches: list[list[Answer]], teams: frozenset[str], agent: str | None, questionnaire: str | None
) -> None:
    empty(database)
    with database.write() as connection:
        catalogue.keep(database, connection, [SHORT_CES], [Questionnaire("Chat survey", "Chat survey")])
    platform = Platform(database, ZONE.key)
    for batch in batches:
        platform.take(batch)
    kept: dict[str, Answer] = {}
    for document in (document for batch in batches for document in batch):
        kept.setdefault(document["id"], document)
    seen = [_flat(flat) for flat in kept.values() if questionnaire in (None, flat["locationId"])]
    seen = [flat for flat in seen if FIRST <= flat["day"] <= LAST]
    theirs = [flat for flat in seen if flat["team"] in teams and agent in (None, flat["agent"])]
    _same(platform.figures(Scope(teams, agent), Period(FIRST, LAST), questionnaire), theirs, with_people=True)
    own = [flat for flat in seen if flat["agent"] == "6001"]
    _same(platform.figures(Scope(None, "6001"), Period(FIRST, LAST), questionnaire), own, with_people=False)


def test_without_a_trend_the_rest_is_the_same(platform: Platform) -> None:
    platform.take([answer(f"a{n}", nps=n % 11, team="5001", agent=f"600{n % 3}") for n in range(50)])
    for scope in (Scope(frozenset({"5001"}), None), Scope(frozenset({"5001"}), "6001"), Scope(None, "6001")):
        full, plain = platform.figures(scope, NOVEMBER), platform.figures(scope, NOVEMBER, trend=False)
        assert plain.by_day == {}
        assert (plain.total, plain.by_team, plain.by_agent) == (full.total, full.by_team, full.by_agent)


def test_a_day_up_to_a_moment_holds_what_was_answered_before_it(database: Database) -> None:
    platform = Platform(database, ZONE.key)
    midnight = datetime(2026, 11, 20, tzinfo=ZONE)
    moments = [midnight + timedelta(minutes=30 * step) for step in range(-2, 50)]
    for step, at in enumerate(moments):
        platform.take(
            [answer(f"a{step}", at.isoformat(), nps=step % 11, team=f"500{step % 2}", agent=f"600{step % 3}")]
        )
    for hours in (0, 1, 9, 23):
        until = midnight + timedelta(hours=hours)
        before = [step for step, at in enumerate(moments) if midnight <= at < until]
        for scope, steps in (
            (Scope(frozenset({"5000", "5001"}), None), before),
            (Scope(frozenset({"5001"}), "6002"), [step for step in before if step % 2 and step % 3 == 2]),
            (Scope(None, "6001"), [step for step in before if step % 3 == 1]),
        ):
            figures = platform.figures(scope, Period(until.date(), until.date(), until), trend=False)
            assert figures.total.nps == Counter(step % 11 for step in steps)
            assert figures.total.responses == len(steps)
            agents = Counter(f"600{step % 3}" for step in steps) if scope.teams else {}
            assert {agent: tally.responses for agent, tally in figures.by_agent.items()} == agents


def test_what_counts_no_more_leaves_no_count(database: Database) -> None:
    platform = Platform(database, ZONE.key)
    platform.take([answer(f"a{n}", nps=n, csat=5, team="5001", agent="6001") for n in range(5)])
    with database.write() as connection:
        catalogue.keep(database, connection, [{"id": NPS, "sequence": 1, "questionTags": [], "displayType": "Scale"}])
    assert platform.reread() == 5
    for counts in tallies_of(database):
        assert [row[-1] for row in counts if row[-1] < 1] == []
        assert counts


def test_an_agent_of_two_teams_is_seen_by_each_with_that_teams_answers(platform: Platform) -> None:
    platform.take([answer(f"a{n}", nps=9, agent="6001", team="5001") for n in range(3)])
    platform.take([answer(f"b{n}", nps=0, agent="6001", team="5002") for n in range(2)])
    sales = platform.figures(Scope(frozenset({"5001"}), None), NOVEMBER)
    assert sales.by_agent["6001"].nps == {9: 3}
    both = platform.figures(Scope(frozenset({"5001", "5002"}), None), NOVEMBER)
    assert both.by_agent["6001"].nps == {9: 3, 0: 2}
    assert both.by_team["5002"].nps == {0: 2}


def test_no_team_is_nobodys_answers(platform: Platform) -> None:
    platform.take([answer("a1", nps=9, agent="6001", team="5001"), answer("a2", nps=9)])
    figures = platform.figures(Scope(frozenset(), None), NOVEMBER)
    assert figures == Figures(Tally(), {}, {}, {})


@pytest.mark.parametrize(("teams", "agent"), [(None, None), (None, ""), (frozenset({""}), None), (frozenset(), "")])
def test_a_scope_of_everything_or_of_nobody_is_refused(teams: frozenset[str] | None, agent: str | None) -> None:
    with pytest.raises(ValueError, match="scope"):
        Scope(teams, agent)


def _flat(document: Answer) -> dict[str, Any]:
    """An answer as the recount sees it."""
    by_question = {response["questionId"]: response for response in document["responses"]}

    def of(question: str, field: str) -> Any:
        return by_question.get(f"64b0000000000000000000{question}", {}).get(field)

    at = datetime.fromisoformat(document["responseDateTime"])
    fields = {
        "day": at.astimezone(ZONE).date(),
        "team": of("a3", "textInput"),
        "agent": of("a2", "textInput"),
        "nps": of("01", "numberInput"),
        "csat": of("02", "numberInput"),
    }
    long, short = of("03", "numberInput"), by_question.get(EASE, {}).get("numberInput")
    return {**fields, "ces": ((1, 7), long) if long is not None else ((1, 5), short) if short is not None else None}


def _same(figures: Figures, seen: list[dict[str, Any]], *, with_people: bool) -> None:
    assert _plain(figures.total) == _recounted(seen)
    for attribute, key in (("by_day", "day"), ("by_team", "team"), ("by_agent", "agent")):
        if with_people or key == "day":
            names = {row[key] for row in seen if row[key] is not None}
            expected = {name: _recounted([row for row in seen if row[key] == name]) for name in names}
            assert {name: _plain(tally) for name, tally in getattr(figures, attribute).items()} == expected
        else:
            assert getattr(figures, attribute) == {}


def _plain(tally: Tally) -> Any:
    ces = {scale: Counter(values) for scale, values in tally.ces.items()}
    return tally.responses, Counter(tally.nps), Counter(tally.csat), ces


def _recounted(seen: list[dict[str, Any]]) -> Any:
    ces: dict[Any, Counter[int]] = {}
    for scale, value in (row["ces"] for row in seen if row["ces"]):
        ces.setdefault(scale, Counter())[value] += 1
    nps = Counter(row["nps"] for row in seen if row["nps"] is not None)
    return len(seen), nps, Counter(row["csat"] for row in seen if row["csat"] is not None), ces


def test_an_amended_answer_is_counted_as_it_is_now(platform: Platform) -> None:
    other = answer("a2", nps=3, agent="6001", team="5001")
    platform.take([answer("a1", nps=9, agent="6001", team="5001"), other])
    whole = answer("a1", nps=9, csat=5, comment="Fine", agent="6001", team="5001")
    with platform.writing() as connection:
        platform.amend(connection, "a1", {"responses": whole["responses"]})
    amended, kept = tallies_of(platform.database), row_of(platform.database, "a1")
    assert (kept.nps, kept.csat, kept.commented_at) == (9, 5, kept.responded_at)
    empty(platform.database)
    Platform(platform.database, "Asia/Taipei", "TW", ("0",)).take([whole, other])
    assert tallies_of(platform.database) == amended


def test_an_answer_of_nothing_on_a_scale_from_nothing_is_counted(platform: Platform) -> None:
    effort = {"id": EASE, "sequence": 7, "displayType": "Scale", "multiSelect": ["0-10"], "questionTags": ["CES"]}
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, [effort])
    platform._looked = 0.0
    none_at_all = answer("a1", agent="6001", team="5001")
    none_at_all["responses"].append(response(EASE, None, 0))
    platform.take([none_at_all])
    figures = platform.figures(Scope(frozenset({"5001"}), None), NOVEMBER)
    assert figures.total.ces == {(0, 10): {0: 1}}


def test_a_period_holds_its_first_and_its_last_day_and_no_other(platform: Platform) -> None:
    days = ["2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13"]
    platform.take([answer(f"a{n}", f"{day}T02:00:00Z", agent="6001", team="5001") for n, day in enumerate(days)])
    period = Period(date(2026, 11, 10), date(2026, 11, 12))
    for scope in (Scope(frozenset({"5001"}), None), Scope(None, "6001")):
        assert sorted(platform.figures(scope, period).by_day) == [date(2026, 11, day) for day in (10, 11, 12)]
