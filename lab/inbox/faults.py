"""A mail server and an SMS gateway on a bad day: what a message gets while a fault is switched on."""

import threading
from typing import Literal

from lab.inbox.messages import Channel

SLOW_SECONDS = 2.0

# `unclear`: the message is kept, and the connection ends without an answer.
Fault = Literal["4xx", "5xx", "slow", "close", "unclear"]
FAULTS: tuple[Fault, ...] = ("4xx", "5xx", "slow", "close", "unclear")


class MessageFaults:
    """One switch a channel; `only` narrows them to recipients that hold that text."""

    def __init__(self) -> None:
        self.switched: dict[Channel, Fault | None] = {"email": None, "sms": None}
        self._only = ""
        self._lifted = threading.Event()

    def switch(self, channel: Channel, fault: Fault | None, only: str) -> None:
        """None lifts the fault and lets go of whoever waits."""
        self._lifted.set()
        self._lifted = threading.Event()
        self.switched[channel], self._only = fault, only

    def of(self, channel: Channel, recipient: str) -> Fault | None:
        return self.switched[channel] if self._only in recipient else None

    def delay(self) -> None:
        """What `slow` costs; shorter if the fault is lifted meanwhile."""
        self._lifted.wait(SLOW_SECONDS)
