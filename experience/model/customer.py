"""Who a customer is: known by one key alone; pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from experience.privacy import pii
from foundation import invisible

Key = Literal["customerId", "mobile", "email"]

# What scripts and databases write where they know no customer, without spaces and signs, in any case.
_NOBODY = frozenset(
    {
        *("null", "undefined", "none", "nil", "na", "nan", "void", "empty", "blank", "missing", "unknown", "anonymous"),
        *("novalue", "notset", "notavailable", "notapplicable", "notfound", "nodata", "nullptr", "dbnull", "nothing"),
        *("無", "空", "未知", "不明", "不詳", "沒有", "无", "没有", "不详"),
    }
)
_NUMBER_SIGNS = re.compile(r"[\s().+/-]")
_SIGNS = re.compile(r"[\W_]+")
_ZERO = re.compile(r"[\W_]*0+(?:[.,]0+)?[\W_]*|-1")


@lru_cache(maxsize=4096)
def customer_id(text: str) -> str | None:
    """The one form of a customer id, composed (NFC), without what is not seen.

    None: it stands for "no customer", such as null, 0 or n/a.
    """
    plain = unicodedata.normalize("NFC", invisible.removed(text)).strip()
    letters = _SIGNS.sub("", unicodedata.normalize("NFKC", plain)).casefold()
    if not letters or letters in _NOBODY or _ZERO.fullmatch(unicodedata.normalize("NFKC", plain)):
        return None
    return plain


def names_nobody(value: str, ignored: frozenset[str]) -> bool:
    """Whether a value is one of those that scripts write where they know no customer; `ignored` is in lower case.

    As it is written, or as a number with other signs between its digits.
    """
    plain = value.strip().casefold()
    if plain in ignored or "@" in plain or not any(map(str.isdecimal, plain)):
        return plain in ignored
    return _NUMBER_SIGNS.sub("", pii.bare_number(value)) in ignored


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer: known by which key, and its value in its one form (`pii.phone`, `pii.email`) or its hash."""

    known_by: Key
    value: str

    def __post_init__(self) -> None:
        if self.known_by not in get_args(Key) or not self.value:
            raise ValueError("a customer is known by a customerId, mobile or email that is not empty")

    def forms(self) -> tuple[str, ...]:
        """The values that an answer of this customer may carry."""
        return pii.forms(self.value) if self.known_by == "mobile" else pii.hashed_forms(self.value)
