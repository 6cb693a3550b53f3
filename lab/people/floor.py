"""The floor: whose desktop is open, and in which state each person is."""

import threading
import time

from lab.calls.switchboard import Switchboard
from lab.desktop.events import Events
from lab.finesse import documents
from lab.people.cast import Person

CHOICES = ("READY", "NOT_READY", "LOGOUT")
GONE_AFTER_SECONDS = 8.0
# The state of the part an agent has in a call, and what that makes of the agent; of several calls the first here wins.
BUSY = {
    **dict.fromkeys(("ACTIVE", "INITIATING", "INITIATED", "ACCEPTED"), "TALKING"),
    **{"HELD": "HOLD", "ALERTING": "RESERVED", "WRAP_UP": "WORK"},
}


class Floor:
    """Thread-safe. A person's state follows the calls; without one it is what the person chose."""

    def __init__(self, switchboard: Switchboard, events: Events) -> None:
        self.deployment = "UCCE"
        self._switchboard = switchboard
        self._events = events
        self._guard = threading.Lock()
        self._chosen: dict[str, str] = {}
        self._seen: dict[str, float] = {}
        self._last_states: dict[str, tuple[str, str]] = {}
        switchboard.on_change = self.notify

    def seen(self, person: Person) -> None:
        """Called while a desktop of this person asks for events."""
        self._seen[person.id] = time.monotonic()

    def left(self, person: Person) -> None:
        self._seen.pop(person.id, None)
        self.choose(person, "LOGOUT")

    def sign_in(self, person: Person) -> None:
        """Agents start ready, so that a first look sees calls; supervisors do not take any unless they say so."""
        self.seen(person)
        if self._chosen.get(person.id, "LOGOUT") == "LOGOUT":
            self.choose(person, "NOT_READY" if person.supervises else "READY")

    def choose(self, person: Person, state: str) -> None:
        self._chosen[person.id] = state
        self.notify(person)

    def is_open(self, person: Person) -> bool:
        return time.monotonic() - self._seen.get(person.id, -GONE_AFTER_SECONDS) < GONE_AFTER_SECONDS

    def waits(self, person: Person) -> bool:
        """Signed in, ready and without a call."""
        return self.is_open(person) and self.state(person)[0] == "READY"

    def state(self, person: Person) -> tuple[str, str]:
        """Finesse's name of the state, and since when."""
        parts = {call.state_of(person) for call in self._switchboard.of(person.id)}
        chosen = self._chosen.get(person.id, "LOGOUT")
        state = next((state for part, state in BUSY.items() if part in parts), chosen)
        with self._guard:
            shown = self._last_states.get(person.id)
            if shown is None or shown[0] != state:
                shown = self._last_states[person.id] = (state, documents.now())
        return shown

    def user(self, person: Person) -> str:
        return documents.user(person, *self.state(person), self.deployment)

    def notify(self, person: Person) -> None:
        source = f"/finesse/api/User/{person.id}"
        xml = self.user(person).replace("<User>", "<user>").replace("</User>", "</user>")
        self._events.publish(person.id, source, documents.update("PUT", source, xml))
