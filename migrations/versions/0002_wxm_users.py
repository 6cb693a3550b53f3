"""WxM users, invitations, and the order in which answers came."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    users()
    invitations()
    arrival()


def users() -> None:
    op.create_table(
        "wxm_users",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        *(sa.Column(name, sa.String()) for name in ("password_hash", "key_hash", "key_salt")),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_wxm_users"),
    )


def invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("valid_till", sa.BigInteger()),
        sa.Column("uses_left", sa.Integer()),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
    )


def arrival() -> None:
    """SQLite numbers rows as they come, in `rowid`; PostgreSQL is told to."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE answers ADD COLUMN rowid BIGINT GENERATED ALWAYS AS IDENTITY")
        op.execute("CREATE UNIQUE INDEX ix_answers_rowid ON answers (rowid)")
