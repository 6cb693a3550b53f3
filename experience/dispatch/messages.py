"""The words of a message: a plan's templates filled in for one recipient, as plain text and as HTML."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import PackageLoader, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from experience.dispatch.schedule import Planned
from experience.dispatch.senders import Message
from experience.privacy import pii

# What stands below an e-mail whose words do not say how to unsubscribe.
FOOTERS = {"en": "Unsubscribe", "zh": "取消訂閱"}
UNSUBSCRIBE = "unsubscribe"

_TEXT = ImmutableSandboxedEnvironment(keep_trailing_newline=True)
_HTML = ImmutableSandboxedEnvironment(autoescape=True, loader=PackageLoader(__package__))

Document = Mapping[str, Any]


class UnusableTemplate(ValueError):
    """A template cannot be filled in; the message says why, and shows nothing of the recipient."""


def checked_template(text: str) -> str:
    """A template as it is; ValueError where it is none."""
    try:
        _TEXT.parse(text)
    except TemplateError as error:
        raise ValueError(f"is no template: {error}") from None
    return text


def write(
    plan: Document,
    planned: Planned,
    invitation: Document,
    address: str,
    survey_url: str,
    sequence: int,
    tags: Mapping[str, Iterable[str]],
) -> Message:
    """The message to a recipient. Raises UnusableTemplate."""
    token = str(invitation["id"])
    language = str(invitation.get("preferredLanguage") or "")
    link = f"{survey_url}/{token}"
    unsubscribe = f"{link}/{UNSUBSCRIBE}"
    values = {
        "link": link,
        UNSUBSCRIBE: unsubscribe,
        "language": language or "en",
        "prefill": prefill_by_tag(invitation, tags),
    }
    words = wording(planned.step, language)
    try:
        subject, text, html = _fill(words, values, with_footer=planned.channel == "email")
    except TemplateError as error:
        raise UnusableTemplate(f"the template cannot be filled in ({type(error).__name__})") from None
    return Message(
        address,
        identity(token, sequence),
        text,
        subject,
        html,
        unsubscribe=unsubscribe,
        sender=str(plan.get("emailFromAddress") or ""),
        sender_name=str(plan.get("emailFromName") or ""),
        reply_to=str(plan.get("replyTo") or ""),
    )


def identity(token: str, sequence: int) -> str:
    """The same at every try, and no way to the survey: mail servers log it."""
    return hashlib.sha256(f"{token} {sequence}".encode()).hexdigest()[:40]


def wording(step: Document, language: str) -> Document:
    """The words in a language, else those for all of that family, else the first."""
    wanted = language.replace("_", "-").lower()
    by_tag = {tag.lower(): words for tag, words in (step.get("languages") or {}).items()}
    family = wanted.partition("-")[0]
    relatives = (words for tag, words in sorted(by_tag.items()) if family and tag.partition("-")[0] == family)
    return {**step, **{name: text for name, text in (by_tag.get(wanted) or next(relatives, {})).items() if text}}


def prefill_by_tag(invitation: Document, tags: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What is known of a recipient, by the tags of its question in lower case; never what is hashed."""
    values: dict[str, str] = {}
    for response in invitation.get("preFill") or ():
        value = response.get("textInput") or response.get("numberInput")
        if value is not None and not pii.is_hashed(str(value)):
            values |= dict.fromkeys(tags.get(response["questionId"], ()), str(value))
    return values


def _fill(words: Document, values: dict[str, Any], *, with_footer: bool) -> tuple[str, str, str]:
    text_body, html_body = str(words.get("textBody") or ""), str(words.get("htmlBody") or "")
    subject, text = (_text(source).render(values) for source in (str(words.get("subject") or ""), text_body))
    footer = FOOTERS.get(values["language"][:2].lower(), FOOTERS["en"]) if with_footer else ""
    if UNSUBSCRIBE in html_body or (UNSUBSCRIBE in text_body and not html_body):
        footer = ""
    body = _html(html_body).render(values) if html_body else ""
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    more = {"subject": subject, "body": body, "paragraphs": paragraphs, "footer": footer}
    html = _HTML.get_template("message.html").render(values | more)
    if with_footer and not text.strip():
        text = values["link"]
    if with_footer and UNSUBSCRIBE not in text_body:
        text = f"{text.rstrip()}\n\n{footer or FOOTERS['en']}: {values[UNSUBSCRIBE]}\n"
    return subject, text, html


@lru_cache(maxsize=256)
def _text(source: str) -> Template:
    return _TEXT.from_string(source)


@lru_cache(maxsize=256)
def _html(source: str) -> Template:
    return _HTML.from_string(source)
