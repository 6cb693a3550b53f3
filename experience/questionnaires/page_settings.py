"""How the survey page of a questionnaire looks: the organisation's own words by language, its logo, where it leads."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from experience.model.lengths import LONGEST_QUESTION
from foundation.setting_rules import fault

LARGEST_LOGO = 16 * 1024
# By media type: how a picture begins. A picture that may hold a script is not among them.
PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
_DATA, _BASE64 = "data:", ";base64,"


def _logo(value: str) -> str:
    """A picture as a data URL, or the name of a file beside the questionnaire's."""
    if not value.startswith(_DATA):
        if "/" in value or "\\" in value:
            raise fault("is no file name: the logo is a file in the same folder")
        return value
    picture(value)
    return value


def _https(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if value and (parts.scheme != "https" or not parts.hostname or parts.username or not value.isprintable()):
        raise fault("is no address that begins with https://")
    return value


Words = dict[str, Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION)]]


class PageSettings(BaseModel):
    """Texts are by language; where one is missing, the page has words of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    logo: Annotated[str, AfterValidator(_logo)] = ""
    one_question_a_page: bool = False
    title: Words = {}
    welcome_text: Words = {}
    thankyou_text: Words = {}
    disclaimer_text: Words = {}
    used_up_text: Words = {}
    expired_text: Words = {}
    not_yet_valid_text: Words = {}
    redirect_on_submit: Annotated[str, AfterValidator(_https)] = ""


def picture(logo: str) -> tuple[str, bytes]:
    """The media type and the bytes of a logo. Raises a fault of pydantic's where it is no small picture."""
    media, _, encoded = logo.removeprefix(_DATA).partition(_BASE64)
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if media not in PICTURES or not content.startswith(PICTURES[media]):
        raise fault("is no picture: a PNG, JPEG or GIF")
    if len(content) > LARGEST_LOGO:
        raise fault(f"has more than {LARGEST_LOGO // 1024} KiB: customers load it on slow networks")
    return media, content


def with_logo(settings: PageSettings, folder: Path) -> PageSettings:
    """The same settings with the file of the logo read in. Raises OSError, ValueError."""
    if not settings.logo or settings.logo.startswith(_DATA):
        return settings
    content = (folder / settings.logo).read_bytes()
    media = next((media for media, start in PICTURES.items() if content.startswith(start)), "application/octet-stream")
    logo = f"{_DATA}{media}{_BASE64}{base64.b64encode(content).decode()}"
    return PageSettings.model_validate({**settings.model_dump(), "logo": logo})
