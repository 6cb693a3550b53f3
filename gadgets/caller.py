"""Who the customer on a call is: call variables become a customer, or none; pure.

POD.ID is Cisco's variable for this (contract/finesse.md §4.3): `key=value` pairs joined by `;`, or a bare customer id.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from experience import pii
from gadgets.finesse_xml import Dialog

FEWEST_DIGITS = 7
OUTBOUND_NUMBER = "BACustomerNumber"
KINDS = {"customerid": "customerId", "mobile": "mobile", "email": "email"}
KEYS = {"cc_customerid": "customerId", "mobile": "mobile", "email": "email"}
NUMBER_SIGNS = re.compile(r"[\s().+/-]")
PLACES = re.compile(r"(?P<variable>[^:\s]+)(?::(?P<kind>[A-Za-z]+))?")


@dataclass(frozen=True, slots=True)
class Customer:
    """What is known of a customer; absent facts are empty. The first of customer id, mobile, e-mail decides alone."""

    customer_id: str = ""
    mobile: str = ""
    email: str = ""

    @property
    def known_by(self) -> str:
        return "customerId" if self.customer_id else "mobile" if self.mobile else "email"

    @property
    def value(self) -> str:
        return self.customer_id or self.mobile or self.email

    def told(self) -> dict[str, str | None]:
        """The `customer` of a journey: e-mail and mobile masked (design/interfaces.md, Journey)."""
        return {
            "customerId": self.customer_id or None,
            "email": pii.mask_email(self.email) if self.email else None,
            "mobile": pii.mask_phone(self.mobile) if self.mobile else None,
            "knownBy": self.known_by,
        }


@dataclass(frozen=True, slots=True)
class CallerRules:
    """Which variables name the customer, which values name none, and how phone numbers are read."""

    variables: tuple[tuple[str, str | None], ...] = (("POD.ID", None),)
    ignored: frozenset[str] = frozenset()
    region: str | None = None
    prefixes: tuple[str, ...] = ()

    @classmethod
    def of(cls, variables: tuple[str, ...], ignored: tuple[str, ...], region: str, prefixes: tuple[str, ...]) -> Self:
        """From settings that `faults` found nothing wrong with."""
        places = [match for entry in variables if (match := PLACES.fullmatch(entry))]
        named = tuple((place["variable"], KINDS[place["kind"].lower()] if place["kind"] else None) for place in places)
        return cls(named, frozenset(value.casefold() for value in ignored), region or None, prefixes)

    def customer(self, facts: Mapping[str, str]) -> Customer | None:
        """From `customerId`, `mobile` and `email`, each in its one form; None where nothing usable is left."""
        usable = {kind: value for kind, value in facts.items() if value and not self._is_ignored(value)}
        found = Customer(
            customer_id=usable.get("customerId", ""),
            mobile=pii.phone(usable.get("mobile", ""), self.region, self.prefixes) or "",
            email=pii.email(usable.get("email", "")) or "",
        )
        return found if found.value else None

    def _is_ignored(self, value: str) -> bool:
        """As it is written, or as a number with other signs between its digits."""
        return value.casefold() in self.ignored or NUMBER_SIGNS.sub("", value) in self.ignored


def caller_of(dialog: Dialog, own_extension: str, rules: CallerRules) -> Customer | None:
    """The customer whom a call's variables name; without one, the number that called or, going out, was called."""
    facts: dict[str, str] = {}
    for variable, kind in rules.variables:
        for key, value in read_variable(dialog.variables.get(variable, ""), kind).items():
            facts.setdefault(key, value)
    return rules.customer(facts) or rules.customer({"mobile": _number(dialog, own_extension)})


def read_variable(text: str, kind: str | None = None) -> dict[str, str]:
    """The facts in one variable: of the kind that is said to stand in it, else as POD.ID; empty values are left out."""
    if kind:
        return {kind: text.strip()} if text.strip() else {}
    found: dict[str, str] = {}
    for part in text.split(";"):
        key, equals, value = part.partition("=")
        name = KEYS.get(key.strip().lower()) if equals else "customerId"
        value = (value if equals else key).strip()
        if name and value:
            found.setdefault(name, value)
    return found


def faults(variables: tuple[str, ...]) -> list[str]:
    """One line for each entry of CUSTOMER_VARIABLES that cannot be used."""
    return [f"PULSE_CUSTOMER_VARIABLES: {entry}: {why}" for entry in variables if (why := _fault(entry))]


def _fault(entry: str) -> str:
    match = PLACES.fullmatch(entry)
    if not match:
        return "must be a variable's name, or name:customerId, name:mobile or name:email"
    if match["kind"] and match["kind"].lower() not in KINDS:
        return f"{match['kind']} is none of customerId, mobile, email"
    return ""


def _number(dialog: Dialog, own_extension: str) -> str:
    """The other party's number: never the agent's own extension, never a party that Finesse controls."""
    ours = dialog.agents | {own_extension}
    if dialog.from_address not in ours:
        candidates = [dialog.from_address]
    else:
        candidates = [
            dialog.variables.get(OUTBOUND_NUMBER, ""),
            dialog.to_address,
            dialog.variables.get("dialedNumber", ""),
        ]
    return next((number for number in candidates if number not in ours and _is_a_number(number)), "")


def _is_a_number(text: str) -> bool:
    return len(re.sub(r"\D", "", text)) >= FEWEST_DIGITS
