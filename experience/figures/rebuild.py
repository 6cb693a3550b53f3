"""Days are days in TIME_ZONE: when it changes, the day of every answer and all tallies are made anew.

The time zone of the tallies is kept beside them. Whoever counts checks it in the same transaction and holds it still
until the commit, so that no answer is ever counted on a day of another time zone.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)

from experience.answers.schema import answers
from experience.figures import invited
from experience.figures.schema import agent_tallies, team_tallies
from experience.meta import meta
from experience.model import timestamps
from experience.model.figures import RESPONSES
from experience.model.scores import CSAT_SCALE, NPS_SCALE
from foundation.db.database import Database
from foundation.db.deadlines import UNLIMITED

TIME_ZONE = "time_zone"
STEP = 2000
_KEPT = select(meta.c.value).where(meta.c.name == TIME_ZONE)
# Written out: PostgreSQL takes two parameters for two expressions, even where both are empty.
_NONE = literal_column("''", String)
_SHARED = _KEPT.with_for_update(read=True)


class TimeZoneChanged(RuntimeError):
    """Another process has moved the days to another time zone; this one must be started anew with that."""


def check(connection: Connection, time_zone: str) -> None:
    """Hold the time zone of the tallies still until the commit. Raises TimeZoneChanged where it is another."""
    kept = connection.execute(_SHARED).scalar()
    if kept != time_zone:
        raise TimeZoneChanged(f"answers are counted by days of {kept}, not {time_zone}: start anew with one TIME_ZONE")


def current(database: Database) -> str | None:
    """The time zone of the days and tallies that are kept; None before the first start."""
    with database.read() as connection:
        version: str | None = connection.execute(_KEPT).scalar()
    return version


def into(database: Database, time_zone: str) -> bool:
    """Bring days and tallies into a time zone; says whether there was anything to do. All of it in one transaction."""
    if current(database) == time_zone:
        return False
    with database.write(UNLIMITED) as connection:
        first = database.dialect_insert(meta).values(name=TIME_ZONE, value=time_zone).on_conflict_do_nothing()
        made = connection.execute(first.returning(meta.c.value)).scalar()
        if made or connection.execute(_KEPT.with_for_update()).scalar() == time_zone:
            return False
        _move_days(connection, ZoneInfo(time_zone))
        recount(connection)
        invited.recount(connection, ZoneInfo(time_zone))
        connection.execute(update(meta).where(meta.c.name == TIME_ZONE).values(value=time_zone))
    return True


def recount(connection: Connection) -> None:
    """Make all tallies anew from the answers; the database does it, whatever their number."""
    for table in (agent_tallies, team_tallies):
        connection.execute(delete(table))
        for counting in _countings(table):
            connection.execute(insert(table).from_select([column.name for column in table.columns], counting))


def _move_days(connection: Connection, zone: ZoneInfo) -> None:
    columns = answers.c
    page = select(columns.id, columns.responded_at, columns.day).order_by(columns.id).limit(STEP)
    moving = update(answers).where(columns.id == bindparam("moved")).values(day=bindparam("to"))
    last = ""
    while rows := connection.execute(page.where(columns.id > last)).all():
        days = [(row.id, _day(row.responded_at, zone), row.day) for row in rows]
        moved = [{"moved": identity, "to": day} for identity, day, kept in days if day != kept]
        if moved:
            connection.execute(moving, moved)
        last = rows[-1].id


def _day(microseconds: int, zone: ZoneInfo) -> int:
    return timestamps.day_number(timestamps.moment(microseconds).astimezone(zone).date())


def _countings(table: Table) -> list[Select[Any]]:
    """What goes into a tally table, a SELECT for each metric, in the order of its columns."""
    columns = answers.c
    nothing = literal(0)
    return [
        _counting(table, RESPONSES, (nothing, nothing), nothing),
        _counting(table, "nps", (literal(NPS_SCALE[0]), literal(NPS_SCALE[1])), columns.nps),
        _counting(table, "csat", (literal(CSAT_SCALE[0]), literal(CSAT_SCALE[1])), columns.csat),
        _counting(table, "ces", (columns.ces_low, columns.ces_high), columns.ces),
    ]


def _counting(
    table: Table, metric: str, scale: tuple[ColumnElement[int], ColumnElement[int]], value: ColumnElement[int]
) -> Select[Any]:
    columns = answers.c
    selected: dict[str, ColumnElement[Any]] = {
        "agent_id": func.coalesce(columns.agent_id, _NONE),
        "team_id": func.coalesce(columns.team_id, _NONE),
        "day": columns.day,
        "questionnaire": columns.questionnaire,
        "metric": literal(metric),
        "low": scale[0],
        "high": scale[1],
        "value": value,
        "count": func.count(),
    }
    grouped = [selected[name] for name in ("team_id", "day", "questionnaire")]
    if "agent_id" in table.c:
        grouped.append(selected["agent_id"])
    if metric == "ces":
        grouped += scale
    if metric != RESPONSES:
        grouped.append(value)
    counting = select(*(selected[column.name] for column in table.columns)).group_by(*grouped)
    return counting.where(value.is_not(None)) if metric != RESPONSES else counting
