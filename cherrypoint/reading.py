"""A token out of whatever a Cloud Connect or a WxM answers; pure.

Cisco never published the body (docs/cisco/cloud-connect-and-cce.md §1.1, docs/cisco/finesse.md §5.4).
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import orjson

LONGEST_LIFE = 43_200.0  # docs/cisco/wxm-api.md §2
BARE = re.compile(r"[A-Za-z0-9._~+/=-]{16,8192}")
NAMED = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}")
# Whole seconds since 1970 have ten digits until the year 2286, milliseconds thirteen; no life is of eleven days.
MOMENT_IN_MILLISECONDS, LIFE_IN_MILLISECONDS = 1e11, 1e6


def token_in(body: bytes, now: float) -> tuple[str, float] | None:
    """A token and the moment it ends, in epoch seconds; None for what is no token, or one whose end has come."""
    # A bare token goes first: one of digits alone would be a number.
    if bare := _bare(body.decode("latin-1").strip(), now):
        return bare
    try:
        document = orjson.loads(body)
    except ValueError:
        return None
    return named_token(document, now) if isinstance(document, dict) else _bare(document, now)


def _bare(text: object, now: float) -> tuple[str, float] | None:
    return (text, now + LONGEST_LIFE) if isinstance(text, str) and BARE.fullmatch(text) else None


def named_token(document: Mapping[str, Any], now: float) -> tuple[str, float] | None:
    """The `access_token` of an answer with fields, and the moment it ends."""
    token = document.get("access_token")
    end = _end(document, now)
    if not isinstance(token, str) or not NAMED.fullmatch(token) or not now < end:
        return None
    return token, min(end, now + LONGEST_LIFE)


def _end(document: Mapping[str, Any], now: float) -> float:
    """The moment named, else the life named, else the longest there is."""
    moment, life = _number(document.get("expires_at")), _number(document.get("expires_in"))
    if moment is not None:
        return moment / 1000 if moment > MOMENT_IN_MILLISECONDS else moment
    if life is not None:
        return now + (life / 1000 if life > LIFE_IN_MILLISECONDS else life)
    return now + LONGEST_LIFE


def _number(value: object) -> float | None:
    """A number, also one in a string; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
