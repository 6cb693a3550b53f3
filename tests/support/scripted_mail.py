"""A channel of a worker whose every message ends as a test says: taken, refused, perhaps taken, or in a death."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from experience.dispatch.senders import Message, Outcome, Passing, Permanent, Sent, Unclear


class WorkerDied(Exception):
    """The worker is gone before it could write down what became of a message."""


class Ending(NamedTuple):
    """Whether the server has the message, and what the worker learns of it; nothing where it dies first."""

    is_taken: bool
    outcome: Outcome | None


SENT = Ending(True, Sent())
ENDINGS: dict[str, Ending] = {
    "sent": SENT,
    "refused for now": Ending(False, Passing("451 later")),
    "refused for good": Ending(False, Permanent("550 nobody here")),
    "unclear, taken": Ending(True, Unclear("no answer")),
    "unclear, not taken": Ending(False, Unclear("no answer")),
    "down": Ending(False, Passing("no connection", is_down=True)),
    "dies before": Ending(False, None),
    "dies after": Ending(True, None),
}


class Letter(NamedTuple):
    """A message that the server has taken; `identity` is that of every try of it."""

    token: str
    address: str
    identity: str
    is_certain: bool


class ScriptedMail:
    """A Sender. `endings` by address, once; `on_taken` is what happens before the worker learns that it was taken."""

    most_tries = 3

    def __init__(self) -> None:
        self.endings: Mapping[str, Ending] = {}
        self.on_taken: Callable[[Letter], None] = lambda _: None

    def send(self, message: Message) -> Outcome:
        ending = self.endings.get(message.address, SENT)
        if ending.is_taken:
            token = urlsplit(message.unsubscribe).path.split("/")[-2]
            self.on_taken(Letter(token, message.address, message.identity, isinstance(ending.outcome, Sent)))
        if ending.outcome is None:
            raise WorkerDied()
        return ending.outcome

    def check(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing is open."""
