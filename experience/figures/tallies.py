"""Counts per day, team, agent, questionnaire, metric, scale and value, and their sums per day and team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, func, select

from experience.answers.schema import matching
from experience.figures.schema import agent_tallies, team_tallies
from experience.model.figures import RESPONSES, Figures, Tally
from experience.model.period import Period
from experience.model.scope import Scope
from experience.model.scores import CSAT_SCALE, NPS_SCALE
from experience.model.timestamps import day_number, day_of
from foundation.db import bulk


def figures(
    connection: Connection,
    scope: Scope,
    period: Period,
    questionnaire: str | None = None,
    *,
    trend: bool = True,
) -> Figures:
    """Count a scope. Without `trend`, `by_day` stays empty.

    `by_team` and `by_agent` are empty where `scope.teams` is None (an agent's own figures).
    """
    query = _Query(connection, scope, period, questionnaire)
    days = {day_of(day): tally for day, tally in query.by("day").items()} if trend else {}
    if scope.teams is None:
        total = _sum(days.values()) if trend else _sum(query.by("agent_id").values())
        return Figures(total, days, {}, {})
    teams = query.by("team_id")
    agents = query.by("agent_id")
    agents.pop("", None)
    return Figures(_sum(teams.values()), days, teams, agents)


def add(connection: Connection, rows: Iterable[Mapping[str, Any]], weight: int = 1) -> None:
    """Count rows of the table `answers`, in the transaction that stored them; `weight` is -1 to count them no more."""
    agents: Counter[tuple[Any, ...]] = Counter()
    teams: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        agent, team, day, questionnaire = row["agent_id"] or "", row["team_id"] or "", row["day"], row["questionnaire"]
        for counted in metrics(row):
            agents[agent, day, team, questionnaire, *counted] += weight
            teams[team, day, questionnaire, *counted] += weight
    for table, counts in ((agent_tallies, agents), (team_tallies, teams)):
        bulk.add_counts(connection, table, [(*key, count) for key, count in sorted(counts.items())])


def move(connection: Connection, changes: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Count rows as they are now, no more as they were; each change is (was, is)."""
    add(connection, [old for old, _ in changes], -1)
    add(connection, [new for _, new in changes])


def drop_zero_counts(connection: Connection) -> None:
    """Forget what is counted no more."""
    for table in (agent_tallies, team_tallies):
        connection.execute(delete(table).where(table.c["count"] == 0))


def metrics(row: Mapping[Any, Any]) -> list[tuple[str, int, int, int]]:
    """What an answer counts in: metric, scale and value of each."""
    scores = [(RESPONSES, 0, 0, 0)]
    if row["nps"] is not None:
        scores.append(("nps", *NPS_SCALE, row["nps"]))
    if row["csat"] is not None:
        scores.append(("csat", *CSAT_SCALE, row["csat"]))
    if row["ces"] is not None:
        scores.append(("ces", row["ces_low"], row["ces_high"], row["ces"]))
    return scores


class _Query:
    """One question to the tallies, answered along several keys."""

    def __init__(self, connection: Connection, scope: Scope, period: Period, questionnaire: str | None) -> None:
        self._connection = connection
        self._values: dict[str, Any] = {"start": day_number(period.first), "end": day_number(period.last)}
        if scope.teams is not None:
            self._values["teams"] = sorted(scope.teams)
        if scope.agent:
            self._values["agent"] = scope.agent
        if questionnaire is not None:
            self._values["questionnaire"] = questionnaire

    def by(self, key: str) -> dict[Any, Tally]:
        """A tally for each value of a column."""
        statement = _counting(key, frozenset(self._values))
        return _tallied(self._connection.execute(statement, self._values))


@cache
def _counting(key: str, bound: frozenset[str]) -> Select[Any]:
    """The SELECT for one key and set of conditions; the per-team sums serve where no agent is asked for or about."""
    table = agent_tallies if "agent" in bound or "teams" not in bound or key == "agent_id" else team_tallies
    columns = table.c
    grouped = [columns[name] for name in (key, "metric", "low", "high", "value")]
    statement = select(*grouped, func.sum(columns["count"])).group_by(*grouped)
    statement = statement.where(columns.day.between(bindparam("start"), bindparam("end")))
    teams: BindParameter[Any] | None = bindparam("teams", expanding=True) if "teams" in bound else None
    agent: BindParameter[str] | None = bindparam("agent") if "agent" in bound else None
    statement = statement.where(*matching(columns, teams, agent))
    if "questionnaire" in bound:
        statement = statement.where(columns.questionnaire == bindparam("questionnaire"))
    return statement


def _tallied(rows: Iterable[Any]) -> dict[Any, Tally]:
    tallies: dict[Any, Tally] = {}
    for key, metric, low, high, value, count in rows:
        tally = tallies.get(key)
        if tally is None:
            tally = tallies[key] = Tally()
        tally.add(metric, (low, high), value, count)
    return tallies


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.include(tally)
    return total
