"""XML that one bad character in a value has broken, made readable again; pure.

Call variables hold what customers and scripts wrote. Where that breaks the list of a person's calls, what cannot be
read is replaced or escaped, so that the other calls, and the rest of this one, are not lost.
"""

import re

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# What XML 1.0 does not allow, as it is or by number.
_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BY_NUMBER = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
_STRAY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
_VALUE = re.compile(r"(<(name|value)>)(.*?)(</\2>)", re.DOTALL)
REPLACEMENT = "\ufffd"


def repaired(body: bytes) -> bytes:
    """The document without its declaration, without characters that XML does not allow, and with values escaped."""
    text = _DECLARATION.sub("", body.decode("utf-8-sig", "replace"))
    text = _FORBIDDEN.sub(REPLACEMENT, text)
    text = _BY_NUMBER.sub(_allowed, text)
    text = _STRAY.sub("&amp;", text)
    return _VALUE.sub(_escaped, text).encode()


def _escaped(value: re.Match[str]) -> str:
    inner = value[3].replace("<", "&lt;").replace(">", "&gt;")
    return f"{value[1]}{inner}{value[4]}"


def _allowed(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    is_allowed = number <= 0x10FFFF and not _FORBIDDEN.fullmatch(chr(number))
    return reference[0] if is_allowed else REPLACEMENT


def parts(body: bytes, tag: str) -> list[bytes]:
    """Each element of this name by itself, for where the whole cannot be read."""
    pattern = re.compile(rf"<{tag}>.*?</{tag}>".encode(), re.DOTALL)
    return pattern.findall(body)
