"""Customer ids in their one form: null, 0 and n/a are no customer, and letters are composed."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The platform reads the answers that are there anew at its next start.
    op.execute(
        "INSERT INTO meta (name, value) SELECT 'reread', 'customer ids' WHERE EXISTS (SELECT 1 FROM answers) "
        "AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'reread')"
    )
