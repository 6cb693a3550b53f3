"""The lab's surveys: there from the first start on, fit to be sent, and left alone once a person changed them."""

from pathlib import Path

import pytest

from commands import lab_surveys
from experience.dispatch import dispatches, rules
from experience.dispatch.remarks import remarks
from experience.platform import Platform
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from lab.calls.call import QUEUES
from lab.cvp.items import CALL_TYPES


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    url = f"sqlite:///{tmp_path}/pulse.db"
    upgrade(url)
    return Platform(Database(url), "UTC")


def test_each_survey_that_a_call_can_end_with_can_be_sent(platform: Platform) -> None:
    lab_surveys.introduce(platform)
    with platform.database.read() as connection:
        held = rules.load(connection)
        assert rules.faults(connection, held) == []
        named = {call_type.dispatch_id for call_type in CALL_TYPES.values()} | {rule.dispatch for rule in held.rules}
        for dispatch_id in filter(None, named):
            dispatch = dispatches.find(connection, "dispatch", dispatch_id)
            assert dispatch and dispatch["questionnaireName"] in platform.catalogue.questionnaires


def test_no_call_is_asked_about_both_by_cvp_and_by_the_desktop(platform: Platform) -> None:
    lab_surveys.introduce(platform)
    with platform.database.read() as connection:
        by_desktop = {queue for rule in rules.load(connection).rules for queue in rule.queues}
    by_cvp = {QUEUES[queue][0] for queue, call_type in CALL_TYPES.items() if call_type.dispatch_id}
    assert by_desktop.isdisjoint(by_cvp)
    assert by_desktop | by_cvp == {name for name, _ in QUEUES.values()}


def test_every_message_has_a_link_to_its_survey_and_one_to_unsubscribe(platform: Platform) -> None:
    lab_surveys.introduce(platform)
    with platform.database.read() as connection:
        plans = [dispatches.find(connection, "plan", name) for name in ("lab-email", "lab-sms")]
    said = [remark for plan in plans if plan for remark in remarks(plan, "http://localhost:8446/s")]
    # In Chinese the two links alone fill more than one SMS.
    (remark,) = said
    assert remark.startswith("schedule[0], sms, zh-TW: takes 2 SMS")


def test_what_a_person_made_of_them_stays(platform: Platform) -> None:
    lab_surveys.introduce(platform)
    database = platform.database
    with database.write() as connection:
        dispatch = dispatches.find(connection, "dispatch", "lab-email")
        dispatches.keep(database, connection, "dispatch", [{**(dispatch or {}), "isLive": False}])
        rules.keep(database, connection, rules.CallRules())
    lab_surveys.introduce(platform)
    with database.read() as connection:
        assert (dispatches.find(connection, "dispatch", "lab-email") or {})["isLive"] is False
        assert rules.load(connection).rules == ()
