"""CVP's call server: collects items of ended calls, posts them at 100 or after 60 s, and forgets them."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lab.calls.call import Call
from lab.cvp.items import CALL_TYPES, Item, survey_item
from lab.finesse.documents import now

BATCH_SIZE = 100  # IVR.CloudCherryBatchSize
BATCH_SECONDS = 60.0  # IVR.CloudCherryBatchTimeout
TICK_SECONDS = 0.25
NOTED = 50

# `lose`: the next batches are forgotten unposted, as in a restart. `repeat`: each is posted twice.
Fault = Literal["lose", "repeat"]
FAULTS: tuple[Fault, ...] = ("lose", "repeat")
LOST = "lost"
_POSTS: dict[Fault | None, int] = {None: 1, "lose": 0, "repeat": 2}

Post = Callable[[Sequence[Item]], str]


@dataclass(frozen=True, slots=True)
class Batch:
    """One that has left: when, how many items, and what each post of it was answered."""

    at: str
    items: int
    answers: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"at": self.at, "items": self.items, "answers": list(self.answers or (LOST,))}


class CallServer:
    """Thread-safe; `tick` is the whole of its thread's work, so that a test with a clock of its own can call it."""

    def __init__(self, post: Post, clock: Callable[[], float] = time.monotonic) -> None:
        self.call_types = dict(CALL_TYPES)
        self.fault: Fault | None = None
        self.post = post
        self.clock = clock
        self._guard = threading.Lock()
        self._items: list[Item] = []
        self._since = 0.0
        self._batches: deque[Batch] = deque(maxlen=NOTED)
        self._closed = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="call-server", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def collect(self, call: Call) -> None:
        """Of a call that has ended for the customer."""
        item = survey_item(call, self.call_types.get(call.queue))
        if item is None:
            return
        with self._guard:
            if not self._items:
                self._since = self.clock()
            self._items.append(item)

    def tick(self) -> None:
        """Post what is due: [I] the 60 s begin with the first item that waits."""
        with self._guard:
            is_due = bool(self._items) and self.clock() - self._since >= BATCH_SECONDS
            is_full = len(self._items) >= BATCH_SIZE
        if is_due or is_full:
            self.flush()

    def flush(self) -> list[Batch]:
        """Post all that waits now."""
        with self._guard:
            items, self._items = self._items, []
        parts = [items[start : start + BATCH_SIZE] for start in range(0, len(items), BATCH_SIZE)]
        return [self._send(part) for part in parts]

    def waiting(self) -> int:
        return len(self._items)

    def to_dict(self) -> dict[str, Any]:
        return {
            "waiting": self.waiting(),
            "fault": self.fault,
            "callTypes": [call_type.to_dict() for call_type in self.call_types.values()],
            "batches": [batch.to_dict() for batch in list(self._batches)],
        }

    def _send(self, items: list[Item]) -> Batch:
        batch = Batch(now(), len(items), tuple(self.post(items) for _ in range(_POSTS[self.fault])))
        self._batches.append(batch)
        return batch

    def _run(self) -> None:
        while not self._closed.wait(TICK_SECONDS):
            self.tick()
