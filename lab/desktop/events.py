"""What happens, in order: one stream a person, which that person's open desktops wait on (long polling)."""

import threading
import time
from collections import deque
from dataclasses import dataclass

ROOM = 400


@dataclass(frozen=True, slots=True)
class Event:
    """`topic` is a REST path of Finesse, `xml` the Update that its notification service would carry."""

    number: int
    topic: str
    xml: str


class Events:
    """Thread-safe. Numbers rise over all people; a desktop that holds a larger one knows that the lab restarted."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = 0
        self._nudges = 0
        self._closed = False
        self._streams: dict[str, deque[Event]] = {}

    @property
    def number(self) -> int:
        return self._number

    def publish(self, person_id: str, topic: str, xml: str) -> None:
        with self._changed:
            self._number += 1
            stream = self._streams.setdefault(person_id, deque(maxlen=ROOM))
            stream.append(Event(self._number, topic, xml))
            self._changed.notify_all()

    def nudge(self) -> None:
        """Let everyone who waits go, for something else has changed."""
        with self._changed:
            self._nudges += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody waits any more, nor will."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self, person_id: str, after: int, seconds: float) -> list[Event]:
        """Events of this person numbered above `after`: at once if there are any, at a nudge, or after `seconds`."""
        deadline = time.monotonic() + seconds
        with self._changed:
            nudges = self._nudges
            while True:
                newer = [event for event in self._streams.get(person_id, ()) if event.number > after]
                left = deadline - time.monotonic()
                if newer or left <= 0 or self._closed or self._nudges != nudges:
                    return newer
                self._changed.wait(left)
