"""Which answers hold a comment, to be read newest first by team and by agent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("commented_at", sa.BigInteger()))
    some = sa.text("commented_at IS NOT NULL")
    for name, first, other in (("team", "team_id", "agent_id"), ("agent", "agent_id", "team_id")):
        columns = [first, "commented_at", "id", other, "day", "questionnaire"]
        op.create_index(f"ix_answers_{name}_comments", "answers", columns, sqlite_where=some, postgresql_where=some)
    # What a comment is, the questions say: the platform reads the answers that are there anew at its next start.
    op.execute("INSERT INTO meta (name, value) SELECT 'reread', 'comments' WHERE EXISTS (SELECT 1 FROM answers)")
