"""Texts that are kept have a bound, and so has what is shown, whatever an earlier version kept."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from experience.answers.schema import answers
from experience.api.support import bodies
from experience.api.support.errors import Malformed
from experience.dispatch.files import read_dispatch
from experience.history import transfer
from experience.history.transfer import LineFault
from experience.model import lengths
from experience.model.customer import Customer
from experience.model.errors import BadAnswer
from experience.model.period import Period
from experience.model.questions import QuestionFault
from experience.model.scope import Scope
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.questionnaires.yaml_format import DraftFault, read_draft
from experience.surveys import survey_tokens
from experience.surveys.survey_tokens import InvitationFault
from tests.experience.samples import COMMENT, answer, response, row_of

MEGABYTES = "x" * 10_000_000
LONG = "x" * (lengths.LONGEST_TEXT + 1)
DAYS = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"comment": MEGABYTES}, f"question {COMMENT}: textInput has more than 20000 characters"),
        ({"customer": LONG}, "textInput has more than"),
        ({"responses": [{**response(COMMENT), "questionText": LONG}]}, "questionText has more than"),
        ({"responses": [response("q" * 201, "x")]}, "questionId has more than 200 letters"),
        ({"responses": [response(COMMENT, "x")] * 2001}, "responses: at most 2000"),
        ({"notes": [{"note": "x" * 10_001}]}, "notes: holds one of more than 10000 characters"),
        ({"strange": MEGABYTES}, "more than 1024 KiB in all"),
    ],
)
def test_an_import_names_the_record_that_is_too_long_and_goes_on(
    sqlite_platform: Platform, fields: dict[str, Any], reason: str
) -> None:
    faults: list[LineFault] = []
    records = [answer("a1", comment="short"), answer("a2", **fields), answer("a3", comment="x" * lengths.LONGEST_TEXT)]
    done = transfer.bring_in(sqlite_platform, io.BytesIO(b"\n".join(map(orjson.dumps, records))), faults.append)
    assert (done.added, done.bad) == (2, 1)
    assert faults[0].line == 2
    assert reason in faults[0].reason and "xxx" not in faults[0].reason


def test_what_is_kept_beforehand_is_as_short(sqlite_platform: Platform) -> None:
    with pytest.raises(BadAnswer, match="textInput has more than"):
        sqlite_platform.checked("Post call survey", [response(COMMENT, LONG)])
    with pytest.raises(InvitationFault, match="at most 128 KiB"):
        survey_tokens.make(sqlite_platform.database, {"rewardCode": "x" * lengths.LARGEST_TOKEN}, "Post call survey")
    sqlite_platform.take([answer("a1", comment="short")])
    with pytest.raises(BadAnswer, match="textInput has more than"), sqlite_platform.writing() as connection:
        sqlite_platform.amend(connection, "a1", {"responses": [response(COMMENT, LONG)]})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": "x" * 5_001}, "question long: text has more than 5000 characters"),
        ({"multiSelect": ["short", "x" * 1_001]}, "question long: multiSelect holds a choice of more than"),
        ({"translated": {"de": {"text": "x" * 5_001}}}, r"question long: translated\[de\]: text has more than"),
        ({"disclaimerText": "x" * lengths.LARGEST_QUESTION}, "question long: has more than 256 KiB in all"),
    ],
)
def test_a_question_is_short_enough_to_be_shown(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(QuestionFault, match=reason):
        catalogue.check({"id": "long", **fields})


def test_files_of_questionnaires_and_dispatches_are_judged_alike() -> None:
    question = f"{{id: long, type: Text, text: {{en: {'x' * 5_001}}}}}"
    for read, text, place in (
        (read_draft, f"name: n\nquestions: [{question}]", "question long: text"),
        (read_draft, f"name: n\ndisplay_name: {'x' * 201}\nquestions: []", "display_name"),
        (read_dispatch, f"id: d\nname: {'x' * 201}\nquestionnaire_name: n\ndelivery_plan: {{}}", "name"),
    ):
        with pytest.raises(DraftFault) as refused:
            read(text)
        assert place in str(refused.value)


def test_what_an_earlier_version_kept_is_cut_where_it_is_shown(platform: Platform) -> None:
    platform.take([answer("a1", comment="short", customer="C-1", team="5001")])
    document = orjson.loads(row_of(platform.database, "a1").document)
    for kept in document["responses"]:
        kept["textInput"] = MEGABYTES if kept["questionId"] == COMMENT else kept["textInput"]
    written = orjson.dumps(document).decode()
    with platform.database.write() as connection:
        connection.execute(update(answers).values(document=written))
    (commented,) = platform.comments(Scope(frozenset({"5001"}), None), DAYS, None, 20, None).answers
    (journey,) = platform.journey(Customer("customerId", "C-1")).answers
    assert commented.comment and len(commented.comment) == lengths.LONGEST_TEXT and commented.comment.endswith("x…")
    assert sum(len(response["value"]) for response in journey.answers) <= lengths.LONGEST_TEXT
    assert platform.reread() == 0


def test_an_answer_with_many_long_texts_is_shown_up_to_a_bound(sqlite_platform: Platform) -> None:
    """Each is short enough; all together they are cut, the later ones first."""
    ids = [f"text-{number:04}" for number in range(600)]
    described = [{"id": identity, "displayType": "Text", "sequence": 50, "text": "?"} for identity in ids]
    with sqlite_platform.database.write() as connection:
        catalogue.keep(sqlite_platform.database, connection, described)
    responses = [response(identity, "y" * 1_000) for identity in ids]
    kept = answer("a1", customer="C-1")
    assert sqlite_platform.take([{**kept, "responses": [*kept["responses"], *responses]}]).added == 1
    sqlite_platform._looked = 0.0
    (shown,) = sqlite_platform.journey(Customer("customerId", "C-1")).answers
    assert len(shown.answers) == lengths.MOST_SHOWN_QUESTIONS
    assert shown.answers[0]["value"] == "y" * 1_000
    assert (
        sum(len(response["value"]) for response in shown.answers)
        <= lengths.MOST_SHOWN_TEXT + lengths.MOST_SHOWN_QUESTIONS
    )


def test_a_list_holds_what_fits_and_a_page_all_or_nothing() -> None:
    documents = ["x" * 400] * 5
    assert list(bodies.up_to(1_000, documents)) == documents[:2]
    assert list(bodies.whole(2_000, documents)) == documents
    with pytest.raises(Malformed, match="rows: these are larger than 1 KiB"):
        list(bodies.whole(1_024, documents))
