"""The questionnaires that come with the platform; what an administrator has made of them since is left alone."""

from __future__ import annotations

from pathlib import Path

from experience import questionnaires
from experience.drafts import read_draft
from foundation.db.database import Database

FOLDER = Path(__file__).parent / "questionnaires"


def seed(database: Database) -> None:
    """Bring along what is not there yet."""
    drafts = [read_draft(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))]
    with database.read() as connection:
        known = questionnaires.load(connection)
    for draft in drafts:
        if draft.questionnaire.name not in known.questionnaires or any(
            document["id"] not in known.questions for document in draft.documents
        ):
            with database.write() as connection:
                questionnaires.keep(database, connection, draft.documents, [draft.questionnaire], replace=False)
