"""Tokens that end before they expire: with their user's secrets, or when their holder logs out."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Tokens that earlier versions gave out name no generation, which is this one: they end with the next secret.
    op.add_column("wxm_users", sa.Column("generation", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "ended_tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ended_tokens"),
    )
