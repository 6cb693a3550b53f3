"""How the survey page of a questionnaire looks."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("questionnaires", sa.Column("page", sa.Text, nullable=False, server_default="{}"))
