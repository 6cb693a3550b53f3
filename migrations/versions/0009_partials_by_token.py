"""Partial surveys by their token, the open and the completed, in the order of their last change."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partials", sa.Column("token", sa.String()))
    op.add_column("partials", sa.Column("followed", sa.Boolean()))
    # An id is 32 hex digits, a dash and the token; the other tables' moments are in microseconds, too.
    op.execute("UPDATE partials SET token = substr(id, 34), followed = completed, changed_at = changed_at * 1000000")
    with op.batch_alter_table("partials") as changing:
        changing.alter_column("token", existing_type=sa.String(), nullable=False)
        changing.alter_column("followed", existing_type=sa.Boolean(), nullable=False)
    op.create_index("ix_partials_token_completed_changed_at", "partials", ["token", "completed", "changed_at"])
    op.drop_table("completed_partials")
