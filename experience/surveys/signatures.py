"""Signed answers (docs/cisco/wxm-api.md §4.4): whoever answers proves that he knows a token's passphrase; pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from experience.model import timestamps
from foundation.errors import Refused

FIELD = "restrictBySignature"
# .NET counts ticks of 100 ns from the year 1; these are those before 1970.
TICKS_BEFORE_1970 = 621_355_968_000_000_000
# A signature that was overheard is of no use for longer.
GOOD_FOR = timedelta(hours=1)


class NotSigned(Refused):
    code = "bad_signature"
    title = "This survey takes signed answers alone: id is the signature over responseDateTime, which is now"


def check(invitation: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Refuse an answer that is not signed as its token wants it. Raises NotSigned."""
    passphrase = invitation.get(FIELD)
    if passphrase and not is_signed(
        passphrase, invitation["id"], answer.get("id"), answer.get("responseDateTime"), datetime.now(UTC)
    ):
        raise NotSigned()


def refuse_unsigned(invitation: Mapping[str, Any]) -> None:
    """Refuse what carries no signature at all. Raises NotSigned."""
    if invitation.get(FIELD):
        raise NotSigned("This survey takes signed answers alone, and those whole: POST /api/SurveyByToken")


def signature(passphrase: str, token: str, moment: datetime) -> str:
    """Base64 of HMAC-SHA256 over `ticks;token`; the moment counts to the millisecond."""
    ticks = (moment - timestamps.EPOCH) // timedelta(milliseconds=1) * 10_000 + TICKS_BEFORE_1970
    digest = hmac.digest(passphrase.encode(), f"{ticks};{token}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def is_signed(passphrase: str, token: str, sent: object, at: object, now: datetime) -> bool:
    """Whether `sent` is the signature for the moment `at` (as it is sent), and that moment is now, give or take."""
    if not isinstance(sent, str) or not sent.isascii():
        return False
    try:
        moment = timestamps.parse(at)
    except ValueError:
        return False
    return abs(moment - now) <= GOOD_FOR and hmac.compare_digest(sent, signature(passphrase, token, moment))
