"""Dispatches in YAML: read, kept as WxM's documents, told, written the same again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.dispatch import command
from experience.dispatch import dispatches
from experience.dispatch.files import Dispatched, read_dispatch, write_dispatch
from experience.questionnaires.yaml_format import DraftFault
from foundation.db.database import Database

WHOLE = """\
id: after-call
name: After a call
questionnaire_name: Post call survey
default_of_call_types:
- '5001'
delivery_plan:
  id: hourly
  name: 一小時後
  schedule:
  - on_channel: email://ours
    delay_by_hours: 1.5
    subject: How was it?
    text_body: 'Please say: {{ link }}'
  - on_channel: sms
    template_id: t-1
  unique_customer_id_by_pre_filled_question_tag: cc_CustomerId
  repeat_only_after_hours: 12
  good_on_days_of_week:
  - 1
  - 5
content_templates:
- id: t-1
  name: Plain
"""


def keep(database: Database, read: Dispatched) -> None:
    with database.write() as connection:
        dispatches.keep(database, connection, "dispatch", [read.dispatch])
        dispatches.keep(database, connection, "plan", [read.plan])


def test_yaml_becomes_wxms_documents_and_comes_back_the_same() -> None:
    read = read_dispatch(WHOLE)
    assert (read.dispatch["deliveryPlanId"], read.dispatch["isLive"]) == ("hourly", True)
    assert read.plan["uniquieIDAccountWide"] is False
    assert read.plan["schedule"][0]["delayByHours"] == 1.5
    assert write_dispatch(read) == WHOLE


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("name: After a call", "", "name: Field required"),
        ("id: after-call", "id: after/call", "id: String should match"),
        ("on_channel: sms", "on_channel: pigeon", "delivery_plan.schedule[1].on_channel: String should match"),
        ("    template_id: t-1\n", "", "text_body, html_body or template_id: one of them says what is sent"),
        ("name: After a call", "name: a\nname: b", "the key name stands twice"),
        ("repeat_only_after_hours: 12", "repeat: 24", "repeat: Extra inputs are not permitted"),
        ("questionnaire_name:", "questionnaire_name", "expected"),
        ("{{ link }}", "{{ link", "delivery_plan.schedule[0].text_body: is no template"),
        ("on_channel: sms", "on_channel: sms\n    languages: {zh-TW: {text: x}}", "languages.zh-TW.text: Extra inputs"),
        (
            "  repeat_only_after_hours: 12",
            "  good_after_time_of_day: '9'",
            "good_after_time_of_day: String should match",
        ),
    ],
)
def test_a_fault_in_yaml_is_named_with_its_place(old: str, new: str, fault: str) -> None:
    with pytest.raises(DraftFault) as caught:
        read_dispatch(WHOLE.replace(old, new, 1))
    assert fault in str(caught.value)


def test_a_dispatch_is_as_live_as_its_plan(database: Database) -> None:
    keep(database, read_dispatch(WHOLE))
    expected: dict[str, object] = {"id": "after-call", "name": "After a call", "questionnaireName": "Post call survey"}
    expected |= {"channels": ["email", "sms"], "isLive": True}
    assert dispatches.list_templates(database) == [expected]
    keep(database, read_dispatch(WHOLE.replace("  id: hourly", "  id: hourly\n  is_live: false")))
    assert dispatches.list_templates(database) == [expected | {"isLive": False}]


def test_a_changed_dispatch_keeps_the_moment_when_it_came(database: Database) -> None:
    keep(database, read_dispatch(WHOLE))
    with database.read() as connection:
        first = dispatches.find(connection, "dispatch", "after-call")
    keep(database, read_dispatch(WHOLE.replace("After a call", "Later")))
    with database.read() as connection:
        second = dispatches.find(connection, "dispatch", "after-call")
    assert first
    assert second
    assert (second["created"], second["name"]) == (first["created"], "Later")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PULSE_DATA_DIR", str(tmp_path / "data"))

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(command, [str(argument) for argument in arguments])

    return invoke


def test_the_command_imports_lists_and_exports(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "after-call.yaml"
    file.write_text(WHOLE, "utf-8")
    imported = run("import", file).output.splitlines()
    assert imported[0] == "after-call: After a call, by email, sms"
    assert [line.partition(": ")[0].strip() for line in imported[1:]] == ["schedule[1], sms"] * 2
    assert run("list").output == "after-call: After a call, Post call survey, email, sms, live\n"
    assert run("export", "after-call").output == WHOLE
    assert run("export", "after-call", tmp_path / "out.yaml").exit_code == 0
    assert (tmp_path / "out.yaml").read_text("utf-8") == WHOLE
    assert "there is no such dispatch" in run("export", "nothing").output


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_dispatch_is_read_as_windows_saves_it(run: Any, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "after-call.yaml"
    file.write_text(WHOLE, encoding)
    assert run("import", file).output.startswith("after-call: After a call, by email, sms\n")
    file.write_bytes(b"name: \xb0\xdd")
    assert "after-call.yaml: neither UTF-8 nor UTF-16: save it as UTF-8" in run("import", file).output


def test_the_command_names_every_fault_and_imports_nothing(run: Any, tmp_path: Path) -> None:
    files = {
        "good.yaml": WHOLE,
        "lost.yaml": WHOLE.replace("Post call survey", "Nowhere"),
        "bad.yaml": WHOLE.replace("id: hourly", "id: ''"),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    lost = run("import", tmp_path / "good.yaml", tmp_path / "lost.yaml")
    assert lost.exit_code == 1
    assert "lost.yaml: questionnaire_name: there is no questionnaire Nowhere" in lost.output
    bad = run("import", tmp_path / "good.yaml", tmp_path / "bad.yaml")
    assert bad.exit_code == 1
    assert "bad.yaml: delivery_plan.id: String should match" in bad.output
    assert run("list").output == ""


def test_a_call_type_has_one_dispatch(run: Any, tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(WHOLE.replace("'5001'", "5001"), "utf-8")
    (tmp_path / "second.yaml").write_text(WHOLE.replace("after-call", "another"), "utf-8")
    refused = run("import", tmp_path / "first.yaml", tmp_path / "second.yaml")
    assert "second.yaml: default_of_call_types: 5001 is that of the dispatch after-call" in refused.output
    assert run("list").output == ""
    assert run("import", tmp_path / "first.yaml").exit_code == 0
    assert run("import", tmp_path / "first.yaml").exit_code == 0
