"""Questionnaires, answers and their tallies, and the directory of people and teams."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    questionnaires()
    answers()
    tallies()
    directory()


def questionnaires() -> None:
    op.create_table(
        "questionnaires",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("hash_pii_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_questionnaires"),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )


def answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("responded_at", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String()) for name in ("customer_id", "email", "mobile")),
        *(sa.Column(name, sa.String()) for name in ("agent_id", "team_id", "channel")),
        *(sa.Column(name, sa.Integer()) for name in ("nps", "csat", "ces", "ces_low", "ces_high")),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
    )
    for person in ("customer_id", "mobile", "email"):
        some = sa.text(f"{person} IS NOT NULL")
        op.create_index(
            f"ix_answers_{person}",
            "answers",
            [person, "responded_at"],
            sqlite_where=some,
            postgresql_where=some,
        )


def tallies() -> None:
    op.create_table(
        "agent_tallies",
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        *counted(),
        sa.PrimaryKeyConstraint(
            "agent_id", "day", "team_id", "questionnaire", "metric", "low", "high", "value", name="pk_agent_tallies"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_agent_tallies_team",
        "agent_tallies",
        ["team_id", "day", "agent_id", "questionnaire", "metric", "low", "high", "value", "count"],
    )
    op.create_table(
        "team_tallies",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        *counted(),
        sa.PrimaryKeyConstraint(
            "team_id", "day", "questionnaire", "metric", "low", "high", "value", name="pk_team_tallies"
        ),
        sqlite_with_rowid=False,
    )


def counted() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
    ]


def directory() -> None:
    op.create_table(
        "people",
        sa.Column("cluster", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("login_name", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *(sa.Column(name, sa.String()) for name in ("agent_id", "team_id", "team_name")),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cluster", "user_id", name="pk_people"),
    )
    op.create_index("ix_people_agent_id", "people", ["agent_id"])
    op.create_table(
        "teams",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name="pk_teams"),
    )
