"""Who the customer on a call is: call variables and numbers become a customer, or none; pure.

POD.ID is Cisco's variable for this (docs/cisco/finesse.md §6.1): `key=value` pairs joined by `;`, or a bare customer
id.
Which fact counts in which situation stands in tests/gadgets/journey/test_situations.py as a table.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from experience.model.customer import Customer, Key, customer_id, names_nobody
from experience.privacy import pii
from foundation import invisible
from gadgets.finesse.xml import CallKind, Dialog

FEWEST_DIGITS = 7
OUTBOUND_NUMBER = "BACustomerNumber"  # docs/cisco/finesse.md §6.2
# What scripts of Unified CCX set (docs/cisco/cloud-connect-and-cce.md §3.4); looked at after the variables of ours.
UCCX_VARIABLES = (("ccx_customer_ani", "mobile"), ("ccx_customer_email_id", "email"))
KINDS = {"customerid": "customerId", "mobile": "mobile", "email": "email"}
KEYS = {"cc_customerid": "customerId", "mobile": "mobile", "email": "email"}
NO_DIGITS = re.compile(r"\D+")
PLACES = re.compile(r"(?P<variable>[^:\s]+)(?::(?P<kind>[A-Za-z]+))?")


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of the customer on a call; absent facts are empty."""

    customer_id: str = ""
    mobile: str = ""
    email: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.customer_id or self.mobile or self.email)

    @property
    def known_by(self) -> Key:
        """The first fact of customer id, mobile, e-mail decides alone whose answers are looked for."""
        return "customerId" if self.customer_id else "mobile" if self.mobile else "email"

    @property
    def customer(self) -> Customer:
        """Whose answers are looked for."""
        return Customer(self.known_by, self.customer_id or self.mobile or self.email)

    def completed(self, more: Self | None) -> Self:
        """With what is absent taken from another."""
        if more is None:
            return self
        return type(self)(self.customer_id or more.customer_id, self.mobile or more.mobile, self.email or more.email)

    def to_dict(self) -> dict[str, str | None]:
        """The `customer` of a journey: e-mail and mobile masked (docs/api.md, Journey)."""
        return {
            "customerId": self.customer_id or None,
            "knownBy": self.known_by,
            "email": pii.mask_email(self.email) if self.email else None,
            "mobile": pii.mask_phone(self.mobile) if self.mobile else None,
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

    def caller(self, facts: Mapping[str, str]) -> Caller | None:
        """From `customerId`, `mobile` and `email`, each in its one form; None where nothing usable is left."""
        usable = {kind: value for kind, value in facts.items() if value and not names_nobody(value, self.ignored)}
        caller = Caller(
            customer_id=customer_id(usable.get("customerId", "")) or "",
            mobile=pii.phone(usable.get("mobile", ""), self.region, self.prefixes) or "",
            email=pii.email(usable.get("email", "")) or "",
        )
        return caller if caller.is_known else None


def caller_of(dialog: Dialog, own_extension: str, rules: CallerRules, calls: Iterable[Dialog] = ()) -> Caller | None:
    """The customer whom a call's variables name, else those of the call it belongs to; without one, a number.

    `calls` are all calls of this person: a consult call belongs to one of them.
    """
    others = {call.id: call for call in calls if call.kind is not CallKind.MONITORING}
    other = others.get(dialog.associated)
    known = [dialog, other] if other else [dialog]
    ours = _addresses({own_extension}.union(*(call.agents for call in (dialog, *others.values()))))
    for call in known:
        if named := _named(call, rules, ours):
            return named
    numbered = _numbered(dialog, other, ours)
    return rules.caller({"mobile": _number(numbered, ours)}) if numbered else None


def _named(call: Dialog, rules: CallerRules, ours: frozenset[str]) -> Caller | None:
    """Whom the variables name; each fact from the first variable in which it can be used."""
    for places in (rules.variables, UCCX_VARIABLES):
        caller = Caller()
        for variable, kind in places:
            if not (text := call.variables.get(variable)):
                continue
            facts = read_variable(text, kind)
            if _is_ours(facts.get("mobile", ""), ours):
                del facts["mobile"]
            caller = caller.completed(rules.caller(facts))
        if caller.is_known:
            return caller
    return None


def _numbered(dialog: Dialog, other: Dialog | None, ours: frozenset[str]) -> Dialog | None:
    """The call whose number is the customer's: a consult call's is a colleague's or an expert's."""
    if dialog.kind is CallKind.CONSULT:
        return other
    # A dialer's call may come from the agent's own extension; the reservation that it belongs to has no customer.
    if dialog.kind is CallKind.CAMPAIGN:
        return dialog
    if not dialog.associated or not _is_ours(dialog.from_address, ours):
        return dialog
    # Two calls that this side placed: which of them is the customer's is told by their kinds alone.
    if other and other.kind is CallKind.CONSULT:
        return dialog
    if other and not _is_ours(other.from_address, ours):
        return other
    return None


def read_variable(text: str, kind: str | None = None) -> dict[str, str]:
    """The facts in one variable: of the kind that is said to stand in it, else as POD.ID; empty values are left out."""
    if kind:
        return {kind: text.strip()} if text.strip() else {}
    facts: dict[str, str] = {}
    for part in text.split(";"):
        key, equals, value = part.partition("=")
        name = KEYS.get(invisible.removed(key).strip().lower()) if equals else "customerId"
        value = (value if equals else key).strip()
        if name and value:
            facts.setdefault(name, value)
    return facts


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


def _number(dialog: Dialog, ours: frozenset[str]) -> str:
    """The other party's number: never the agent's own extension, never a party that Finesse controls."""
    if not dialog.is_voice:
        return ""
    went_out = dialog.kind is CallKind.CAMPAIGN or _is_ours(dialog.from_address, ours)
    called = [dialog.to_address, dialog.variables.get("dialedNumber", "")]
    candidates = [*_dialled(dialog), *(called if went_out else [dialog.from_address])]
    return next((number for number in candidates if _is_a_number(number) and not _is_ours(number, ours)), "")


def _dialled(dialog: Dialog) -> list[str]:
    """Whom a dialer calls for the agent. Its own number for that may carry its prefix, `callbackNumber` never does."""
    number, plain = dialog.variables.get(OUTBOUND_NUMBER, ""), dialog.callback_number
    if dialog.kind is not CallKind.CAMPAIGN and not number:
        return []
    is_prefixed = len(_digits(plain)) >= FEWEST_DIGITS and _digits(number).endswith(_digits(plain))
    return [plain] if is_prefixed else [number, plain]


def _addresses(parties: Iterable[str]) -> frozenset[str]:
    """Addresses as they are written, and by their digits alone."""
    known = {party for party in parties if party}
    return frozenset(known | {digits for party in known if (digits := _digits(party))})


def _is_ours(address: str, ours: frozenset[str]) -> bool:
    return address in ours or (bool(digits := _digits(address)) and digits in ours)


def _is_a_number(text: str) -> bool:
    return len(_digits(text)) >= FEWEST_DIGITS


def _digits(text: str) -> str:
    return NO_DIGITS.sub("", text)
