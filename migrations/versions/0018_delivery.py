"""Who waits for a survey becomes a recipient who is kept; the outbox, who has unsubscribed, who was asked when."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEEP = """
INSERT INTO recipients (id, dispatch_id, batch_id, accepted_at, email, mobile)
SELECT id, dispatch_id, batch_id, accepted_at, email, mobile FROM waiting"""
# Accepted by a version that delivered nothing: an administrator says whether they are still to be asked.
HOLD = """
INSERT INTO outbox (id, dispatch_id, channel, sequence, due_at, tries, state, reason)
SELECT id, dispatch_id, CASE WHEN email IS NULL THEN 'sms' ELSE 'email' END, 0, accepted_at, 0, 'held',
       'accepted before messages could be sent'
FROM waiting"""


def upgrade() -> None:
    op.create_table(
        "recipients",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dispatch_id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("mobile", sa.String(), nullable=True),
        sa.Column("context", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recipients"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dispatch_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.execute(KEEP)
    op.execute(HOLD)
    op.drop_table("waiting")
    op.create_index("ix_recipients_accepted_at", "recipients", ["accepted_at"])
    op.create_index("ix_outbox_channel_state_due_at", "outbox", ["channel", "state", "due_at"])
    _policy()


def _policy() -> None:
    op.create_table(
        "unsubscribed",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unsubscribed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unsubscribed"),
    )
    op.create_table(
        "contacted",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("contacted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contacted"),
    )
    op.create_index("ix_contacted_contacted_at", "contacted", ["contacted_at"])
    op.create_table(
        "delivery_pace",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_delivery_pace"),
    )
