"""A SELECT that is compiled once for each database, its rows straight from the driver: for the hottest reads alone.

SQLAlchemy's own execution costs about as much again as SQLite needs to find a customer's answers.
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
