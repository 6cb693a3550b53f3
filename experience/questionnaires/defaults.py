"""The questionnaires that come with the platform; what an administrator has made of them since is left alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from experience.questionnaires import catalogue
from experience.questionnaires.yaml_format import Draft, read_draft
from foundation.db.database import Database

FOLDER = Path(__file__).parent


def seed(database: Database) -> None:
    """Bring along what is not there yet."""
    with database.read() as connection:
        known = catalogue.load(connection)
    for draft in _shipped():
        if draft.questionnaire.name not in known.questionnaires or any(
            document["id"] not in known.questions for document in draft.documents
        ):
            with database.write() as connection:
                catalogue.keep(database, connection, draft.documents, [draft.questionnaire], replace=False)


@cache
def _shipped() -> tuple[Draft, ...]:
    return tuple(read_draft(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml")))
