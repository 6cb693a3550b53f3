"""What waits for a dispatch is told, and goes out once when its dispatch is named, on either database."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from experience.dispatch import dispatches, recipients, unaddressed
from experience.dispatch.batches import Unreadable
from experience.dispatch.files import read_dispatch
from experience.dispatch.intake import Intake
from experience.dispatch.replaying import replay
from experience.model import timestamps
from experience.platform import Platform
from tests.support.answering import QUESTIONNAIRE

DISPATCH = f"""
id: d
name: After a call
questionnaire_name: {QUESTIONNAIRE}
delivery_plan: {{id: p, name: p, schedule: [{{on_channel: email, text_body: x}}]}}
"""


def keep(platform: Platform, text: str = DISPATCH) -> None:
    read, database = read_dispatch(text), platform.database
    with database.write() as connection:
        dispatches.keep(database, connection, "dispatch", [read.dispatch])
        dispatches.keep(database, connection, "plan", [read.plan])


def take(platform: Platform, *items: Any) -> None:
    Intake(platform).take(orjson.dumps(list(items)), "", "/")


def emails(platform: Platform) -> list[str]:
    with platform.database.read() as connection:
        return sorted(connection.execute(select(recipients.recipients.c.email)).scalars())


def still_waiting(platform: Platform) -> int:
    with platform.database.read() as connection:
        return unaddressed.count(connection)


def test_a_field_that_holds_the_dispatch_is_named_and_everybody_goes_out_once(platform: Platform) -> None:
    keep(platform)
    take(platform, *({"surveyRef": "d", "Email": f"{number:03}@example.com"} for number in range(unaddressed.PAGE + 3)))
    take(platform, {"Email": "lost@example.com"}, {"surveyRef": "d", "Optin": "yes"})
    everybody = [f"{number:03}@example.com" for number in range(unaddressed.PAGE + 3)]
    intake, fields = Intake(platform), {"SURVEYREF": "dispatchId"}
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: replay(platform.database, intake, fields), range(2)))
    assert max(run.sent for run in done) == len(everybody)
    assert emails(platform) == everybody
    assert (still_waiting(platform), replay(platform.database, intake, fields).sent) == (1, 0)


def test_a_replay_that_broke_off_before_it_forgot_sends_nobody_twice(sqlite_platform: Platform) -> None:
    keep(sqlite_platform)
    take(sqlite_platform, {"Email": "a@example.com"}, {"Email": "a@example.com", "callId": "1"})
    with sqlite_platform.database.read() as connection:
        rows = connection.execute(select(unaddressed.unaddressed_items)).all()
    for _ in range(2):
        replay(sqlite_platform.database, Intake(sqlite_platform), {}, "d")
        with sqlite_platform.database.write() as connection:
            connection.execute(unaddressed.unaddressed_items.insert(), [row._asdict() for row in rows])
    assert emails(sqlite_platform) == ["a@example.com"] * 2


def test_two_calls_of_one_customer_that_waited_are_two(sqlite_platform: Platform) -> None:
    keep(sqlite_platform)
    for batch in ("one", "two"):
        Intake(sqlite_platform).take(b'{"Email": "a@example.com"}', "", "/", batch)
    replay(sqlite_platform.database, Intake(sqlite_platform), {}, "d")
    assert emails(sqlite_platform) == ["a@example.com"] * 2


def test_an_item_goes_out_as_soon_as_its_dispatch_is_there(sqlite_platform: Platform) -> None:
    take(sqlite_platform, {"dispatchId": "d", "Email": "a@example.com"}, {"callTypeId": 7, "Email": "b@example.com"})
    with sqlite_platform.database.read() as connection:
        summary = unaddressed.summary(connection)
    assert (summary.count, set(summary.fields)) == (2, {"dispatchId", "callTypeId", "Email"})
    assert replay(sqlite_platform.database, Intake(sqlite_platform), {}).waiting == 2
    keep(sqlite_platform, f"default_of_call_types: [7]\n{DISPATCH}")
    assert replay(sqlite_platform.database, Intake(sqlite_platform), {}).sent == 2
    assert still_waiting(sqlite_platform) == 0


def test_validity_counts_from_the_moment_when_a_recipient_came(sqlite_platform: Platform) -> None:
    keep(sqlite_platform)
    take(sqlite_platform, {"Email": "a@example.com", "SurveyValidityTime": 60})
    with sqlite_platform.database.write() as connection:
        earlier = unaddressed.unaddressed_items.c.received_at - 61_000_000
        connection.execute(update(unaddressed.unaddressed_items).values(received_at=earlier))
    done = replay(sqlite_platform.database, Intake(sqlite_platform), {}, "d")
    assert (done.sent, done.refused.total(), still_waiting(sqlite_platform)) == (0, 1, 0)


def test_what_waited_too_long_is_forgotten(sqlite_platform: Platform) -> None:
    take(sqlite_platform, {"Email": "a@example.com"})
    days = timestamps.to_micros(timestamps.EPOCH) + unaddressed.KEPT_DAYS * 86_400_000_000 + 1
    with sqlite_platform.database.write() as connection:
        earlier = unaddressed.unaddressed_items.c.received_at - days
        connection.execute(update(unaddressed.unaddressed_items).values(received_at=earlier))
    take(sqlite_platform, {"Email": "b@example.com"})
    assert still_waiting(sqlite_platform) == 1


class Call:
    agent_id, team_id = "6001", "5001"


@pytest.mark.parametrize(("sent", "agent"), [({}, "6001"), ({"cc_AgentId": "6002"}, "6002")])
def test_an_item_without_an_agent_takes_that_of_its_call(
    sqlite_platform: Platform, sent: dict[str, str], agent: str
) -> None:
    keep(sqlite_platform)
    intake = Intake(sqlite_platform, calls=lambda _, key: Call() if key == "154:9" else None)
    call = {"dispatchId": "d", "Email": "a@example.com", "RouterCallKeyDay": 154, "RouterCallKey": 9}
    intake.take(orjson.dumps(call | sent), "", "/")
    with sqlite_platform.database.read() as connection:
        document = connection.exec_driver_sql("SELECT document FROM invitations").scalar()
    assert f'"textInput":"{agent}"' in str(document)


NASTY = ["a\0@example.com", "\ud83d", "x" * 30_000, "\u202e", 10**40, -0.0, 1e308, True, "' OR 1=1 --", "%s", ""]


@pytest.mark.parametrize("is_remote", [False, True])
def test_no_value_is_one_that_a_database_cannot_keep(platform: Platform, *, is_remote: bool) -> None:
    keep(platform)
    intake = Intake(platform, is_remote=is_remote)
    names = ("dispatchId", "callId", "Email", "Mobile", "cc_CustomerId", "callKey", "batchId", "callTypeId", "x\0")
    for name in names:
        items = [{"dispatchId": "d", "Email": "a@example.com"} | {name: value} for value in NASTY]
        taken = intake.take(json.dumps(items).encode(), "", "/\0", "a\0")
        assert len(taken.items) == len(NASTY)
    with pytest.raises(Unreadable):
        intake.take(b"\0\xff", "a\0", "/\0\ud83d")
    replay(platform.database, intake, {"x\0": "Email"}, "d")
