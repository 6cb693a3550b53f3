"""Child processes that end with their parent, and a parent that ends with the first of its children."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing.process import BaseProcess

POLL_SECONDS = 0.5
GRACE_SECONDS = 8.0


def follow_parent() -> None:
    """End this process, by SIGTERM, when the process that started it is gone, however it went."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


def start(name: str, target: Callable[..., None], *arguments: object, afresh: bool = False) -> BaseProcess:
    """Run `target` in a child of its own, which ends with this process.

    Where the system can fork, the child has the modules that are imported here; `afresh`, it imports its own.
    """
    context = multiprocessing.get_context("spawn" if afresh else None)
    child = context.Process(name=name, target=_run, args=(target, *arguments))
    child.start()
    return child


def wait_for_first_end(children: Iterable[BaseProcess], stop: threading.Event) -> None:
    """Return when a child has ended or `stop` is set; then all children are ended."""
    family = list(children)
    try:
        while not stop.wait(POLL_SECONDS) and all(child.is_alive() for child in family):
            pass
    finally:
        end(family)


def end(children: Iterable[BaseProcess]) -> None:
    """Ask each child to end, and see to it that it has."""
    family = list(children)
    for child in family:
        if child.is_alive():
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in family:
        child.join(max(0.0, deadline - time.monotonic()))
        if child.is_alive():
            child.kill()
            child.join()


def _run(target: Callable[..., None], *arguments: object) -> None:
    # A forked child has its parent's handlers. Ctrl-C reaches it too: its parent hears of it, and ends it by SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    follow_parent()
    target(*arguments)
