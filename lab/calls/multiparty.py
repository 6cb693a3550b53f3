"""Calls of more than two: consult, transfer, conference, silent monitoring and barge-in.

Which ids the others see then is in no source (docs/cisco/finesse.md §9): here [I] a consult dialog keeps its id for
the colleague, and becomes the customer's by transfer or conference; a listener's becomes the conference.
"""

from dataclasses import replace

from lab.calls.call import CONFERENCE, CONSULT, MONITOR, TRANSFER, Call, Party
from lab.calls.switchboard import Switchboard
from lab.people.cast import Person


class NotNow(Exception):
    """The call is not in a state for that; the text says why."""


def consult(switchboard: Switchboard, call: Call, colleague: Person, *, with_data: bool = False) -> Call:
    """The agent dials the colleague, who is rung; the customer waits on hold, and each dialog names the other.

    [I] The consult dialog carries the customer's variables only on request.
    """
    agent = call.agent
    if colleague is agent or call.call_type == MONITOR:
        raise NotNow("a colleague is consulted in a call of one's own")
    with switchboard.guard:
        consult_id = switchboard.new_id()
        switchboard.put(replace(call.moved("HELD", agent.extension), associated=consult_id))
        dialled = switchboard.put(
            Call(
                id=consult_id,
                owners=(agent,),
                from_address=agent.extension,
                to_address=colleague.extension,
                variables=dict(call.variables) if with_data else {},
                parties=(Party(agent.extension, "INITIATING", is_agent=True),),
                call_type=CONSULT,
                state="INITIATING",
                dialled=colleague.extension,
                associated=call.id,
                conversation=consult_id,
            )
        )
        dialled = switchboard.put(replace(dialled.moved("INITIATED", agent.extension), state="INITIATED"))
        rung = (*dialled.parties, Party(colleague.extension, "ALERTING", is_agent=True))
        return switchboard.put(replace(dialled, owners=(agent, colleague), state="ALERTING", parties=rung))


def transfer(switchboard: Switchboard, call: Call) -> Call:
    """The agent's two dialogs end; the colleague's becomes the customer's."""
    with switchboard.guard:
        held, consulted = _pair(switchboard, call)
        colleague = consulted.owners[1]
        others = held.others_than(held.agent)
        transferred = replace(
            held,
            id=consulted.id,
            owners=(colleague,),
            to_address=colleague.extension,
            parties=(Party(colleague.extension, "ACTIVE", is_agent=True), *others),
            call_type=TRANSFER,
            associated="",
            conversation=consulted.id,
        )
        transferred = switchboard.put(transferred)
        switchboard.hang_up(held.id)
        return transferred


def conference(switchboard: Switchboard, call: Call) -> Call:
    """All three speak: the agent's consult dialog ends, the colleague's becomes one of the conference."""
    with switchboard.guard:
        held, consulted = _pair(switchboard, call)
        agent, colleague = held.agent, consulted.owners[1]
        own = Party(agent.extension, "ACTIVE", is_agent=True)
        theirs = Party(colleague.extension, "ACTIVE", is_agent=True)
        others = held.others_than(agent)
        joined = replace(held, call_type=CONFERENCE, state="ACTIVE", associated="")
        switchboard.put(
            replace(
                joined,
                id=consulted.id,
                owners=(colleague,),
                parties=(theirs, *others, own),
                conversation=held.conversation,
            )
        )
        return switchboard.put(replace(joined, parties=(own, *others, theirs)))


def monitor(switchboard: Switchboard, call: Call, supervisor: Person) -> Call:
    """The supervisor listens: a dialog of his own with the agent, without customer and variables."""
    if call.call_type == MONITOR or supervisor in call.owners:
        raise NotNow("the call of another is listened to")
    listening = Call(
        id=switchboard.new_id(),
        owners=(supervisor,),
        from_address=supervisor.extension,
        to_address=call.agent.extension,
        variables={},
        parties=tuple(Party(person.extension, "ACTIVE", is_agent=True) for person in (supervisor, call.agent)),
        call_type=MONITOR,
        dialled=call.agent.extension,
        conversation=call.conversation,
    )
    return switchboard.put(listening)


def barge(switchboard: Switchboard, call: Call, supervisor: Person) -> Call:
    """The supervisor speaks too: his listening dialog becomes a conference with the call's variables."""
    with switchboard.guard:
        listening = next(
            (
                other
                for other in switchboard.of(supervisor.id)
                if other.call_type == MONITOR and call.conversation == other.conversation and call.call_type != MONITOR
            ),
            None,
        )
        if listening is None:
            raise NotNow("the supervisor does not listen to this call")
        own = Party(supervisor.extension, "ACTIVE", is_agent=True)
        joined = replace(call, call_type=CONFERENCE)
        for other in switchboard.all():
            if other.conversation == call.conversation and other.call_type != MONITOR:
                switchboard.put(replace(other, call_type=CONFERENCE, parties=(*other.parties, own)))
        return switchboard.put(
            replace(joined, id=listening.id, owners=(supervisor,), associated="", parties=(own, *call.parties))
        )


def _pair(switchboard: Switchboard, call: Call) -> tuple[Call, Call]:
    """The held call and the consult call beside it, whichever of the two was named."""
    other = switchboard.get(call.associated)
    held, consulted = (other, call) if call.call_type == CONSULT else (call, other)
    if held is None or consulted is None or consulted.call_type != CONSULT or consulted.state != "ACTIVE":
        raise NotNow("there is no answered consult call beside it")
    return held, consulted
