"""Calls by itself: whoever sits ready at an open desktop gets one, talks for a minute, wraps up and gets the next."""

import threading
import time
from dataclasses import dataclass

from lab.controls.calls import variables
from lab.desktop.parts import Parts
from lab.people.cast import AGENTS, Person
from lab.people.customers import Customer, regulars
from lab.people.dice import Dice

TICK_SECONDS = 0.25
FIRST_PAUSE = (2.0, 4.0)
PAUSE = (10.0, 20.0)
RING = (3.0, 5.0)
TALK_SECONDS = (40.0, 90.0)
WRAP_UP = (4.0, 7.0)


@dataclass(slots=True)
class _Line:
    """What comes next on one agent's line, and when."""

    due: float
    step: str = "call"
    call_id: str = ""


class Dialer:
    """One daemon thread; `tick` is the whole of its work and takes the time, so that a test can run an hour at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._dice = Dice()
        self._lines: dict[str, _Line] = {}
        self._placed = 0

    def start(self) -> None:
        threading.Thread(target=self._run, name="dialer", daemon=True).start()

    def _run(self) -> None:
        while True:
            self.tick(time.monotonic())
            time.sleep(TICK_SECONDS)

    def tick(self, now: float) -> None:
        for agent in AGENTS:
            line = self._lines.get(agent.id)
            if line is None or line.step == "call":
                self._idle(agent, line, now)
            elif now >= line.due or not self._stands(agent, line):
                self._advance(agent, line, now)

    def _stands(self, agent: Person, line: _Line) -> bool:
        return any(call.id == line.call_id for call in self._parts.switchboard.of(agent.id))

    def _idle(self, agent: Person, line: _Line | None, now: float) -> None:
        if not self._parts.floor.waits(agent):
            self._lines.pop(agent.id, None)
        elif line is None:
            self._lines[agent.id] = _Line(now + self._dice.uniform(*FIRST_PAUSE))
        elif now >= line.due:
            call_id = self._ring(agent, self._next_customer())
            self._lines[agent.id] = _Line(now + self._dice.uniform(*RING), "answer", call_id)

    def _next_customer(self) -> Customer:
        """The first call of a lab is the drawn customer's, so that a first look meets a story."""
        self._placed += 1
        return regulars()[0] if self._placed == 1 else self._dice.choice(regulars())

    def _ring(self, agent: Person, customer: Customer) -> str:
        call = self._parts.switchboard.place(agent, customer.mobile, variables(customer.pod_id), state="ALERTING")
        return call.id

    def _advance(self, agent: Person, line: _Line, now: float) -> None:
        switchboard = self._parts.switchboard
        if not self._stands(agent, line):
            line.step, line.due = "call", now + self._dice.uniform(*PAUSE)
        elif line.step == "answer":
            switchboard.answer(line.call_id)
            line.step, line.due = "wrap up", now + self._dice.uniform(*TALK_SECONDS)
        elif line.step == "wrap up":
            switchboard.wrap_up(line.call_id)
            line.step, line.due = "end", now + self._dice.uniform(*WRAP_UP)
        else:
            switchboard.hang_up(line.call_id)
            line.step, line.due = "call", now + self._dice.uniform(*PAUSE)
