"""Answers by the moment at which they were given: a day up to an hour is counted without reading all."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_answers_responded_at", "answers", ["responded_at"])
