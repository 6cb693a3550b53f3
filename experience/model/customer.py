"""Who a customer is: known by one key alone; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from experience.privacy import pii

Key = Literal["customerId", "mobile", "email"]


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
