"""What a questionnaire's file says of its survey page: it is kept, comes out again, and cannot harm a customer."""

import base64
from pathlib import Path

import pytest

from experience.questionnaires import catalogue
from experience.questionnaires.page_settings import LARGEST_LOGO
from experience.questionnaires.yaml_format import DraftFault, read_draft, write_draft
from foundation.db.database import Database

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII=")
FILE = """
name: Branch
page:
  logo: logo.png
  one_question_a_page: true
  welcome_text: {en: Hello, zh-tw: 您好}
  redirect_on_submit: https://bora.com/thanks
questions: [{id: q, type: Text, text: {en: "What?"}}]
"""


def test_words_and_logo_are_kept_and_exported(database: Database, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    draft = read_draft(FILE, tmp_path)
    with database.write() as connection:
        catalogue.keep(database, connection, draft.documents, [draft.questionnaire])
    with database.read() as connection:
        kept = catalogue.load(connection).questionnaires["Branch"]
    assert kept == draft.questionnaire
    assert kept.page.welcome_text == {"en": "Hello", "zh-tw": "您好"}
    assert read_draft(write_draft(draft)) == draft


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://bora.com/thanks", "javascript:alert(1)"),
        ("https://bora.com/thanks", "http://bora.com"),
        ("https://bora.com/thanks", "https://me:word@bora.com"),
        ("logo.png", "../secret.key"),
        ("logo.png", "data:image/svg+xml;base64,PHN2Zy8+"),
        ("logo.png", "nowhere.png"),
        ("logo.png", "large.png"),
        ("one_question_a_page", "one_question"),
    ],
)
def test_what_could_harm_or_cannot_be_shown_is_refused_by_its_place(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    (tmp_path / "large.png").write_bytes(PNG + bytes(LARGEST_LOGO))
    with pytest.raises(DraftFault, match=r"^page\.\w+: "):
        read_draft(FILE.replace(old, new), tmp_path)
