"""What has arrived for the lab's customers: the newest messages, in memory."""

import itertools
import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Literal

ROOM = 200
PREVIEW = 120

Channel = Literal["email", "sms"]


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail or SMS. `at` is when it arrived, in ISO 8601; `unsubscribe` an address that takes a one-click POST."""

    channel: Channel
    to: str
    text: str
    sender: str = ""
    subject: str = ""
    html: str = ""
    unsubscribe: str = ""
    message_id: str = ""
    at: str = ""
    id: str = ""
    is_read: bool = False

    def summary(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "channel": self.channel,
            "to": self.to,
            "from": self.sender,
            "subject": self.subject,
            "preview": " ".join(self.text.split())[:PREVIEW],
            "at": self.at,
            "isRead": self.is_read,
        }

    def to_dict(self) -> dict[str, Any]:
        more = {"text": self.text, "hasHtml": bool(self.html)}
        return {**self.summary(), **more, "unsubscribe": self.unsubscribe, "messageId": self.message_id}


class Inbox:
    """Thread-safe; of more than `ROOM` messages the oldest go."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._numbers = itertools.count(1)
        self._messages: deque[Message] = deque(maxlen=ROOM)

    def take(self, message: Message) -> None:
        with self._guard:
            self._messages.appendleft(replace(message, id=str(next(self._numbers))))

    def newest(self) -> list[Message]:
        """All that are kept, the newest first."""
        with self._guard:
            return list(self._messages)

    def find(self, message_id: str) -> Message | None:
        return next((message for message in self.newest() if message.id == message_id), None)

    def mark_read(self, message_id: str) -> bool:
        """Whether there is such a message."""
        with self._guard:
            for place, message in enumerate(self._messages):
                if message.id == message_id:
                    self._messages[place] = replace(message, is_read=True)
                    return True
        return False

    def unread(self) -> int:
        return sum(not message.is_read for message in self.newest())

    def clear(self) -> None:
        with self._guard:
            self._messages.clear()
