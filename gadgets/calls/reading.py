"""What is kept of a call for the survey after it, from what Finesse says of it; pure.

The call key is the router's: a day and a number of that day, the same whatever the transfers
(docs/cisco/finesse.md §4.2). Unified CCX has none.
"""

from collections.abc import Iterator

from experience.model import timestamps
from experience.model.call import CallKind, CallReading, CallSurveys, Leg, SurveyWord
from foundation import invisible
from gadgets.finesse import xml
from gadgets.finesse.xml import Dialog
from gadgets.journey.caller import Caller, CallerRules
from gadgets.signin.person import Person

# The ECC variable POD.ID holds so many characters, and Optin stands last in it.
POD_LENGTH = 120
LANGUAGE = ("cc_language", "cc_langauge")
OPT_IN = ("optin", "cc_optin")
INTERNAL = "AGENT_INSIDE"
OUT = "OUT"
OVER = frozenset({"WRAP_UP", "DROPPED"})


def leg_of(person: Person, dialog_id: str) -> Leg:
    return Leg(person.cluster, dialog_id, person.id)


def survey_of(
    surveys: CallSurveys, rules: CallerRules, person: Person, dialog: Dialog, caller: Caller | None
) -> dict[str, SurveyWord]:
    """Keep what a person's call is; what will happen after it, as a journey says it."""
    word = surveys.read(reading_of(person, dialog, caller, rules))
    return {} if word is None else {"survey": word}


def reading_of(person: Person, dialog: Dialog, caller: Caller | None, rules: CallerRules) -> CallReading:
    """What a person's call is."""
    customer = caller or Caller()
    variables = dialog.variables
    return CallReading(
        leg=leg_of(person, dialog.id),
        key=_key(person, dialog),
        kind=_kind(person, dialog),
        agent_id=person.agent_id,
        team_id=person.team[0],
        linked=tuple(other for other in (dialog.associated, dialog.replaced) if other),
        customer_id=customer.customer_id,
        email=customer.email,
        mobile=customer.mobile,
        language=_language(dialog, rules),
        consent=_consent(dialog, rules),
        queue=variables.get("queueNumber", ""),
        queue_name=variables.get("queueName", ""),
        call_type=variables.get("callType", ""),
        dialled=variables.get("dialedNumber", "") or variables.get("DNIS", ""),
        started_at=_micros(dialog.started),
        is_over=dialog.parts.get(person.extension, "") in OVER,
    )


def _key(person: Person, dialog: Dialog) -> str:
    day, number = (dialog.variables.get(name, "") for name in ("callKeyPrefix", "callKeyCallId"))
    return f"{day}:{number}" if day and number else f"{person.cluster} {dialog.id}"


def _kind(person: Person, dialog: Dialog) -> CallKind:
    ours = {*dialog.agents, person.extension}
    if dialog.kind is xml.CallKind.CONSULT:
        return "consult"
    if dialog.kind is xml.CallKind.CAMPAIGN:
        return "outbound"
    if dialog.variables.get("callType") == INTERNAL or ours.issuperset({dialog.from_address, dialog.to_address}):
        return "internal"
    is_dialled = dialog.from_address in ours or dialog.variables.get("callType") == OUT
    return "outbound" if is_dialled else "inbound"


def _language(dialog: Dialog, rules: CallerRules) -> str:
    return next((value for _, pairs in _written(dialog, rules) for key in LANGUAGE if (value := pairs.get(key))), "")


def _consent(dialog: Dialog, rules: CallerRules) -> str:
    """The customer's word on surveys: what is there and empty, or was cut off, is no yes."""
    for text, pairs in _written(dialog, rules):
        words = [pairs[key] for key in OPT_IN if key in pairs]
        if words:
            return words[0] or "no"
        if POD_LENGTH in (len(text), len(text.encode("utf-8", "replace"))):
            return "no"
    return ""


def _written(dialog: Dialog, rules: CallerRules) -> Iterator[tuple[str, dict[str, str]]]:
    """The variables that hold pairs as POD.ID does, and their pairs."""
    for variable, kind in rules.variables:
        if kind is None and (text := dialog.variables.get(variable)):
            parts = (part.partition("=") for part in text.split(";"))
            yield text, {invisible.removed(key).strip().lower(): value.strip() for key, _, value in parts}


def _micros(text: str) -> int:
    try:
        return timestamps.to_micros(timestamps.parse(text))
    except ValueError:
        return 0
