"""How many segments an SMS takes: 160 signs of GSM's alphabet, or 70 where any other sign stands in it; pure."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each takes two places.
_EXTENDED = frozenset("^{}\\[~]|€\f")
ONE_GSM, MANY_GSM, ONE_UCS, MANY_UCS = 160, 153, 70, 67


def segments(text: str) -> int:
    """So many messages a provider counts."""
    if set(text) <= _BASIC | _EXTENDED:
        size, one, many = sum(1 + (sign in _EXTENDED) for sign in text), ONE_GSM, MANY_GSM
    else:
        size, one, many = len(text.encode("utf-16-be")) // 2, ONE_UCS, MANY_UCS
    return 1 if size <= one else -(-size // many)
