"""Threads that the event loop lends to requests, and what is known of how busy they are."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

import structlog

log = structlog.get_logger(__name__)

Job = Callable[[], object]

# A request has waited so long only in a queue that does not get shorter: then new ones are refused.
PATIENCE_SECONDS = 5.0
MOST_WAITING = 2048


class Pool:
    """So many threads, which run jobs in the order in which they come. `run` is the event loop's alone."""

    def __init__(self, name: str, threads: int, patience: float = PATIENCE_SECONDS) -> None:
        self._name = name
        self._threads = threads
        self._patience = patience
        self._jobs: SimpleQueue[tuple[Job, asyncio.Future[None]]] = SimpleQueue()
        self._arrivals: deque[float] = deque()
        self._done: deque[asyncio.Future[None]] = deque()
        self._waking = False

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()

    async def run(self, job: Job) -> None:
        """Return when a thread has done the job."""
        future = self._loop.create_future()
        self._arrivals.append(time.monotonic())
        self._jobs.put((job, future))
        await future

    @property
    def saturated(self) -> bool:
        """Whether every thread is held, and has been for longer than somebody should wait."""
        try:
            longest = time.monotonic() - self._arrivals[0]
        except IndexError:
            return False
        return longest > self._patience or len(self._arrivals) >= MOST_WAITING

    def _work(self) -> None:
        while True:
            job, future = self._jobs.get()
            self._arrivals.popleft()
            try:
                job()
            except BaseException as error:
                # A job that fails has no answer, which granian makes a 500 of; the thread goes on.
                log.error("job_failed", kind=type(error).__name__, exc_info=error)
            # What a job holds, a body perhaps, is not kept until the next one comes.
            del job
            self._done.append(future)
            # One waking of the event loop for all that is done until it wakes.
            if not self._waking:
                self._waking = True
                self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        self._waking = False
        while self._done:
            future = self._done.popleft()
            if not future.done():
                future.set_result(None)
