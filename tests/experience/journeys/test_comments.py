"""What customers wrote is found by index, also of answers that were there before comments were."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text, update

from experience.answers.schema import answers
from experience.journeys.comments import _paging
from experience.meta import meta
from experience.model.journey import Comments
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from foundation.db.database import Database
from tests.experience.samples import answer

DAYS = Period(date(2026, 11, 1), date(2026, 11, 30))
TEAMS = frozenset({"5001", "5002", "5003"})


def comments_of(platform: Platform, scope: Scope, questionnaire: str | None = None, limit: int = 20) -> Comments:
    return platform.comments(scope, DAYS, questionnaire, limit, None)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(TEAMS, None),
        Scope(frozenset({"5001"}), None),
        Scope(frozenset({"5001"}), "6001"),
        Scope(TEAMS, "6001"),
        Scope(None, "6001"),
    ],
)
def test_an_index_leads_to_the_newest(database: Database, platform: Platform, scope: Scope) -> None:
    rows = [answer(f"a{n:04}", team=f"500{n % 5}", agent=f"600{n % 7}", comment=f"c{n}") for n in range(1, 1_500)]
    platform.take([*rows, *(answer(f"b{n:04}", team="5001", agent="6001") for n in range(1_500))])
    assert len(comments_of(platform, scope).answers) == 20
    plan = _plan(database, scope)
    assert "_comments" in plan
    assert "Seq Scan" not in plan
    assert "SCAN answers" not in plan


def _plan(database: Database, scope: Scope) -> str:
    """How the database goes about it, in its own words."""
    bound = frozenset({"agent"} if scope.agent else ())
    statement = _paging(bound, len(scope.teams or ()))._statement
    names = {"start": 0, "end": 2**60, "first": 0, "last": 20300101, "limit": 21, "agent": scope.agent}
    names |= {f"team{place}": team for place, team in enumerate(sorted(scope.teams or ()))}
    with database.write() as connection:
        connection.execute(text("ANALYZE"))
        compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
        values = {**compiled.params, **names}
        explain = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"
        bound_values = [values[name] for name in compiled.positiontup] if compiled.positiontup else values
        return str(
            connection.exec_driver_sql(
                f"{explain} {compiled}", tuple(bound_values) if compiled.positiontup else bound_values
            ).all()
        )


def test_answers_from_before_are_read_anew_at_the_next_start(database: Database, platform: Platform) -> None:
    platform.take([answer("a", team="5001", comment="很好"), answer("b", team="5001")])
    with database.write() as connection:
        connection.execute(update(answers).values(commented_at=None))
        connection.execute(insert(meta).values(name="reread", value="comments"))
    scope = Scope(frozenset({"5001"}), None)
    assert comments_of(platform, scope).answers == []
    started = Platform(database, "Asia/Taipei", "TW", ("0",))
    assert [shown_answer.comment for shown_answer in comments_of(started, scope).answers] == ["很好"]
    assert not [1 for shown_answer in comments_of(started, scope).answers if shown_answer.id == "b"]


def test_so_many_teams_as_a_supervisor_may_have(platform: Platform) -> None:
    teams = [f"t{number}" for number in range(60)]
    platform.take(answer(f"a{team}", team=team, comment=team) for team in teams)
    assert len(comments_of(platform, Scope(frozenset(teams), None), limit=100).answers) == 60


def test_a_questionnaire_narrows(platform: Platform) -> None:
    platform.take(
        [answer("a", team="5001", comment="x"), answer("b", team="5001", comment="y", locationId="Chat survey")]
    )
    scope = Scope(frozenset({"5001"}), None)
    assert [shown_answer.id for shown_answer in comments_of(platform, scope, "Chat survey").answers] == ["b"]
    assert {shown_answer.id for shown_answer in comments_of(platform, scope).answers} == {"a", "b"}


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati"])
def test_a_day_of_comments_is_a_whole_local_day_in_every_time_zone(database: Database, zone: str) -> None:
    platform, local = Platform(database, zone), ZoneInfo(zone)
    moments = {
        "before": datetime(2026, 11, 19, 23, 59, 59, tzinfo=local),
        "first": datetime(2026, 11, 20, tzinfo=local),
        "last": datetime(2026, 11, 20, 23, 59, 59, tzinfo=local),
        "after": datetime(2026, 11, 21, tzinfo=local),
    }
    for name, moment in moments.items():
        at = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        platform.take([answer(name, at, team="5001", agent="6001", comment=name)])
    day = Period(date(2026, 11, 20), date(2026, 11, 20))
    for scope in (Scope(frozenset({"5001"}), None), Scope(None, "6001"), Scope(TEAMS, None)):
        shown = platform.comments(scope, day, None, 20, None).answers
        assert [comment.id for comment in shown] == ["last", "first"]


def test_pages_of_comments_of_one_moment_show_each_once(platform: Platform) -> None:
    platform.take([answer(f"a{n}", team=f"500{1 + n % 2}", comment="x") for n in range(5)])
    shown: list[str] = []
    page = comments_of(platform, Scope(TEAMS, None), limit=2)
    while True:
        shown += [comment.id for comment in page.answers]
        if page.next is None:
            break
        page = platform.comments(Scope(TEAMS, None), DAYS, None, 2, page.next)
    assert shown == ["a4", "a3", "a2", "a1", "a0"]
