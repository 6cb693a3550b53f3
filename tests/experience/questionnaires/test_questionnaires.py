"""Questionnaires from YAML and from WxM: read, kept, written again, faults named."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.questionnaire import command
from experience.model.questions import QuestionFault, read_question
from experience.platform import Platform
from experience.questionnaires import catalogue, defaults
from experience.questionnaires.yaml_format import Draft, DraftFault, read_draft, write_draft
from foundation.db.database import Database
from tests.experience.samples import NPS, answer, row_of

SHIPPED = (defaults.FOLDER / "post_call_survey.yaml").read_text("utf-8")


def _question(**fields: Any) -> Any:
    return read_question({"id": "aaaa", **fields})


def test_the_shipped_questionnaire_is_there_at_the_start_and_once(database: Database) -> None:
    for _ in range(2):
        Platform(database)
        with database.read() as connection:
            documents = catalogue.documents(connection, "Post call survey")
    assert len(documents) == 10
    assert documents[0]["translated"]["zh-tw"]["text"] == "您有多大可能推薦我們？"
    assert documents[0]["multiSelect"] == ["0;Not at all likely-10;Extremely likely"]
    tags = [tag for document in documents for tag in document["questionTags"]]
    assert tags[4:] == ["cc_CustomerId", "cc_AgentId", "cc_TeamId", "Mobile", "Email", "cc_language"]


def test_what_an_administrator_changed_is_left_alone(database: Database) -> None:
    Platform(database)
    with database.write() as connection:
        (document, *_) = catalogue.documents(connection)
        catalogue.keep(database, connection, [{**document, "text": "Changed?"}])
    assert Platform(database).catalogue.questions[NPS].text == "Changed?"


def test_a_change_is_seen_by_another_process_at_its_next_answer(database: Database, url: str) -> None:
    platform = Platform(database)
    other = Database(url)
    document = {"id": "new1", "displayType": "Scale", "multiSelect": ["0-10"], "questionTags": ["NPS"]}
    with other.write() as connection:
        catalogue.keep(other, connection, [document])
    other.close()
    sent = answer("a1")
    sent["responses"].append({"questionId": "new1", "numberInput": 8})
    platform.take([sent])
    assert row_of(database, "a1").nps == 8


def test_a_change_is_seen_by_readers_within_seconds(sqlite_platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "new1" not in sqlite_platform.catalogue.questions
    with sqlite_platform.database.write() as connection:
        catalogue.keep(sqlite_platform.database, connection, [{"id": "new1", "text": "?"}])
    later = time.monotonic() + 6
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert "new1" in sqlite_platform.catalogue.questions


def test_keeping_the_same_again_is_no_change(sqlite_platform: Platform) -> None:
    database = sqlite_platform.database
    with database.write() as connection:
        before = catalogue.version(connection)
        catalogue.keep(database, connection, catalogue.documents(connection))
        assert catalogue.version(connection) == before


@pytest.mark.parametrize(
    ("tags", "kind", "choices", "metric", "scale"),
    [
        (["NPS"], "Scale", ["0;Unlikely-10;Very likely"], "nps", (0, 10)),
        (["nps"], "Scale", [], "nps", (0, 10)),
        (["CSAT"], "Star-5", [], "csat", (1, 5)),
        (["Csat_Agreement_5"], "Smile-5", ["1-5"], "csat", (1, 5)),
        (["CES_EFFORT_7"], "Slider", ["1;High-effort-7;Low"], "ces", (1, 7)),
        (["ces_agree_5"], "Scale", ["1-5"], "ces", (1, 5)),
        (["CES"], "Scale", ["1-7"], "ces", (1, 7)),
        (["CES", "ces_agree_7"], "Scale", [], "ces", (1, 7)),
        (["CES"], "Star-5", [], "ces", (1, 5)),
        (["CES"], "Scale", [], None, None),
        (["CSAT"], "Scale", ["1-7"], None, (1, 7)),
        (["NPS"], "Scale", ["1-10"], None, (1, 10)),
        (["ces_effort_5"], "Scale", ["1-7"], None, (1, 7)),
        ([], "Scale", ["-5-5"], None, (-5, 5)),
        (["Theme"], "Text", [], None, None),
        ([], "Select", ["1-5"], None, None),
    ],
)
def test_a_question_takes_part_by_its_tag_and_scale(
    tags: list[str], kind: str, choices: list[str], metric: str | None, scale: tuple[int, int] | None
) -> None:
    question = _question(questionTags=tags, displayType=kind, multiSelect=choices)
    assert (question.metric, question.scale) == (metric, scale)


def test_tags_of_the_contact_centre_make_a_prefill() -> None:
    assert _question(questionTags=["CC_AGENTID"]).prefill
    assert _question(questionTags=["cc_AgentId"]).role == "agent_id"
    assert not _question(questionTags=["Email"]).prefill


@pytest.mark.parametrize(
    "bad", [{}, {"id": ""}, {"id": 3}, {"id": "a", "sequence": "x"}, {"id": "a", "displayType": 5}]
)
def test_a_question_that_cannot_be_used_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(QuestionFault):
        read_question(bad)


def test_yaml_comes_back_the_same() -> None:
    draft = read_draft(SHIPPED)
    assert read_draft(write_draft(draft)) == draft


def test_wxm_questions_come_back_from_yaml_with_everything() -> None:
    documents: list[dict[str, Any]] = [
        {"id": "a1", "user": "admin", "sequence": 4, "text": "?", "displayType": "Scale", "questionTags": ["NPS"],
         "multiSelect": ["0;Not at-all-10;Very"], "displayLocation": ["X", "Y"], "isRequired": True,
         "conditionalFilter": {"filterquestions": [{"questionId": "b", "answerCheck": ["lt"], "number": 7}]},
         "translated": {"zh-tw": {"text": "？", "multiSelect": ["0;不-10;是"], "audio": "x.wav"}}},
        {"id": "a2", "text": "Which?", "displayType": "Select", "multiSelect": ["Yes;yes.png", "No"]},
        {"id": "a3", "text": "Mobile", "apiFill": True, "questionTags": ["Mobile"],
         "piiSettings": {"isPII": True, "piiType": "hash", "exceptionBy": "z"}},
    ]  # fmt: skip
    named = catalogue.Questionnaire("X", "X", "sha256")
    text = write_draft(Draft(named, documents))
    again = read_draft(text)
    assert again.questionnaire == named
    for document, stored in zip(documents, again.documents, strict=True):
        assert {key: stored[key] for key in document} == document
    assert again.documents[0]["displayLocation"] == ["X", "Y"]
    assert read_draft(write_draft(again)) == again


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("tags: [NPS]", "tags: NPS", "questions[0].tags"),
        ("range: [0, 10]", "range: 0-10", "questions[0].range"),
        ("range: [0, 10]", "range: [1, 10]", "questions[0]: range [1, 10] is not that of nps: [0, 10]"),
        ("range: [0, 10]", "range: [10, 0]", "questions[0]: range [10, 0] is not [low, high]"),
        ("type: Star-5", "type: Stars", "questions[1].type"),
        ("required: true", "requierd: true", "questions[0].requierd"),
        ("      en: What should we know?\n", "", "questions[3]: text has no en"),
        ("id: 64b000000000000000000002", "id: 64b000000000000000000001", "two questions have the id 64b"),
        ("id: 64b000000000000000000002", "id: 12", "questions[1].id"),
        ("hash_pii_by: sha512", "hash_pii_by: md5", "hash_pii_by"),
        ("    required: true\n", "    required: true\n    required: false\n", "the key required stands twice"),
        ("name: Post call survey\ndisplay", "display", "name: Field required"),
        ("questions:", "questions: [", "line"),
        (SHIPPED, "just words", "is no questionnaire"),
        (SHIPPED, "", "is no questionnaire"),
        (SHIPPED, "? [a]\n: b", "a key is no word"),
        (SHIPPED, "[" * 700, "nested too deeply"),
        ("    required: true\n", "    wxm: {isRetired: 'no'}\n", "isRetired is neither true nor false"),
        (SHIPPED, "!!python/object/apply:os.getcwd []", "could not determine a constructor"),
    ],
)  # fmt: skip
def test_a_fault_in_yaml_is_named_with_its_place(old: str, new: str, fault: str) -> None:
    assert old in SHIPPED
    with pytest.raises(DraftFault) as refused:
        read_draft(SHIPPED.replace(old, new, 1))
    assert any(fault in line for line in refused.value.faults), refused.value.faults


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command on a data folder of its own."""
    monkeypatch.setenv("PULSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(command, [str(argument) for argument in arguments])

    return invoke


def test_the_command_lists_exports_and_imports(run: Any, tmp_path: Path) -> None:
    assert run("list").stdout == "Post call survey: 10 questions, 0 answers\n"
    file = tmp_path / "chat.yaml"
    assert run("export", "Post call survey", file).exit_code == 0
    assert run("export", "Post call survey").stdout == file.read_text("utf-8")
    text = file.read_text("utf-8").replace("Post call survey", "Chat survey").replace("id: 64b", "id: 64c")
    file.write_text(text, "utf-8")
    assert run("import", file).stdout == "Chat survey: 10 questions\n"
    assert run("list").stdout.startswith("Chat survey: 10 questions, 0 answers\n")


def test_the_command_names_every_fault_and_imports_nothing(run: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(SHIPPED.replace("name: Post call survey", "name: Good"), "utf-8")
    bad.write_text(SHIPPED.replace("type: Star-5", "type: Stars").replace("tags: [NPS]", "tags: 3"), "utf-8")
    result = run("import", good, bad)
    assert result.exit_code == 1
    assert "bad.yaml: questions[0].tags" in result.stderr
    assert "bad.yaml: questions[1].type" in result.stderr
    assert "Good" not in run("list").stdout
    assert "no such questionnaire" in run("export", "Nothing").stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_as_windows_saves_it(run: Any, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "saved.yaml"
    file.write_text(SHIPPED, encoding)
    assert run("import", file).output == "Post call survey: 10 questions\n"


def test_a_file_in_another_encoding_is_refused_with_what_to_do(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "old.yaml"
    file.write_bytes("name: 問卷".encode("big5"))
    refused = run("import", file)
    assert refused.exit_code == 1
    assert refused.output == "Error: old.yaml: neither UTF-8 nor UTF-16: save it as UTF-8\n"
