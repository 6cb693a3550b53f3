"""The parts of one lab, built once and handed to each blueprint."""

import time

from lab.calls.switchboard import Switchboard
from lab.controls.faults import Faults
from lab.controls.journal import Journal
from lab.controls.network import Network
from lab.desktop.events import Events
from lab.desktop.moves import Tickets
from lab.finesse.accounts import Accounts
from lab.finesse.desktop_cache import DesktopCache
from lab.finesse.nodes import Nodes
from lab.people.floor import Floor

MOMENT_SECONDS = 0.3


class Parts:
    """All of the lab's state; it lives and dies with the process."""

    def __init__(self, nodes: tuple[str, ...], time_zone: str) -> None:
        self.nodes = Nodes(nodes, time_zone)
        self.network = Network()
        self.tickets = Tickets()
        self.cache = DesktopCache()
        self.accounts = Accounts()
        self.events = Events()
        self.faults = Faults()
        self.journal = Journal()
        self.switchboard = Switchboard(self.events)
        self.floor = Floor(self.switchboard, self.events)

    def close(self) -> None:
        """Let go of whoever waits, for a server's thread that outlives the interpreter aborts the process."""
        self.faults.switch(None)
        self.events.close()
        time.sleep(MOMENT_SECONDS)
