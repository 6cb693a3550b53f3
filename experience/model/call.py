"""A call as the service reads it from Finesse, and what is said of the survey after it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

SurveyWord = Literal["will_go_out", "declined", "no_rule", "too_soon", "opted_out"]
CallKind = Literal["inbound", "outbound", "consult", "internal"]


@dataclass(frozen=True, slots=True)
class Leg:
    """One person's part in a call: the dialog as that person has it."""

    cluster: str
    dialog_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class CallReading:
    """What Finesse says of a person's call; absent texts are empty.

    `key` is the call key, or what stands for it. `linked` are ids of dialogs of the same conversation. `consent` is the
    customer's word on surveys. `started_at`: microseconds since 1970, 0 where it is not said. `is_over`: the customer
    has gone, the person still writes.
    """

    leg: Leg
    key: str
    kind: CallKind
    agent_id: str
    team_id: str
    linked: tuple[str, ...] = ()
    customer_id: str = ""
    email: str = ""
    mobile: str = ""
    language: str = ""
    consent: str = ""
    queue: str = ""
    queue_name: str = ""
    call_type: str = ""
    dialled: str = ""
    started_at: int = 0
    is_over: bool = False


class CallSurveys(Protocol):
    """The survey after a call. All but `read` answer None for a call that this person's session has not read."""

    def read(self, reading: CallReading) -> SurveyWord | None:
        """Keep what a call is; what will happen after it, None where there are no rules at all."""

    def end(self, leg: Leg) -> SurveyWord | None:
        """The call has ended for this person; a repeat changes nothing."""

    def decline(self, leg: Leg) -> SurveyWord | None:
        """The customer wants no survey."""
