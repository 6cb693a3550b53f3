"""From when on an invitation may be answered."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INVITATIONS = sa.table("invitations", sa.column("id"), sa.column("document"), sa.column("valid_after"))


def upgrade() -> None:
    op.add_column("invitations", sa.Column("valid_after", sa.BigInteger()))
    columns = _INVITATIONS.c
    saying = sa.select(columns.id, columns.document).where(columns.document.contains('"validAfter":"'))
    for identity, document in op.get_bind().execute(saying).all():
        changing = sa.update(_INVITATIONS).where(columns.id == identity)
        op.execute(changing.values(valid_after=_microseconds(json.loads(document).get("validAfter"))))


def _microseconds(told: object) -> int | None:
    """What was kept as it came, where it is a time."""
    try:
        found = datetime.fromisoformat(told if isinstance(told, str) else "")
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        return None
