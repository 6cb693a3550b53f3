"""Delivery workers in processes of their own, which tests and benchmarks kill."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.process import BaseProcess

from experience.platform import Platform
from foundation.db.database import Database
from tests.support.delivering import worker

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


def start(url: str, port: int, lease: float) -> BaseProcess:
    """A worker on a database that sends to a mail server on this machine, until it is killed."""
    process = PROCESSES.Process(target=_work, args=(url, port, lease), daemon=True)
    process.start()
    return process


def _work(url: str, port: int, lease: float) -> None:
    platform = Platform(Database(url), "Asia/Taipei", "TW", ("0",))
    delivery = worker(platform, port, seconds=15.0, lease=lease, least_left=lease / 2)
    while True:
        if not delivery.deliver_due():
            time.sleep(0.02)
