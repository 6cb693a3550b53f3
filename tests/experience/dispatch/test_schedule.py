"""When a plan sends which message: by which channel, in whose hours, and in how many segments of an SMS."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from experience.dispatch import schedule
from experience.dispatch.files import read_dispatch
from experience.dispatch.messages import wording
from experience.dispatch.remarks import remarks
from experience.dispatch.segments import segments

TAIPEI = ZoneInfo("Asia/Taipei")
EMAIL, SMS = {"onChannel": "email://ours", "delayByHours": 1}, {"onChannel": "sms", "delayByHours": 0}


def test_a_step_without_a_wait_is_another_channel_and_one_that_waits_a_reminder() -> None:
    def planned(*steps: dict[str, object], by: str = "email sms", **more: object) -> list[tuple[str, float]]:
        plan = {"schedule": steps, **more}
        return [(message.channel, message.hours) for message in schedule.messages(plan, by.split())]

    later = {**SMS, "delayByHours": 24}
    assert planned(EMAIL, SMS) == [("email", 1)]
    assert planned(EMAIL, SMS, by="sms") == [("sms", 1)]
    assert planned(EMAIL, later) == [("email", 1), ("sms", 24)]
    assert planned(EMAIL, SMS, later, later) == [("email", 1), ("sms", 24)]
    assert planned(EMAIL, later, remindOnlyAfterHours=48) == [("email", 1), ("sms", 48)]
    assert planned(EMAIL, by="sms") == []


@pytest.mark.parametrize(
    ("at", "after", "before", "days", "allowed"),
    [
        ("2026-11-27 10:00", "09:00", "21:00", (), "2026-11-27 10:00"),
        ("2026-11-27 08:59", "09:00", "21:00", (), "2026-11-27 09:00"),
        ("2026-11-27 21:00", "09:00", "21:00", (), "2026-11-28 09:00"),
        ("2026-11-27 22:00", "09:00", "21:00", (1, 2, 3, 4, 5), "2026-11-30 09:00"),
        ("2026-11-28 10:00", None, None, (0,), "2026-11-29 00:00"),
        ("2026-11-28 10:00", None, None, (), "2026-11-28 10:00"),
        ("2026-11-27 12:00", "20:00", "04:00", (), "2026-11-27 20:00"),
        ("2026-11-27 03:00", "20:00", "04:00", (), "2026-11-27 03:00"),
    ],
)
def test_a_message_waits_for_the_hours_of_its_recipient(
    at: str, after: str | None, before: str | None, days: tuple[int, ...], allowed: str
) -> None:
    plan = {"goodAfterTimeOfDay": after, "goodBeforeTimeOfDay": before, "goodOnDaysOfWeek": days}
    moment = datetime.fromisoformat(at).replace(tzinfo=TAIPEI)
    assert schedule.allowed_at(plan, moment.astimezone(UTC), TAIPEI).astimezone(TAIPEI) == datetime.fromisoformat(
        allowed
    ).replace(tzinfo=TAIPEI)


@pytest.mark.parametrize(
    ("mobile", "zone"),
    [
        ("+886912344455", "Asia/Taipei"),
        ("+12125550100", "America/New_York"),
        ("0912344455", "Europe/Berlin"),
        (None, "Europe/Berlin"),
        ("+4915112345678", "Europe/Berlin"),
    ],
)
def test_a_number_with_its_country_code_says_what_time_it_is_there(mobile: str | None, zone: str) -> None:
    assert schedule.zone_of(mobile, "Europe/Berlin") == ZoneInfo(zone)


def test_words_are_those_of_the_recipients_language() -> None:
    step = {"subject": "Hello", "textBody": "x", "languages": {"zh-TW": {"subject": "您好", "textBody": ""}}}
    subjects = {language: wording(step, language)["subject"] for language in ("", "en", "zh-tw", "zh_TW", "zh", "fr")}
    assert subjects == {"": "Hello", "en": "Hello", "zh-tw": "您好", "zh_TW": "您好", "zh": "您好", "fr": "Hello"}
    assert wording(step, "zh-TW")["textBody"] == "x"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("您" * 70, 1),
        ("您" * 71, 2),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_an_sms_is_counted_as_a_provider_counts_it(text: str, count: int) -> None:
    assert segments(text) == count


def test_an_import_says_what_is_amiss_with_the_words_of_an_sms() -> None:
    def found(**words: str) -> list[str]:
        step = "\n".join(f"      {name}: '{text}'" for name, text in words.items())
        read = read_dispatch(
            "id: a\nname: a\nquestionnaire_name: q\ndelivery_plan:\n  id: p\n  name: p\n  schedule:\n"
            f"    - on_channel: sms\n{step}\n"
        )
        return [remark.partition(": ")[2] for remark in remarks(read.plan, "https://x.tw/s")]

    assert found(text_body="Rate us {{ link }} or stop {{ unsubscribe }}") == []
    assert [remark[:8] for remark in found(text_body="請評分 {{ link }} 取消 {{ unsubscribe }} " + "謝" * 20)] == [
        "takes 2 "
    ]
    assert len(found(text_body="Rate us")) == 2
