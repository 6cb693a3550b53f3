"""The parts of one lab, built once and handed to each blueprint."""

from lab.accounts import Accounts
from lab.calls import Switchboard
from lab.events import Events
from lab.faults import Faults
from lab.floor import Floor
from lab.journal import Journal


class Parts:
    """All of the lab's state; it lives and dies with the process."""

    def __init__(self) -> None:
        self.accounts = Accounts()
        self.events = Events()
        self.faults = Faults()
        self.journal = Journal()
        self.switchboard = Switchboard(self.events)
        self.floor = Floor(self.switchboard, self.events)
