"""The parts of one lab, built once and handed to each blueprint."""

import time

from lab.calls.switchboard import Switchboard
from lab.controls.faults import Faults
from lab.controls.journal import Journal
from lab.controls.network import Network
from lab.cvp.call_server import CallServer
from lab.cvp.cloud_connect import CloudConnect
from lab.desktop.events import Events
from lab.desktop.moves import Tickets
from lab.finesse.accounts import Accounts
from lab.finesse.desktop_cache import DesktopCache
from lab.finesse.nodes import Nodes
from lab.inbox.faults import MessageFaults
from lab.inbox.messages import Inbox
from lab.people.floor import Floor

MOMENT_SECONDS = 0.3


class Parts:
    """All of the lab's state; it lives and dies with the process."""

    def __init__(self, nodes: tuple[str, ...], time_zone: str, service: str) -> None:
        """`service` is where Cloud Connect is."""
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
        self.inbox = Inbox()
        self.message_faults = MessageFaults()
        self.call_server = CallServer(CloudConnect(service).post)
        self.switchboard.on_end = self.call_server.collect

    def surveys(self) -> dict[str, int]:
        """How many surveys CVP is about to ask for, and how many messages nobody has opened."""
        return {"waiting": self.call_server.waiting(), "unread": self.inbox.unread()}

    def close(self) -> None:
        """Let go of whoever waits, for a server's thread that outlives the interpreter aborts the process."""
        self.faults.switch(None)
        for channel in self.message_faults.switched:
            self.message_faults.switch(channel, None, "")
        self.call_server.close()
        self.events.close()
        time.sleep(MOMENT_SECONDS)
