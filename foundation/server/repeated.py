"""Work that a node does again and again, in a thread of its own that ends with the process."""

import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 60.0


def repeat(name: str, work: Callable[[], object], seconds: float) -> threading.Thread:
    """Do it every so many seconds; after failures, ever more seldom."""

    def run() -> None:
        pause = seconds
        while True:
            time.sleep(pause)
            try:
                work()
                pause = seconds
            except Exception as error:
                pause = min(pause * 2, LONGEST_PAUSE)
                log.warning("repeated_work_failed", work=name, error=type(error).__name__)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
