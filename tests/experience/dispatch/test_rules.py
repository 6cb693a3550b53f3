"""Rules in YAML: which call gets which survey."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from commands.dispatch import command
from experience.dispatch.rules import CallRules, Rule, first_fitting, is_in_share, read_rules, write_rules
from experience.model.call import CallKind, CallReading, Leg
from experience.questionnaires.yaml_format import DraftFault

WHOLE = """\
wait_seconds: 5
rules:
- name: Sales
  dispatch: after-sales
  queues:
  - '5011'
  least_seconds: 60
  share: 0.25
  needs_opt_in: false
- name: 其他
  dispatch: after-call
  dialled:
  - 0800*
"""
CALL = CallReading(Leg("c", "1", "1001"), "153214:217", "inbound", "6001", "5001")
names = st.sampled_from(["5001", "5002", "8000", "0800123456", "0800*", "*", "Sales", "PREROUTE_ACD_IN", "OUT"])
lists = st.lists(names, max_size=2).map(tuple)
drawn_rules = st.builds(
    Rule,
    name=st.just("r"),
    dispatch=st.sampled_from(["a", "b"]),
    call_types=lists,
    queues=lists,
    dialled=lists,
    teams=lists,
    outbound=st.booleans(),
)
kinds: list[CallKind] = ["inbound", "outbound", "consult", "internal"]
drawn_calls = st.builds(
    lambda kind, team, queue, name, dialled, sort: replace(
        CALL, kind=kind, team_id=team, queue=queue, queue_name=name, dialled=dialled, call_type=sort
    ),
    *(st.sampled_from(kinds), names, names, names, names, names),
)


@given(st.lists(drawn_rules, max_size=5), drawn_calls)
def test_the_first_rule_of_which_every_list_fits_decides(rules: list[Rule], call: CallReading) -> None:
    def passes_by(rule: Rule) -> bool:
        return (
            call.kind in ("consult", "internal")
            or (call.kind == "outbound" and not rule.outbound)
            or (rule.call_types != () and call.call_type not in rule.call_types)
            or (rule.teams != () and call.team_id not in rule.teams)
            or (rule.queues != () and not {call.queue, call.queue_name} & set(rule.queues))
            or (rule.dialled != () and not any(fnmatchcase(call.dialled, pattern) for pattern in rule.dialled))
        )

    fitting = [rule for rule in rules if not passes_by(rule)]
    assert first_fitting(rules, call) is (fitting[0] if fitting else None)


@given(st.text(min_size=1, max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_a_call_in_a_share_is_in_every_larger_one(key: str, one: float, other: float) -> None:
    assert is_in_share(min(one, other), key) <= is_in_share(max(one, other), key)
    assert (is_in_share(0, key), is_in_share(1, key)) == (False, True)


def test_a_share_takes_about_so_many_calls() -> None:
    taken = sum(is_in_share(0.25, f"153214:{number}") for number in range(4000))
    assert 900 < taken < 1100


def test_rules_are_read_and_written_the_same() -> None:
    assert write_rules(read_rules(WHOLE)) == WHOLE
    assert read_rules("rules: []") == CallRules()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("share: 0.25", "share: 25", "rules[0].share: Input should be less than or equal to 1"),
        ("dispatch: after-call", "", "rules[1].dispatch: Field required"),
        ("queues:", "queue:", "rules[0].queue: Extra inputs are not permitted"),
        ("wait_seconds: 5", "wait_seconds: -1", "wait_seconds: Input should be greater"),
    ],
)
def test_a_mistake_in_rules_is_named_with_its_place(old: str, new: str, problem: str) -> None:
    with pytest.raises(DraftFault) as caught:
        read_rules(WHOLE.replace(old, new, 1))
    assert problem in str(caught.value)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PULSE_DATA_DIR", str(tmp_path / "data"))

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(command, [str(argument) for argument in arguments])

    return invoke


def dispatch_file(folder: Path, name: str) -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(
        f"{{id: {name}, name: n, questionnaire_name: Post call survey, "
        f"delivery_plan: {{id: {name}, name: p, schedule: [{{on_channel: sms, text_body: x}}]}}}}",
        "utf-8",
    )
    return file


def test_the_command_takes_rules_in_shows_them_and_says_what_keeps_one_from_sending(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(WHOLE, "utf-8")
    assert "no rules" in run("rules").output
    refused = run("rules", "import", file)
    assert refused.exit_code == 1
    assert "rules[0].dispatch: there is no dispatch after-sales: import it first" in refused.output
    assert run("import", dispatch_file(tmp_path, "after-sales"), dispatch_file(tmp_path, "after-call")).exit_code == 0
    assert run("rules", "import", file).exit_code == 0
    shown = run("rules")
    assert shown.exit_code == 0
    assert "Sales: queue 5011 → after-sales, 25 % of the calls of 60 s and more" in shown.output
    assert run("rules", "export").output == WHOLE
    assert run("rules", "export", tmp_path / "out.yaml").exit_code == 0
    assert (tmp_path / "out.yaml").read_text("utf-8") == WHOLE


def test_rules_that_are_never_reached_are_refused(run: Any, tmp_path: Path) -> None:
    assert run("import", dispatch_file(tmp_path, "d")).exit_code == 0
    file = tmp_path / "rules.yaml"
    file.write_text("rules: [{name: all, dispatch: d}, {name: some, dispatch: d, teams: [5001]}]", "utf-8")
    refused = run("rules", "import", file)
    assert refused.exit_code == 1
    assert "rules[1]: never reached: rules[0] fits every call before it" in refused.output
