"""What a slow neighbour costs: others' waiting times while it hangs, and how many calls to it can be under way.

    python -m bench.neighbours [--repeats 3] [--seconds 8]

First: `/gadgets/pulse`, which needs no neighbour, undisturbed and then while 200 gadgets ask for journeys of a Finesse
that accepts and never answers. Second: 256 journeys at once, THREADS=256, of a Finesse that takes 200 ms for each.
"""

import argparse
import asyncio
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import urllib3

from bench.gadgets import AGENT, free_port
from bench.load import Result, get
from commands import children, lab, serve
from commands.lab_note import Addresses
from commands.lab_settings import HOST, lab_settings
from foundation.keys import signing_keys
from foundation.settings import Settings
from gadgets.signin.guard import Sessions
from gadgets.signin.person import Person

GADGETS, PULSES = 200, 4
IN_FLIGHT, UPSTREAM_SECONDS = 256, 0.2
ALLOWED, FLOOR = 1.5, 0.9
DIALOG = (
    b"<Dialogs><Dialog><fromAddress>886912344455</fromAddress><id>1</id><mediaProperties><callType>ACD_IN</callType>"
    b"<dialedNumber>8000</dialedNumber></mediaProperties><participants/><state>ACTIVE</state>"
    b"<toAddress>2001</toAddress></Dialog></Dialogs>"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    with closing(socket.create_server(("127.0.0.1", 0), backlog=1024)) as silent:
        while_it_hangs(silent.getsockname()[1], arguments.repeats, arguments.seconds)
    in_flight(arguments.repeats, arguments.seconds)


def while_it_hangs(finesse: int, repeats: int, seconds: float) -> None:
    with service(finesse, threads=128) as (port, settings):
        pulse = partial(get, port, "/gadgets/pulse?filterTags=cc_TeamId&period=30d", signed_in(settings, "1102"))
        pulse(connections=PULSES, seconds=2.0)
        pairs: list[tuple[Result, Result]] = []
        for _ in range(repeats):
            undisturbed = pulse(connections=PULSES, seconds=seconds)
            with asking(port, settings):
                pairs.append((undisturbed, pulse(connections=PULSES, seconds=seconds)))
            time.sleep(6.0)
    print(f"{GADGETS} gadgets ask a Finesse that hangs")
    print("    undisturbed  p50 ms   p99 ms    meanwhile  p50 ms   p99 ms    ratio of p99")
    for calm, rough in pairs:
        print(f"{calm.p50:23.1f}{calm.p99:9.1f}{rough.p50:21.1f}{rough.p99:9.1f}{rough.p99 / calm.p99:16.2f}")
    print(f"median {statistics.median(rough.p99 / calm.p99 for calm, rough in pairs):.2f}, allowed {ALLOWED}")


def in_flight(repeats: int, seconds: float) -> None:
    finesse = free_port()
    upstream = children.start("finesse", run_upstream, finesse)
    try:
        with service(finesse, threads=IN_FLIGHT) as (port, settings):
            headers = signed_in(settings, "1001") | {"X-Finesse-Authorization": AGENT}
            journey = partial(load, port, "/gadgets/journey?dialogId=1", headers)
            journey(1, 0.5)
            journey(IN_FLIGHT, 2.0)
            runs = [journey(IN_FLIGHT, seconds) for _ in range(repeats)]
    finally:
        children.end([upstream])
    ideal = IN_FLIGHT / UPSTREAM_SECONDS
    print(
        f"{IN_FLIGHT} in flight on {UPSTREAM_SECONDS:.1f} s    per second    p50 ms    p99 ms    of ideal {ideal:.0f}"
    )
    for run in runs:
        print(f"{run.rate:35.0f}{run.p50:10.0f}{run.p99:10.0f}{run.rate / ideal:14.2f}")
    print(f"median {statistics.median(run.rate / ideal for run in runs):.2f}, at least {FLOOR}")


def load(port: int, path: str, headers: dict[str, str], connections: int, seconds: float) -> Result:
    """A load whose last calls upstream have ended before the next one begins."""
    counted = get(port, path, headers, connections=connections, seconds=seconds)
    time.sleep(2 * UPSTREAM_SECONDS)
    return counted


@contextmanager
def service(finesse: int, threads: int) -> Iterator[tuple[int, Settings]]:
    """The service with a year of answers, that asks the Finesse on this port; its own port, and its settings."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings, _ = lab_settings(Addresses(f"http://localhost:{port}", f"http://127.0.0.1:{finesse}"), Path(folder))
        settings = settings.model_copy(update={"threads": threads}).for_lab(f"http://127.0.0.1:{finesse}")
        lab.prepare(settings)
        lab.fill(settings, quiet=True)
        family = [children.start("service", serve.run, settings, HOST, port, True)]
        try:
            if not lab.ready(family, [f"http://127.0.0.1:{port}/readyz"], threading.Event()):
                raise SystemExit("the service did not start")
            yield port, settings
        finally:
            children.end(family)


def signed_in(settings: Settings, user: str) -> dict[str, str]:
    """The headers of a gadget that signed in before the neighbour hung."""
    roles = ("Agent", "Supervisor") if user.startswith("11") else ("Agent",)
    teams = (("5001", "Sales"), ("5002", "Support")) if len(roles) > 1 else ()
    node = settings.finesse_nodes[0]
    person = Person(node, user, user, user, str(int(user) + 5000), roles, ("5001", "Sales"), teams, "2001")
    token = Sessions(signing_keys(settings)).issue(person)
    return {"Origin": node, "Authorization": f"Bearer {token}"}


@contextmanager
def asking(port: int, settings: Settings) -> Iterator[None]:
    """200 gadgets in a process of their own, each asking again at the time that the answer names."""
    child = children.start("gadgets", ask, port, settings)
    time.sleep(1.0)
    try:
        yield
    finally:
        children.end([child])


def ask(port: int, settings: Settings) -> None:
    pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=GADGETS, retries=False, timeout=30)
    for number in range(GADGETS):
        threading.Thread(target=ask_on, args=(pool, settings, str(2000 + number)), daemon=True).start()
    threading.Event().wait()


def ask_on(pool: urllib3.HTTPConnectionPool, settings: Settings, user: str) -> None:
    headers = signed_in(settings, user) | {
        "X-Finesse-Authorization": urllib3.make_headers(basic_auth=f"{user}:x")["authorization"]
    }
    while True:
        answer = pool.request("GET", "/gadgets/journey?dialogId=1", headers=headers)
        time.sleep(float(answer.headers.get("Retry-After", "1")))


def run_upstream(port: int) -> None:
    """A Finesse that says the same to everyone, after 200 ms."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(DIALOG)}\r\n\r\n".encode()

    class Exchange(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            if isinstance(transport, asyncio.Transport):
                self.write: Callable[[bytes], None] = transport.write

        def data_received(self, data: bytes) -> None:
            if data.endswith(b"\r\n\r\n"):
                asyncio.get_running_loop().call_later(UPSTREAM_SECONDS, self.write, head + DIALOG)

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Exchange, "127.0.0.1", port, backlog=1024)
        await server.serve_forever()

    children.follow_parent()
    asyncio.run(run())


if __name__ == "__main__":
    main()
