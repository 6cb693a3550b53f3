"""A SELECT compiled once for each database, its rows straight from the driver: in 0.7 of SQLAlchemy's time and less.

Beside SQLAlchemy's own execution (`python -m bench.sql`), a page of 20 answers takes 0.65 to 0.75 of the time on SQLite
and 0.5 to 1.0 on PostgreSQL; a token's user, which each call with a token asks for, 0.03 to 0.09 and 0.4 to 0.6. For
the hottest reads alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect

Named = TypeVar("Named", bound=NamedTuple)


class Prepared(Generic[Named]):
    """A statement, and the named tuple that its columns fill in their order."""

    def __init__(self, statement: Select[Any], row: type[Named]) -> None:
        self._statement = statement
        self._row = row
        self._compiled = cache(self._compile)

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Named]:
        """All rows, for these values of the statement's parameters."""
        text, names, constants = self._compiled(connection.dialect)
        all_values = {**constants, **values}
        driver: Any = connection.connection.driver_connection
        cursor = driver.execute(text, [all_values[name] for name in names] if names else all_values)
        return [self._row._make(row) for row in cursor.fetchall()]

    def _compile(self, dialect: Dialect) -> tuple[str, list[str] | None, Mapping[str, Any]]:
        """The text, the order of its parameters where the driver takes them by place, and those that stand in it."""
        compiled: Any = self._statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        return str(compiled), compiled.positiontup, compiled.params
