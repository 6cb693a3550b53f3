"""Personal data: one form for each phone number and e-mail address, hashes and masks of them; pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, PhoneMetadata, PhoneNumberFormat

from foundation import invisible

_DIGESTS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
ALGORITHMS = tuple(_DIGESTS)
DEFAULT_ALGORITHM = "sha512"

_HASHED = re.compile(r"sha(?:256|384|512):.+", re.IGNORECASE | re.DOTALL)
# No database keeps a NUL.
_ADDRESS = re.compile(r"[^@\s\0]+@[^@\s\0]+")
_EXTENSION = re.compile(r"(?:;ext=|,|;|\bext\.?|x|#)\s*\d*$", re.IGNORECASE)
_NUMBER = re.compile(r"(\+?)([\d\s().\-/]+)")
# What may stand before a number that is copied out of a page, a signature or an address.
_SCHEME = re.compile(r"(?:tel|callto|sms|phone|mobile|電話|手機|电话|手机)\b[\s.:]*/{0,2}\s*", re.IGNORECASE)
# A number as a spreadsheet or a program writes it: with a point, and to no telephone.
_DECIMAL = re.compile(r"(\+?\d{7,}|\d)\.(\d+)")
# Signs that are written as dashes between digits, and are none to Unicode.
_DASHES = frozenset("\u2212\u2043\u02d7\u30fc\u2500\u2501~\u223c\u301c_\u00b7\u2022\u2027\u30fb\u2219\u22c5")
_QUOTES = frozenset("'\"`<>")
_NAMED_ADDRESS = re.compile(r"[^<>]*<([^<>]*)>[\s;,.]*")
_AROUND_ADDRESS = " \t\r\n<>()[]'\"`;,“”‘’「」"
_SHORTEST = 7
_DIGITS = re.compile(rf"\+?\d{{{_SHORTEST},}}")


@lru_cache(maxsize=4096)
def phone(text: str, region: str | None = None, prefixes: tuple[str, ...] = ()) -> str | None:
    """The one form of a phone number: E.164 with plus where that can be decided, else its bare digits.

    `region` (such as TW) reads national numbers; `prefixes` are access codes for an outside line. None: not a number
    of seven digits or more.
    """
    dialled = bare_number(text)
    # A code such as *9 can be nothing but a code; one of digits may also be the beginning of a number.
    signs = next((code for code in prefixes if not code.isdecimal() and dialled.startswith(code)), "")
    plain = _EXTENSION.sub("", dialled.removeprefix(signs)).strip()
    if decimal := _DECIMAL.fullmatch(plain):
        if decimal[2].strip("0") or len(decimal[1]) < _SHORTEST:
            return None
        plain = decimal[1]
    match = _NUMBER.fullmatch(plain)
    digits = _ascii_digits("".join(filter(str.isdecimal, match[2]))) if match else ""
    if not match or len(digits) < _SHORTEST:
        return None
    if match[1]:
        return _international(digits) or f"+{digits}"
    return _decided(digits, region, prefixes) or digits


def bare_number(text: str) -> str:
    """A number as it was written, without what is not dialled: invisible signs, brackets, `tel:`; dashes are plain."""
    if _DIGITS.fullmatch(text) and text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", invisible.removed(text))
    return _SCHEME.sub("", "".join(map(_dialled, plain)).strip(), count=1) if plain else ""


@lru_cache(maxsize=4096)
def email(text: str) -> str | None:
    """The one form of an e-mail address, lower-case; None: not an address."""
    plain = unicodedata.normalize("NFKC", invisible.removed(text)).strip()
    if named := _NAMED_ADDRESS.fullmatch(plain):
        plain = named[1]
    plain = plain.strip(_AROUND_ADDRESS).rstrip(".").lower()
    if plain.startswith("mailto:"):
        plain = plain.removeprefix("mailto:").partition("?")[0].strip()
    return plain if _ADDRESS.fullmatch(plain) else None


def is_hashed(value: str) -> bool:
    """Whether the value is `sha256:…`, `sha384:…` or `sha512:…` already."""
    return value[:3].lower() == "sha" and bool(_HASHED.fullmatch(value))


def is_contact(value: str) -> bool:
    """Whether the value is a phone number or an e-mail address in its one form, or a hash."""
    return is_hashed(value) or bool(_DIGITS.fullmatch(value) or _ADDRESS.fullmatch(value))


def hashed(value: str, algorithm: str = DEFAULT_ALGORITHM) -> str:
    """WxM's hash of a value: of its lower case, in hex, behind the algorithm's name (docs/cisco/wxm-api.md §8.3)."""
    if is_hashed(value):
        return value
    if algorithm not in _DIGESTS:
        raise ValueError(f"{algorithm}: not one of {', '.join(ALGORITHMS)}")
    return f"{algorithm}:{_DIGESTS[algorithm](value.lower().encode()).hexdigest()}"


def forms(value: str) -> tuple[str, ...]:
    """Every form in which a look-up may find a value: a phone number with and without plus, then the hashes of each."""
    if not _DIGITS.fullmatch(value):
        return hashed_forms(value)
    return hashed_forms(value, value.removeprefix("+") if value.startswith("+") else f"+{value}")


def hashed_forms(*values: str) -> tuple[str, ...]:
    """The values as they are, then the hashes of each; a hash stands for itself alone."""
    plain = [value for value in values if not is_hashed(value)]
    return (*values, *(hashed(value, algorithm) for value in plain for algorithm in ALGORITHMS))


def mask_phone(value: str) -> str:
    """The last four digits of a phone number, as in `…4455`."""
    return "…" if is_hashed(value) else f"…{value[-4:]}"


def mask_email(value: str) -> str:
    """The first letter and the domain of an e-mail address, as in `a…@example.com`."""
    name, at, domain = value.rpartition("@")
    return f"{name[:1]}…@{domain}" if at and not is_hashed(value) else "…"


def _ascii_digits(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(unicodedata.digit(sign)) for sign in digits)


def _dialled(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind in ("Pi", "Pf", "Ps", "Pe") or sign in _QUOTES:
        return " "
    return "-" if kind == "Pd" or sign in _DASHES else sign


def _decided(digits: str, region: str | None, prefixes: tuple[str, ...]) -> str | None:
    """A number without plus in E.164: national as it is, national behind an access code, then international."""
    outside = [digits[len(code) :] for code in sorted(prefixes, key=len, reverse=True) if digits.startswith(code)]
    candidates = [digits, *outside]
    for candidate in candidates:
        if region and (number := _valid(candidate, region)):
            return number
    for candidate in candidates:
        if candidate.startswith("00") and (number := _valid(f"+{candidate[2:]}", None)):
            return number
        if region and (number := _valid(f"+{candidate}", None)):
            return number
    return None


def _valid(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if valid else None


def _international(digits: str) -> str | None:
    """Digits behind a plus in E.164, without the trunk zero that some write after the country code."""
    code = next((digits[:length] for length in (1, 2, 3) if int(digits[:length]) in COUNTRY_CODE_TO_REGION_CODE), "")
    if code and _trunk_is_zero(int(code)) and digits[len(code)] != "0":
        return None
    return _valid(f"+{digits}", None)


@cache
def _trunk_is_zero(code: int) -> bool:
    """Whether a zero is all that a parser could take off behind this country code; asking it costs 60 µs a number."""
    regions = [PhoneMetadata.metadata_for_region(region) for region in COUNTRY_CODE_TO_REGION_CODE[code]]
    return all(region and region.national_prefix_for_parsing in (None, "0") for region in regions)
