"""Signed answers (docs/cisco/wxm-api.md §4.4): whoever answers proves that he knows a token's passphrase; pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from experience.model import timestamps

# .NET counts ticks of 100 ns from the year 1; these are those before 1970.
TICKS_BEFORE_1970 = 621_355_968_000_000_000
# A signature that was overheard is of no use for longer.
GOOD_FOR = timedelta(hours=1)


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
