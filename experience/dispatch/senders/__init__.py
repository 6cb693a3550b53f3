"""Senders, one a channel: each takes a message and says what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """What one recipient gets. `identity` is the same at every try, so that what arrives twice can be seen.

    `sender` and `reply_to` are addresses, empty where the sender's own holds; `payload` is for a channel that forwards.
    """

    address: str
    identity: str
    text: str
    subject: str = ""
    html: str = ""
    unsubscribe: str = ""
    sender: str = ""
    sender_name: str = ""
    reply_to: str = ""
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took the message."""


@dataclass(frozen=True, slots=True)
class Passing:
    """Not sent, and it may go later. `is_down`: no message can be sent now, whoever it is for."""

    reason: str
    is_down: bool = False


@dataclass(frozen=True, slots=True)
class Permanent:
    """Not sent, and it never will be."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Perhaps sent: the server had all of it, and did not say."""

    reason: str


Outcome = Sent | Passing | Permanent | Unclear


class Sender(Protocol):
    """Used by one thread. A reason shows no address, number or secret."""

    most_tries: int

    def send(self, message: Message) -> Outcome:
        """Hand a message over; never raises."""

    def check(self) -> str:
        """Why nothing can be sent, as far as can be seen without sending; empty where all is well."""

    def close(self) -> None:
        """Let go of what is open."""
