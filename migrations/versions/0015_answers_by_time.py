"""Answers of a team or an agent by time: a day up to a moment is counted without reading what others were given."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for whose in ("team_id", "agent_id"):
        op.create_index(f"ix_answers_{whose}_responded_at", "answers", [whose, "responded_at"])
