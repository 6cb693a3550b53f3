"""Records that carry tags: what a survey then knows, where it goes, until when, and to whom nothing is ever sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from experience.dispatch import accepting, dispatches, recipients
from experience.dispatch.batches import Record, Value, Wanted
from experience.dispatch.files import read_dispatch
from experience.platform import Platform
from experience.surveys import survey_tokens
from tests.support.answering import QUESTIONNAIRE, TEXTS

DISPATCH = f"""
id: d
name: After a call
questionnaire_name: {QUESTIONNAIRE}
delivery_plan: {{id: p, name: p, schedule: [{{on_channel: email, text_body: x}}, {{on_channel: sms, text_body: x}}]}}
"""
ANN: Mapping[str, Value] = {"cc_customerid": "C-1", "email": "Ann@Example.com"}


@pytest.fixture
def ready(sqlite_platform: Platform) -> Platform:
    read, database = read_dispatch(DISPATCH), sqlite_platform.database
    with database.write() as connection:
        dispatches.keep(database, connection, "dispatch", [read.dispatch])
        dispatches.keep(database, connection, "plan", [read.plan])
    return sqlite_platform


def take(platform: Platform, *records: Record) -> tuple[int, list[str]]:
    """How many were accepted, and why the others were not."""
    numbered = tuple(replace(record, position=position) for position, record in enumerate(records))
    (outcome,) = accepting.accept(platform, [Wanted("d", numbered)], "b", is_named=False)
    return outcome.accepted, [outcome.reasons[position] for position in sorted(outcome.reasons)]


def invitations(platform: Platform) -> list[dict[str, Any]]:
    return survey_tokens.search(platform.database)[0]


def tagged(**facts: Value) -> Record:
    return Record(0, {}, {**ANN, **facts})


def test_tags_fill_the_questions_of_the_dispatchs_questionnaire(ready: Platform) -> None:
    assert take(ready, tagged(cc_agentid="6001", cc_teamid="5001", cc_language="zh-tw", sent_by="cvp")) == (1, [])
    (invitation,) = invitations(ready)
    known = {response["questionId"]: response["textInput"] for response in invitation["preFill"]}
    assert known[TEXTS["customer"]] == "C-1"
    assert known[TEXTS["email"]] == "ann@example.com"
    assert (known[TEXTS["agent"]], known[TEXTS["team"]]) == ("6001", "5001")
    assert invitation["preferredLanguage"] == "zh-tw"
    with ready.database.read() as connection:
        (row,) = connection.execute(recipients.recipients.select()).all()
    assert (row.id, row.email) == (invitation["id"], "ann@example.com")


@pytest.mark.parametrize(
    "facts",
    [
        {"email": "username@email.com", "mobile": "1234567890"},
        {"email": "ABC@cc.demo.com"},
        {"email": "", "mobile": "+1 (234) 567-890"},
    ],
)
def test_nobody_is_written_to_at_a_placeholder(ready: Platform, facts: dict[str, Value]) -> None:
    by_tag = Record(0, {}, {"cc_customerid": "C-1", **facts})
    by_question = Record(0, {TEXTS[name]: value for name, value in facts.items()})
    accepted, reasons = take(ready, by_tag, by_question)
    assert accepted == 0
    assert all("no usable" in reason for reason in reasons)


def test_a_placeholder_is_no_customer_of_the_survey(ready: Platform) -> None:
    assert take(ready, tagged(cc_customerid="icm")) == (1, [])
    (invitation,) = invitations(ready)
    assert TEXTS["customer"] not in {response["questionId"] for response in invitation["preFill"]}


def test_a_call_is_asked_about_once_whoever_reports_it(ready: Platform) -> None:
    by_desktop = replace(tagged(cc_agentid="6001"), context={"callKey": "154:9"})
    by_cvp = replace(tagged(callid="a-guid", mobile="886912344455"), context={"callKey": "154:9"})
    another = replace(tagged(), context={"callKey": "154:10"})
    take(ready, by_desktop)
    take(ready, by_cvp, another)
    assert len(invitations(ready)) == 2


def test_the_earlier_end_counts(ready: Platform) -> None:
    now = datetime.now(UTC)
    ends = [timedelta(hours=1), timedelta(days=300), timedelta(seconds=-1)]
    records = [replace(tagged(callid=str(place)), valid_till=now + end) for place, end in enumerate(ends)]
    accepted, reasons = take(ready, *records)
    assert (accepted, len(reasons)) == (2, 1)
    assert "validity" in reasons[0]
    left = sorted(datetime.fromisoformat(kept["validTill"]) - now for kept in invitations(ready))
    assert left[0] <= timedelta(hours=1)
    assert left[1] <= timedelta(days=survey_tokens.VALID_DAYS, seconds=60)
