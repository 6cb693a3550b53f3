"""Who is on which calls: each change is written once as XML and sent to every desktop that it concerns."""

import itertools
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from lab.calls.call import FIRST_ID, INBOUND, MONITOR, SERVICE, Call, Party
from lab.desktop.events import Events
from lab.finesse.documents import update
from lab.people.cast import Person


class Switchboard:
    """Thread-safe; what a Dialogs request answers is kept written out, ready to send."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self.guard = threading.RLock()
        self._ids = itertools.count(FIRST_ID)
        self._calls: dict[str, Call] = {}
        self._written: dict[str, bytes] = {}
        self.on_change: Callable[[Person], None] = lambda _person: None
        # Once a customer's call has ended, with the dialog of its last agent.
        self.on_end: Callable[[Call], None] = lambda _call: None

    def new_id(self) -> str:
        return str(next(self._ids))

    def place(
        self,
        agent: Person,
        from_address: str,
        variables: Mapping[str, str],
        *,
        call_type: str = INBOUND,
        others: tuple[str, ...] = (),
        state: str = "ACTIVE",
        to_address: str = "",
    ) -> Call:
        """Always placed, beside whatever else the agent has; one to another number than the agent's is dialled by him.

        [I] A dialled number stands in toAddress, dialedNumber and DNIS; such a call comes from no queue.
        """
        outgoing = to_address not in ("", agent.extension)
        customer = to_address if outgoing else from_address
        others = others or ((customer,) if customer else ())
        parties = (
            Party(agent.extension, state, is_agent=True),
            *(Party(other, "ACTIVE" if outgoing and state == "ACTIVE" else state) for other in others),
        )
        call_id = self.new_id()
        call = Call(
            id=call_id,
            owners=(agent,),
            from_address=from_address or (agent.extension if outgoing else ""),
            to_address=to_address or agent.extension,
            variables=dict(variables),
            parties=parties,
            call_type=call_type,
            state=state,
            dialled=to_address if outgoing else SERVICE,
            queue="" if outgoing else agent.team,
            conversation=call_id,
            key=call_id,
            guid="" if outgoing or call_type != INBOUND else uuid.uuid4().hex.upper(),
        )
        return self.put(call)

    def put(self, call: Call) -> Call:
        """The call as it is from now on: it comes to new owners, changes for those who had it, goes from the rest."""
        with self.guard:
            before = self._calls.get(call.id)
            had = before.owners if before else ()
            self._calls[call.id] = call
            for person in had:
                if before and person not in call.owners:
                    self._notify("DELETE", before.dropped(), person)
            for person in call.owners:
                self._notify("PUT" if person in had else "POST", call, person)
        return call

    def answer(self, call_id: str) -> Call | None:
        return self._change(
            call_id, lambda call: replace(call, state="ACTIVE", parties=tuple(p.to("ACTIVE") for p in call.parties))
        )

    def carry(self, call_id: str, variables: Mapping[str, str]) -> Call | None:
        """Other variables than before, as a script or an agent writes them in mid-call."""
        return self._change(call_id, lambda call: replace(call, variables=dict(variables)))

    def hold(self, call: Call, by: Person) -> Call:
        """That agent's part is held; the customer's stays active, as Finesse shows it [I]."""
        return self.put(call.moved("HELD", by.extension))

    def retrieve(self, call: Call, by: Person) -> Call:
        """Whatever else that agent speaks in is held meanwhile."""
        with self.guard:
            for other in self.of(by.id):
                if other.id != call.id and other.state_of(by) == "ACTIVE":
                    self.put(other.moved("HELD", by.extension))
            return self.put(call.moved("ACTIVE", by.extension))

    def wrap_up(self, call_id: str) -> Call | None:
        """The customer has gone; the agent still writes, and the dialog still stands."""

        def ended(call: Call) -> Call:
            own = {owner.extension for owner in call.owners}
            parties = tuple(party.to("WRAP_UP" if party.address in own else "DROPPED") for party in call.parties)
            return replace(call, state="ACTIVE", parties=parties)

        with self.guard:
            call = self.get(call_id)
            if call is not None:
                self._customer_left(call)
            return self._change(call_id, ended)

    def hang_up(self, call_id: str) -> bool:
        """End the dialog for all its owners. Whoever listens in goes with it; who shares the conversation stays."""
        with self.guard:
            call = self._calls.pop(call_id, None)
            if call is None:
                return False
            for person in call.owners:
                self._notify("DELETE", call.dropped(), person)
            if not any(other.guid == call.guid for other in self.all()):
                self._customer_left(call)
            for other in self.all():
                self._left_by(call, other)
            return True

    def _customer_left(self, ended: Call) -> None:
        """CVP's call is over: no dialog stands for it any more."""
        if not ended.guid:
            return
        for other in self.all():
            if other.guid == ended.guid:
                self._calls[other.id] = replace(other, guid="")
        self.on_end(ended)

    def _left_by(self, ended: Call, other: Call) -> None:
        shared = other.conversation == ended.conversation and ended.call_type != MONITOR
        if shared and other.call_type == MONITOR:
            self.hang_up(other.id)
        elif shared:
            gone = {owner.extension for owner in ended.owners}
            self.put(replace(other, parties=tuple(p for p in other.parties if p.address not in gone)))
        elif other.associated == ended.id:
            self.put(replace(other, associated=""))

    def get(self, call_id: str) -> Call | None:
        with self.guard:
            return self._calls.get(call_id)

    def of(self, person_id: str) -> list[Call]:
        with self.guard:
            return [call for call in self._calls.values() if any(owner.id == person_id for owner in call.owners)]

    def all(self) -> list[Call]:
        with self.guard:
            return list(self._calls.values())

    def dialogs(self, person_id: str) -> bytes:
        """The Dialogs document of one person."""
        return self._written.get(person_id, b"<Dialogs/>")

    def _change(self, call_id: str, change: Callable[[Call], Call]) -> Call | None:
        with self.guard:
            call = self._calls.get(call_id)
            return self.put(change(call)) if call else None

    def _notify(self, event: str, call: Call, person: Person) -> None:
        dialogs = "".join(dialog.xml() for dialog in self.of(person.id))
        self._written[person.id] = f"<Dialogs>{dialogs}</Dialogs>".encode() if dialogs else b"<Dialogs/>"
        # All arrive at the user's collection; of a change the dialog is the source (docs/cisco/finesse.md §3.7).
        collection = f"/finesse/api/User/{person.id}/Dialogs"
        source = f"/finesse/api/Dialog/{call.id}" if event == "PUT" else collection
        data = call.xml() if event == "PUT" else f"<dialogs>{call.xml()}</dialogs>"
        data = data.replace("<Dialog>", "<dialog>", 1).replace("</Dialog>", "</dialog>") if event == "PUT" else data
        self._events.publish(person.id, collection, update(event, source, data))
        self.on_change(person)
