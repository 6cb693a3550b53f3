"""What customers wrote, newest first, in one scope and over some days: a page at a time, found by index."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, and_, bindparam, or_, select, union_all

from experience.answers.schema import answers, matching
from experience.model import timestamps
from experience.model.answer import AnswerRow
from experience.model.cursors import read_cursor
from experience.model.journey import Comments, comments_page
from experience.model.period import Period
from experience.model.scope import Scope
from experience.questionnaires.catalogue import Catalogue
from foundation.db.prepared import Prepared

# No local day begins or ends further from the day in UTC.
_MARGIN = timedelta(days=2)
_OPTIONAL = frozenset({"agent", "questionnaire", "at"})


def comments(
    connection: Connection,
    catalogue: Catalogue,
    scope: Scope,
    period: Period,
    questionnaire: str | None,
    limit: int,
    before: str | None = None,
) -> Comments:
    """The newest `limit` comments older than the cursor `before`. Raises BadCursor."""
    teams = None if scope.teams is None else sorted(scope.teams)
    values = _values(teams, scope.agent, period, questionnaire) | {"limit": limit + 1}
    if before is not None:
        values |= read_cursor(before)._asdict()
    optional = frozenset(values) & _OPTIONAL
    rows = [] if scope.is_empty else _paging(optional, len(teams or ())).rows(connection, values)
    return comments_page(rows, catalogue, limit)


def _values(teams: list[str] | None, agent: str | None, period: Period, questionnaire: str | None) -> dict[str, Any]:
    """What the statement is asked with; what is not asked for is absent."""
    values: dict[str, Any] = {
        "first": timestamps.day_number(period.first),
        "last": timestamps.day_number(period.last),
        "start": _moment(period.first - _MARGIN),
        "end": _moment(period.last + _MARGIN),
    }
    values |= {f"team{place}": team for place, team in enumerate(teams or ())}
    named = {"agent": agent, "questionnaire": questionnaire}
    return values | {name: value for name, value in named.items() if value is not None}


def _moment(day: date) -> int:
    """The beginning of a day in UTC, as the tables keep moments."""
    return timestamps.to_micros(datetime(day.year, day.month, day.day, tzinfo=UTC))


@cache
def _paging(bound: frozenset[str], teams: int) -> Prepared[AnswerRow]:
    """Each team is asked by itself: an index gives the newest of one team in order, not those of several."""
    if teams <= 1:
        return Prepared(_newest(bound, "team0" if teams else None), AnswerRow)
    by_team = [select(_newest(bound, f"team{place}").subquery()) for place in range(teams)]
    united = union_all(*by_team).subquery()
    ordered = select(united).order_by(united.c.responded_at.desc(), united.c.id.desc())
    return Prepared(ordered.limit(bindparam("limit")), AnswerRow)


def _newest(bound: frozenset[str], team: str | None) -> Select[Any]:
    """The range of moments serves the index, the days are exact."""
    columns = answers.c
    statement = select(*(columns[name] for name in AnswerRow._fields)).where(
        columns.commented_at.between(bindparam("start"), bindparam("end")),
        columns.day.between(bindparam("first"), bindparam("last")),
    )
    teams: list[BindParameter[str]] | None = [bindparam(team)] if team else None
    agent: BindParameter[str] | None = bindparam("agent") if "agent" in bound else None
    statement = statement.where(*matching(columns, teams, agent))
    if "questionnaire" in bound:
        statement = statement.where(columns.questionnaire == bindparam("questionnaire"))
    if "at" in bound:
        same, earlier = columns.commented_at == bindparam("at"), columns.commented_at < bindparam("at")
        statement = statement.where(
            columns.commented_at <= bindparam("at"), or_(earlier, and_(same, columns.id < bindparam("id")))
        )
    return statement.order_by(columns.commented_at.desc(), columns.id.desc()).limit(bindparam("limit"))
