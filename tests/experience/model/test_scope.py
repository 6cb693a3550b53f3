"""Whose answers: one rule, said in Python and in SQL, and both say the same of any scope and any answer."""

from __future__ import annotations

from datetime import UTC, date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from experience.answers.parse import Reader
from experience.answers.schema import answers, conditions
from experience.figures import tallies
from experience.model.period import Period
from experience.model.scope import NOBODY, Scope
from experience.platform import Platform
from foundation.db.database import Database
from tests.experience.samples import answer
from tests.support.databases import empty

TODAY = Period(date(2026, 11, 20), date(2026, 11, 20))
# One is the beginning of another, two differ in case alone, and one would end a statement that was not bound.
NAMES = ("5001", "50010", "a", "A", "隊", " ", "x') OR 1=1 --")
WRITTEN = st.sampled_from((*NAMES, None, ""))
SCOPES = st.builds(
    Scope, st.frozensets(st.sampled_from(NAMES), max_size=4), st.none() | st.sampled_from(NAMES)
) | st.builds(Scope, st.none(), st.sampled_from(NAMES))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(st.tuples(WRITTEN, WRITTEN), max_size=20), scopes=st.lists(SCOPES, min_size=1, max_size=6))
def test_sql_and_python_say_the_same_of_any_scope_and_any_answer(
    database: Database, people: list[tuple[str | None, str | None]], scopes: list[Scope]
) -> None:
    empty(database)
    platform = Platform(database)
    written = Reader(platform.catalogue, UTC).read(answer("a", "2026-11-20T09:00:00Z", comment="words"))
    rows = [{**written, "id": f"a{n:02}", "team_id": team, "agent_id": agent} for n, (team, agent) in enumerate(people)]
    with database.write() as connection:
        for row in rows:
            connection.execute(insert(answers).values(row))
        tallies.add(connection, rows)
    for scope in scopes:
        theirs = {row["id"] for row in rows if scope.holds(row["team_id"], row["agent_id"])}
        with database.read() as connection:
            assert set(connection.execute(select(answers.c.id).where(*conditions(scope))).scalars()) == theirs
        assert {shown.id for shown in platform.comments(scope, TODAY, None, 100, None).answers} == theirs
        assert platform.figures(scope, TODAY).total.responses == len(theirs)


@pytest.mark.parametrize(
    ("scope", "team", "agent", "held"),
    [
        (Scope(frozenset({"5001"}), None), "5001", "6001", True),
        (Scope(frozenset({"5001"}), None), "5001", None, True),
        (Scope(frozenset({"5001"}), None), "5002", "6001", False),
        (Scope(frozenset({"5001"}), None), None, "6001", False),
        (Scope(None, "6001"), "5002", "6001", True),
        (Scope(None, "6001"), None, "6001", True),
        (Scope(None, "6001"), "5001", "6002", False),
        (Scope(None, "6001"), "5001", None, False),
        (Scope(None, "6001"), "5001", "", False),
        (Scope(frozenset({"5001"}), "6001"), "5001", "6001", True),
        (Scope(frozenset({"5001"}), "6001"), "5001", "6002", False),
        (Scope(frozenset({"5001"}), "6001"), "5002", "6001", False),
        (NOBODY, "5001", "6001", False),
        (NOBODY, None, None, False),
    ],
)
def test_a_scope_holds_the_answers_that_carry_its_team_and_its_agent(
    scope: Scope, team: str | None, agent: str | None, held: bool
) -> None:
    assert scope.holds(team, agent) is held
    assert not (held and scope.is_empty)
