"""Which agent ids of the directory an import said: the next import may mend them, and those of Finesse it may not."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("agent_id_imported", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Who said those that are there nobody knows any more, but where it is the login id, as on UCCX. An import may mend
    # them; what Finesse says, the next sign-in says again.
    op.execute("UPDATE people SET agent_id_imported = true WHERE agent_id IS NOT NULL AND agent_id <> user_id")
