"""Calls that desktops read, who was in them, whose survey was declined, and when a customer was last asked."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TEXTS = (
    *("agent_id", "team_id", "kind", "customer_id", "email", "mobile", "language", "consent"),
    *("queue", "queue_name", "call_type", "dialled"),
)


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("cluster", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("survey", sa.String()),
        sa.Column("dispatch_id", sa.String()),
    )
    op.create_index("ix_calls_due_at", "calls", ["due_at"])
    op.create_table(
        "call_legs",
        sa.Column("cluster", sa.String(), primary_key=True),
        sa.Column("dialog_id", sa.String(), primary_key=True),
        sa.Column("person_id", sa.String(), primary_key=True),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_index("ix_call_legs_call_id", "call_legs", ["call_id"])
    op.create_table(
        "declined_surveys",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("declined_at", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
    )
    op.create_index("ix_declined_surveys_declined_at", "declined_surveys", ["declined_at"])
    op.create_table(
        "customer_rests",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_customer_rests_asked_at", "customer_rests", ["asked_at"])
