"""Counts of a day up to a moment: of the answers themselves, for tallies know whole days."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from experience.answers.schema import answers, conditions
from experience.figures.tallies import metrics
from experience.model.figures import Figures, Tally
from experience.model.scope import Scope
from experience.model.timestamps import day_number, to_micros

# A day has an hour more where clocks are set back.
LONGEST_DAY = timedelta(hours=25)


def figures(connection: Connection, scope: Scope, until: datetime, questionnaire: str | None) -> Figures:
    """Count a scope over the local day of `until`, up to it; nothing by day, and by team and agent as tallies do."""
    columns = answers.c
    counted = [columns[name] for name in ("team_id", "agent_id", "nps", "csat", "ces", "ces_low", "ces_high")]
    statement = select(*counted, func.count().label("answers")).group_by(*counted)
    statement = statement.where(columns.responded_at >= to_micros(until - LONGEST_DAY))
    statement = statement.where(columns.responded_at < to_micros(until), columns.day == day_number(until.date()))
    if questionnaire is not None:
        statement = statement.where(columns.questionnaire == questionnaire)
    total, teams, agents = Tally(), defaultdict[str, Tally](Tally), defaultdict[str, Tally](Tally)
    for row in connection.execute(statement.where(*conditions(scope))).mappings():
        for metric, low, high, value in metrics(row):
            for tally in (total, teams[row["team_id"] or ""], agents[row["agent_id"] or ""]):
                tally.add(metric, (low, high), value, row["answers"])
    agents.pop("", None)
    return Figures(total, {}, {}, {}) if scope.teams is None else Figures(total, {}, dict(teams), dict(agents))
