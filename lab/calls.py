"""Calls placed, answered, wrapped up and ended; each change is written once as XML and told to the desktops."""

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lab.documents import element, now, update
from lab.events import Events
from lab.people import Person

QUEUES = {"5001": ("Sales", "5011"), "5002": ("Support", "5012")}
FIRST_ID = 16_804_377


@dataclass(frozen=True, slots=True)
class Call:
    """One voice dialog of one agent. `state` is the dialog's, `agent_state` the agent's own part in it."""

    id: str
    agent: Person
    from_address: str
    variables: Mapping[str, str]
    call_type: str = "PREROUTE_ACD_IN"
    others: tuple[str, ...] = ()
    state: str = "ACTIVE"
    agent_state: str = "ACTIVE"
    started: str = field(default_factory=now)
    changed: str = field(default_factory=now)

    def xml(self) -> str:
        """As contract/examples/finesse-dialogs.xml."""
        return "".join(
            (
                "<Dialog><associatedDialogUri/>",
                element("fromAddress", self.from_address),
                element("id", self.id),
                _media(self),
                "<mediaType>Voice</mediaType>",
                f"<participants>{''.join(_participants(self))}</participants>",
                element("state", self.state),
                element("toAddress", self.agent.extension),
                element("uri", f"/finesse/api/Dialog/{self.id}"),
                "</Dialog>",
            )
        )


def _media(call: Call) -> str:
    queue, number = QUEUES[call.agent.team]
    variables = "".join(
        f"<CallVariable>{element('name', name)}{element('value', value)}</CallVariable>"
        for name, value in call.variables.items()
    )
    return "".join(
        (
            "<mediaProperties><mediaId>1</mediaId><DNIS>8000</DNIS>",
            element("callType", call.call_type),
            "<dialedNumber>8000</dialedNumber>",
            element("queueName", queue),
            element("queueNumber", number),
            element("callKeyCallId", str(int(call.id) - FIRST_ID + 217)),
            "<callKeyPrefix>153214</callKeyPrefix><callKeySequenceNum>0</callKeySequenceNum><wrapUpReason/>",
            f"<callvariables>{variables}</callvariables></mediaProperties>" if variables else "</mediaProperties>",
        )
    )


def _participants(call: Call) -> list[str]:
    actions = "<actions><action>HOLD</action><action>DROP</action></actions>"
    own = _participant(call, call.agent.extension, call.agent_state, actions)
    customer_state = "DROPPED" if call.agent_state == "WRAP_UP" else call.state
    return [own, *(_participant(call, other, customer_state, "<actions/>") for other in _others(call))]


def _others(call: Call) -> tuple[str, ...]:
    return call.others or ((call.from_address,) if call.from_address else ())


def _participant(call: Call, address: str, state: str, actions: str) -> str:
    times = element("startTime", call.started), element("state", state), element("stateChangeTime", call.changed)
    return f"<Participant>{actions}{element('mediaAddress', address)}{''.join(times)}</Participant>"


class Switchboard:
    """Who is on which calls. Thread-safe; what a Dialogs request answers is kept written out, ready to send."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._guard = threading.RLock()
        self._ids = itertools.count(FIRST_ID)
        self._calls: dict[str, Call] = {}
        self._written: dict[str, bytes] = {}
        self.on_change: Callable[[Person], None] = lambda _person: None

    def place(
        self,
        agent: Person,
        from_address: str,
        variables: Mapping[str, str],
        *,
        call_type: str = "PREROUTE_ACD_IN",
        others: tuple[str, ...] = (),
        state: str = "ACTIVE",
    ) -> Call:
        """Always placed, beside whatever else the agent has."""
        with self._guard:
            call_id = str(next(self._ids))
            call = Call(call_id, agent, from_address, dict(variables), call_type, others, state, state)
            self._calls[call.id] = call
            self._tell("POST", call)
        return call

    def answer(self, call_id: str) -> None:
        self._move(call_id, "ACTIVE", "ACTIVE")

    def wrap_up(self, call_id: str) -> None:
        """The customer has gone; the agent still writes, and the dialog still stands."""
        self._move(call_id, "ACTIVE", "WRAP_UP")

    def hang_up(self, call_id: str) -> bool:
        with self._guard:
            call = self._calls.pop(call_id, None)
            if call:
                self._tell("DELETE", replace(call, state="DROPPED", agent_state="DROPPED", changed=now()))
            return call is not None

    def of(self, person_id: str) -> list[Call]:
        with self._guard:
            return [call for call in self._calls.values() if call.agent.id == person_id]

    def all(self) -> list[Call]:
        with self._guard:
            return list(self._calls.values())

    def dialogs(self, person_id: str) -> bytes:
        """The Dialogs document of one person."""
        return self._written.get(person_id, b"<Dialogs/>")

    def _move(self, call_id: str, state: str, agent_state: str) -> None:
        with self._guard:
            call = self._calls.get(call_id)
            if call:
                self._calls[call_id] = call = replace(call, state=state, agent_state=agent_state, changed=now())
                self._tell("PUT", call)

    def _tell(self, event: str, call: Call) -> None:
        agent = call.agent
        standing = "".join(each.xml() for each in self.of(agent.id))
        self._written[agent.id] = f"<Dialogs>{standing}</Dialogs>".encode() if standing else b"<Dialogs/>"
        # A change of a dialog comes from that dialog; its coming and going from the user's collection (§3.8).
        collection = f"/finesse/api/User/{agent.id}/Dialogs"
        source = f"/finesse/api/Dialog/{call.id}" if event == "PUT" else collection
        data = call.xml() if event == "PUT" else f"<dialogs>{call.xml()}</dialogs>"
        data = data.replace("<Dialog>", "<dialog>", 1).replace("</Dialog>", "</dialog>") if event == "PUT" else data
        self._events.publish(agent.id, source, update(event, source, data))
        self.on_change(agent)
