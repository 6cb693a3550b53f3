"""What an administrator should know of a dispatch when it is imported: of its words, in each of their languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from experience.dispatch import messages, schedule
from experience.dispatch.messages import UnusableTemplate
from experience.dispatch.schedule import Planned
from experience.dispatch.segments import segments

# As long as a survey token is.
EXAMPLE = "AA-000000000000000000"

Document = Mapping[str, Any]


def remarks(plan: Document, survey_url: str) -> Iterator[str]:
    """One a line, with the step and the language that it is about."""
    for place, step in enumerate(plan.get("schedule") or ()):
        channel = schedule.channel_of(step)
        for language in ("", *(step.get("languages") or {})):
            where = f"schedule[{place}], {channel}{f', {language}' if language else ''}"
            planned = Planned(step, channel, 0)
            yield from (f"{where}: {remark}" for remark in _of_words(plan, planned, language, survey_url))


def _of_words(plan: Document, planned: Planned, language: str, survey_url: str) -> Iterator[str]:
    invitation = {"id": EXAMPLE, "preferredLanguage": language}
    try:
        message = messages.write(plan, planned, invitation, "", survey_url, 0, {})
    except UnusableTemplate as problem:
        yield str(problem)
        return
    is_sms = planned.channel == "sms"
    if f"{survey_url}/{EXAMPLE}" not in (message.text if is_sms else message.html).replace(message.unsubscribe, ""):
        yield "the link to the survey is missing: write {{ link }}"
    if is_sms and (count := segments(message.text)) > 1:
        yield f"takes {count} SMS, each of which is paid for: one has 160 signs, 70 in Chinese, links included"
    if is_sms and message.unsubscribe not in message.text:
        yield "there is no link to unsubscribe, and a STOP that is sent back is not heard: write {{ unsubscribe }}"
