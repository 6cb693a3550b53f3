"""Who was invited by a deferred survey and what became of it, counted by the day of delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invited",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invited"),
    )
    op.create_table(
        "invitation_tallies",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("team_id", "day", "agent_id", "questionnaire", "outcome"), name="pk_invitation_tallies"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_invitation_tallies_agent",
        "invitation_tallies",
        ["agent_id", "day", "team_id", "questionnaire", "outcome", "count"],
    )
