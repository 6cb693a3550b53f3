"""What reading bodies in the event loop costs and saves, beside granian's WSGI interface, which read them in threads.

    python -m bench.connections [--repeats 5] [--seconds 4]

First: one application on both interfaces, each on the same core; a warm pulse and a small refused POST, requests a
second. Then each of them under 200 connections that are slow, broken off, or idle: what a gadget waits meanwhile.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from socket import socket

import urllib3
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from bench.gadgets import CONNECTIONS, SIGN_IN, free_port, pinned, session
from bench.load import Result, get
from commands import children, lab, serve
from commands.lab_note import Addresses
from commands.lab_settings import HOST, lab_settings
from foundation.settings import Settings
from tests.support import attackers

ATTACKERS, PULSES = 200, 6
PULSE = "/gadgets/pulse?filterTags=cc_TeamId&period=30d"
ALLOWED = 0.9
GIVE_UP_SECONDS = 3.0
# Name, what each connection does, how many there are, and whether they are gone when the gadget asks.
ATTACKS: tuple[tuple[str, Callable[[int], socket], int, bool], ...] = (
    ("none", attackers.idle, 0, False),
    ("idle", attackers.idle, ATTACKERS, False),
    ("slow bodies", attackers.slow, ATTACKERS, False),
    ("broken off", attackers.slow, ATTACKERS, True),
    ("broken off, HTTP/2", attackers.slow_http2, ATTACKERS, True),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder)) as (ours, before, headers, family):
        load = partial(get, path=PULSE, headers=headers, seconds=arguments.seconds)
        for connections in (1, CONNECTIONS):
            pulse = partial(load, connections=connections)
            show(f"pulse, {connections} connections", [(pulse(ours), pulse(before)) for _ in range(arguments.repeats)])
        print(f"at {CONNECTIONS} connections at least {ALLOWED}; one alone waits for a thread to be woken")
        for name, port in (("ours", ours), ("before", before)):
            attack(name, port, headers, attackers.worker_of(family[name]))


@contextmanager
def servers(folder: Path) -> Iterator[tuple[int, int, dict[str, str], dict[str, int]]]:
    """The ports of the service as it is and as it was, what a signed-in gadget sends, and the processes by name."""
    ours, before, desktop = free_port(), free_port(), free_port()
    settings, _ = lab_settings(Addresses(f"http://localhost:{ours}", f"http://localhost:{desktop}"), folder)
    settings = settings.model_copy(update={"log_level": "error"})
    lab.prepare(settings)
    lab.fill(settings, quiet=True)
    family = [
        children.start("ours", pinned, partial(serve.run, settings, HOST, ours, True)),
        children.start("before", pinned, partial(run_before, settings, before)),
        children.start("desktop", lab.run_desktop, f"http://localhost:{ours}", (desktop,), False),
    ]
    urls = [f"http://127.0.0.1:{port}/readyz" for port in (ours, before)]
    try:
        if not lab.ready(family, [*urls, f"http://127.0.0.1:{desktop}/finesse/api/SystemInfo"], threading.Event()):
            raise SystemExit("a server did not start")
        headers = session(ours, desktop, "1102", SIGN_IN)
        for port in (ours, before):
            get(port, PULSE, headers, connections=CONNECTIONS, seconds=1.0)
        yield ours, before, headers, {child.name: child.pid or 0 for child in family}
    finally:
        children.end(family)


def run_before(settings: Settings, port: int) -> None:
    Server(
        "before",
        address=HOST,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=settings.threads + settings.threads // serve.SPARE,
        backpressure=serve.BACKPRESSURE,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=1,
    ).serve(target_loader=partial(serve.load_app, settings), wrap_loader=False)


def show(name: str, pairs: list[tuple[Result, Result]]) -> None:
    print(f"{name:24}    ours/s  p50 ms  p99 ms  before/s  p50 ms  p99 ms   ratio")
    for ours, before in pairs:
        figures = f"{ours.rate:10.0f}{ours.p50:8.1f}{ours.p99:8.1f}"
        figures += f"{before.rate:10.0f}{before.p50:8.1f}{before.p99:8.1f}"
        print(f"{'':24}{figures}{ours.rate / before.rate:8.2f}")
    ratio = statistics.median(ours.rate / before.rate for ours, before in pairs)
    print(f"{'median of ratios':24}{ratio:62.2f}")


def attack(name: str, port: int, headers: dict[str, str], worker: int) -> None:
    """Each attack in turn, one connection after the other; the next begins when this one's are closed."""
    print(f"{name:24}    pulse p50 ms     worst ms  unanswered  threads    files      MiB")
    for kind, connect, count, gone in ATTACKS:
        with ExitStack() as open_wires:
            wires = [open_wires.enter_context(connect(port)) for _ in range(count)]
            time.sleep(1.0)
            for wire in wires if gone else ():
                wire.close()
            time.sleep(1.0)
            waits = [waited(port, headers) for _ in range(PULSES)]
            facts = attackers.held(worker)
        lost, shown = waits.count(1000 * GIVE_UP_SECONDS), "".join(f"{fact:9}" for fact in facts)
        print(f"  {kind:22}{statistics.median(waits):16.1f}{max(waits):13.1f}{lost:12}{shown}")
    time.sleep(1.0)
    print(f"  {'after all of them':22}{'':41}{''.join(f'{fact:9}' for fact in attackers.held(worker))}")


def waited(port: int, headers: dict[str, str]) -> float:
    """Milliseconds of one pulse on a connection of its own."""
    began = time.perf_counter()
    url = f"http://127.0.0.1:{port}{PULSE}"
    try:
        urllib3.request("GET", url, headers=headers, timeout=GIVE_UP_SECONDS, retries=False)
    except urllib3.exceptions.HTTPError:
        return 1000 * GIVE_UP_SECONDS
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
