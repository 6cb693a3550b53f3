"""One voice dialog: who takes part in it, what it carries, how Finesse writes it (docs/cisco/finesse.md §4.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from lab.finesse.documents import element, now
from lab.people.cast import Person

QUEUES = {"5001": ("Sales", "5011"), "5002": ("Support", "5012")}
FIRST_ID = 16_804_377
SERVICE = "8000"
INBOUND = "PREROUTE_ACD_IN"
MONITOR, CONSULT, TRANSFER, CONFERENCE = "SUPERVISOR_MONITOR", "CONSULT", "TRANSFER", "CONFERENCE"

# What an agent may do in each state; [I] beyond HOLD and DROP of an active call, which the contract's example has.
ACTIONS = {
    "ALERTING": ("ANSWER",),
    "ACTIVE": ("HOLD", "DROP"),
    "HELD": ("RETRIEVE", "DROP"),
    "WRAP_UP": ("UPDATE_CALL_DATA",),
}
TO_COMPLETE = ("TRANSFER", "CONFERENCE")


@dataclass(frozen=True, slots=True)
class Party:
    """One participant. A customer's may have actions, too; what tells an agent's is its device."""

    address: str
    state: str
    is_agent: bool = False
    changed: str = field(default_factory=now)

    def to(self, state: str) -> "Party":
        return self if state == self.state else replace(self, state=state, changed=now())


@dataclass(frozen=True, slots=True)
class Call:
    """A dialog, which stands in the lists of all its `owners`, who share its id as the two of a consult call do.

    `conversation` is shared by dialogs of one conference, and by a monitored call and its listener. `key` goes with the
    customer from dialog to dialog [I]: the call key is made of it. `guid` is CVP's name of a customer's call, whoever
    it is transferred to; empty where none is on the line. Finesse shows neither conversation nor guid.
    """

    id: str
    owners: tuple[Person, ...]
    from_address: str
    to_address: str
    variables: Mapping[str, str]
    parties: tuple[Party, ...]
    call_type: str = INBOUND
    state: str = "ACTIVE"
    dialled: str = SERVICE
    queue: str = ""
    associated: str = ""
    conversation: str = ""
    key: str = ""
    guid: str = ""
    started: str = field(default_factory=now)

    @property
    def agent(self) -> Person:
        return self.owners[0]

    @property
    def agent_state(self) -> str:
        return self.state_of(self.agent)

    def state_of(self, person: Person) -> str:
        return next((party.state for party in self.parties if party.address == person.extension), "DROPPED")

    def others_than(self, person: Person) -> tuple[Party, ...]:
        return tuple(party for party in self.parties if party.address != person.extension)

    def moved(self, state: str, *addresses: str) -> Self:
        """The same call with the parties at these addresses in another state."""
        moved = (party.to(state) if party.address in addresses else party for party in self.parties)
        return replace(self, parties=tuple(moved))

    def dropped(self) -> Self:
        """As a notification of its end tells it."""
        ended = tuple(party.to("DROPPED") for party in self.parties)
        return replace(self, state="DROPPED", parties=ended)

    def xml(self) -> str:
        """The shape is that of docs/cisco/finesse.md §4.2."""
        return "".join(
            (
                "<Dialog>",
                element("associatedDialogUri", f"/finesse/api/Dialog/{self.associated}" if self.associated else ""),
                element("fromAddress", self.from_address),
                element("id", self.id),
                _media(self),
                "<mediaType>Voice</mediaType>",
                f"<participants>{''.join(_participant(self, party) for party in self.parties)}</participants>",
                element("state", self.state),
                element("toAddress", self.to_address),
                element("uri", f"/finesse/api/Dialog/{self.id}"),
                "</Dialog>",
            )
        )


def _media(call: Call) -> str:
    queue, number = QUEUES.get(call.queue, ("", ""))
    variables = "".join(
        f"<CallVariable>{element('name', name)}{element('value', value)}</CallVariable>"
        for name, value in call.variables.items()
    )
    return "".join(
        (
            "<mediaProperties><mediaId>1</mediaId>",
            element("DNIS", call.dialled),
            element("callType", call.call_type),
            element("dialedNumber", call.dialled),
            element("queueName", queue),
            element("queueNumber", number),
            element("callKeyCallId", str(int(call.key or call.id) - FIRST_ID + 217)),
            "<callKeyPrefix>153214</callKeyPrefix><callKeySequenceNum>0</callKeySequenceNum><wrapUpReason/>",
            f"<callvariables>{variables}</callvariables></mediaProperties>" if variables else "</mediaProperties>",
        )
    )


def _participant(call: Call, party: Party) -> str:
    actions = "".join(element("action", name) for name in _actions(call, party))
    return "".join(
        (
            f"<Participant><actions>{actions}</actions>" if actions else "<Participant><actions/>",
            element("mediaAddress", party.address),
            element("mediaAddressType", "AGENT_DEVICE" if party.is_agent else ""),
            element("startTime", call.started),
            element("state", party.state),
            element("stateChangeTime", party.changed),
            "</Participant>",
        )
    )


def _actions(call: Call, party: Party) -> tuple[str, ...]:
    may = ACTIONS.get(party.state, ("DROP",))
    placed = party.is_agent and party.address == call.from_address and party.state == "ACTIVE"
    completes = placed and call.call_type == CONSULT
    return (*may, *TO_COMPLETE) if completes else may
