"""Questions that came, or changed, after the answers: the answers are read anew, a few hundred a transaction.

The holder of the transaction gets what changed, and counts it there.
"""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update

from experience.answers import past
from experience.answers.parse import Reader, Row
from experience.answers.schema import answers
from experience.meta import meta
from experience.model.errors import BadAnswer

STEP = 500
# Left in `meta` by a migration after which the answers that are there must be read anew.
DUE = meta.c.name == "reread"
_PAGE = select(answers).where(answers.c.id > bindparam("last")).order_by(answers.c.id).limit(STEP).with_for_update()
_MOVING = (
    update(answers)
    .where(answers.c.id == bindparam("known"))
    .values({column.name: bindparam(f"new_{column.name}") for column in answers.columns if not column.primary_key})
)

# What an answer was, and what it is now.
Change = tuple[Row, Row]


def rescore_batch(connection: Connection, reader: Reader, last: str) -> tuple[str | None, list[Change]]:
    """Read the answers behind the id `last` anew; says the id to go on with, None at the end, and what changed."""
    kept: list[Row] = [dict(row._mapping) for row in connection.execute(_PAGE, {"last": last})]
    changes = [change for row in kept if (change := _change(reader, row))]
    if changes:
        connection.execute(_MOVING, [_moved(new) for _, new in changes])
    return (kept[-1]["id"] if kept else None), changes


def replace(connection: Connection, reader: Reader, identity: str, changes: dict[str, Any]) -> Change:
    """Give a kept answer other fields; says what changed. Raises BadAnswer."""
    kept: Row = dict(
        connection.execute(select(answers).where(answers.c.id == identity).with_for_update()).one()._mapping
    )
    new = reader.read({**orjson.loads(kept["document"]), **changes})
    connection.execute(_MOVING, [_moved(new)])
    return kept, new


def is_due(connection: Connection) -> bool:
    """Whether a migration left the answers to be read anew."""
    return connection.execute(select(meta.c.value).where(DUE)).first() is not None


def done(connection: Connection) -> None:
    """All answers are as the columns want them."""
    connection.execute(delete(meta).where(DUE))


def _change(reader: Reader, old: Row) -> Change | None:
    """What was and what is now, where they differ. An answer that no longer fits its questions stays as it was."""
    try:
        new = past.read(reader, orjson.loads(old["document"]), old)
    except BadAnswer:
        return None
    return None if new == old else (old, new)


def _moved(new: Row) -> dict[str, Any]:
    return {"known": new["id"], **{f"new_{name}": value for name, value in new.items() if name != "id"}}
