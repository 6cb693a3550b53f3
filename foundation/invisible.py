"""Signs that nobody sees and that come along when somebody copies: direction marks, joiners, soft hyphens; pure."""

from __future__ import annotations

import re

# What Unicode calls ignorable by default: a text means the same without it, but to who compares it.
_SIGNS = (
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_ANYWHERE = re.compile(_SIGNS)
_AT_THE_ENDS = re.compile(rf"^{_SIGNS}+|{_SIGNS}+$")


def removed(text: str) -> str:
    """A text without them, for what is compared: a number, an address, an id."""
    return text if text.isascii() else _ANYWHERE.sub("", text)


def trimmed(text: str) -> str:
    """A text without those before and behind it, for what is read: inside of it joiners make an emoji or a word."""
    return text if text.isascii() else _AT_THE_ENDS.sub("", text)
