"""Completed surveys a second: CVP's batches, delivery by mail, customers who answer, while gadgets read.

    python -m bench.loop [--postgres] [--rate 30] [--seconds 60]

`--rate max` raises the rate step by step until the node falls behind. Then bare inserts of the rows that the surveys
left, a transaction a survey. The mail server, the customers and CVP are in this process, the gadgets in one of their
own; all share the machine with the service.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import urllib3
from sqlalchemy import Table, func, select

from bench.customers import Customers, address_of, waiting_customers
from bench.gadgets import AGENT, SIGN_IN, free_port, post, session
from bench.processes import memory, processor
from commands import children, lab, serve
from commands.lab_note import Addresses
from commands.lab_settings import HOST, lab_settings
from foundation import published
from foundation.db.database import Database, metadata
from foundation.db.schema_version import upgrade
from foundation.settings import Settings
from tests.support.databases import empty_schema

BATCH = 100
READS_A_SECOND = 10
FIRST_RATE, GROWTH = 30.0, 1.25
# The worker looks for what is due once a second.
GRACE_SECONDS = 1.0
STUCK_SECONDS = 15.0
INFO = "AG=6001|SG=7|PQ=|AGT=5001"
CREDENTIAL = urllib3.make_headers(basic_auth=f"{published.ADMINISTRATOR}:{published.PASSWORD}")

Reads = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Node:
    """A served node: its port, the process of its service, and what a gadget asks of it."""

    port: int
    service: BaseProcess
    database: str
    asked: tuple[tuple[str, str, dict[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one rate, from its first batch on: `waits` are milliseconds from accepted to submitted, sorted."""

    rate: float
    completed: int
    seconds: float
    behind: float
    errors: Counter[str]
    waits: list[float]
    processor: float
    reads: Reads

    @property
    def is_held(self) -> bool:
        """Whether the last batch was done before another one would have come."""
        return not self.errors and self.behind <= BATCH / self.rate + GRACE_SECONDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--rate", default=str(int(FIRST_RATE)), help="completed surveys a second, or max")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each rate")
    options = parser.parse_args()
    print(f"{'PostgreSQL' if options.postgres else 'SQLite'}, load before {os.getloadavg()[0]:.1f}")
    with ProcessPoolExecutor(1) as gadgets, ExitStack() as parts:
        gadgets.submit(os.getpid).result()
        customers = parts.enter_context(waiting_customers())
        node = parts.enter_context(house(customers, options.postgres))
        run(node, customers, gadgets, options.rate, options.seconds)


def run(node: Node, customers: Customers, gadgets: ProcessPoolExecutor, rate: str, seconds: float) -> None:
    pid = node.service.pid or 0
    gadgets.submit(read, node.port, node.asked, 2.0).result()
    show_reads("undisturbed", gadgets.submit(read, node.port, node.asked, min(seconds, 20.0)).result())
    before, kept = memory(pid), counted(node.database)
    for wanted in rates(rate):
        step = measured(node, customers, gadgets, wanted, seconds)
        show(step)
        if not step.is_held:
            break
    print(f"memory of the service: {before:.0f} MiB at the start, {memory(pid):.0f} MiB at the end")
    grown = {table: count - kept[table] for table, count in counted(node.database).items() if count > kept[table]}
    print(f"bare inserts of the same rows: {bare(node.database, grown, len(customers.submitted)):.0f} surveys a second")
    print("rows: " + ", ".join(f"{table.name} {count}" for table, count in grown.items()))


def rates(wanted: str) -> Iterator[float]:
    """One, or ever higher ones."""
    if wanted != "max":
        yield float(wanted)
        return
    rate = FIRST_RATE
    while True:
        yield rate
        rate *= GROWTH


def measured(node: Node, customers: Customers, gadgets: ProcessPoolExecutor, rate: float, seconds: float) -> Step:
    """Post for so many seconds, and wait until all is submitted or nothing more is."""
    first, count = customers.done, int(rate * seconds) // BATCH * BATCH
    numbers = range(first, first + count)
    errors_before, taken_before = customers.errors.copy(), processor(node.service.pid or 0)
    reading = gadgets.submit(read, node.port, node.asked, seconds)
    began = time.monotonic()
    accepted: dict[int, float] = {}
    for start in numbers[::BATCH]:
        time.sleep(max(0.0, began + (start + BATCH - first) / rate - time.monotonic()))
        accepted |= post_batch(node.port, range(start, start + BATCH), customers.errors)
    await_submitted(customers, first + count)
    completed = {number: customers.submitted[number] for number in numbers if number in customers.submitted}
    last = max(completed.values(), default=began)
    return Step(
        rate=rate,
        completed=len(completed),
        seconds=max(count / rate, last - min(accepted.values(), default=began)),
        behind=last - max(accepted.values(), default=began) if len(completed) == count else float("inf"),
        errors=customers.errors - errors_before,
        waits=sorted(1000 * max(0.0, at - accepted[number]) for number, at in completed.items()),
        processor=processor(node.service.pid or 0) - taken_before,
        reads=reading.result(),
    )


def post_batch(port: int, numbers: range, errors: Counter[str]) -> dict[int, float]:
    """When each of a batch was accepted."""
    items = [
        {
            "dispatchId": "lab-email",
            "callGUID": f"bench-{number}",
            "POD.ID": f"cc_CustomerId=B-{number};Email={address_of(number)};cc_language=en;Optin=yes",
            "CxSurveyInfo": INFO,
        }
        for number in numbers
    ]
    url = f"http://127.0.0.1:{port}/cherrypoint/surveydispatch"
    answered = urllib3.request("POST", url, json=items, headers=CREDENTIAL, retries=False, timeout=10)
    if answered.status != 202:
        errors[f"a batch: {answered.status}"] += len(numbers)
        return {}
    return dict.fromkeys(numbers, time.monotonic())


def await_submitted(customers: Customers, count: int) -> None:
    done, moved = customers.done, time.monotonic()
    while customers.done < count and time.monotonic() - moved < STUCK_SECONDS:
        if customers.done > done:
            done, moved = customers.done, time.monotonic()
        time.sleep(0.02)


def read(port: int, asked: tuple[tuple[str, str, dict[str, str]], ...], seconds: float) -> Reads:
    """Milliseconds of what gadgets ask in turn, sorted; any answer but 200 is an error."""
    pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1, retries=False, timeout=20)
    times: Reads = {name: [] for name, _, _ in asked}
    began = time.monotonic()
    for place in range(int(seconds * READS_A_SECOND)):
        time.sleep(max(0.0, began + place / READS_A_SECOND - time.monotonic()))
        name, path, headers = asked[place % len(asked)]
        sent = time.perf_counter()
        status = pool.request("GET", path, headers=headers).status
        times[name].append((time.perf_counter() - sent) * 1000)
        if status != 200:
            raise RuntimeError(f"{name}: answered {status}")
    return {name: sorted(waits) for name, waits in times.items()}


@contextmanager
def house(customers: Customers, is_postgres: bool) -> Iterator[Node]:
    """The service with a year of answers, and the lab's Finesse; mail goes to the customers."""
    port, desktop = free_port(), free_port()
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        at = Addresses(f"http://localhost:{port}", f"http://localhost:{desktop}", customers.smtp_port)
        settings, faults = lab_settings(at, folder)
        if faults:
            raise SystemExit("\n".join(faults))
        url = parts.enter_context(empty_schema()) if is_postgres else ""
        changes = {"database_url": url, "trusted_proxies": (HOST,)}
        settings = settings.model_copy(update=changes).for_lab(*settings.loopback_origins)
        customers.port = port
        yield parts.enter_context(served(settings, port, desktop))


@contextmanager
def served(settings: Settings, port: int, desktop: int) -> Iterator[Node]:
    lab.prepare(settings)
    lab.fill(settings, quiet=True)
    family = [
        children.start("service", serve.run, settings, HOST, port, True),
        children.start("desktop", lab.run_desktop, f"http://localhost:{port}", (desktop,), False),
    ]
    urls = [f"http://127.0.0.1:{port}/readyz", f"http://127.0.0.1:{desktop}/finesse/api/SystemInfo"]
    try:
        if not lab.ready(family, urls, threading.Event()):
            raise SystemExit("the service or the lab did not start")
        agent, supervisor = session(port, desktop, "1001", AGENT), session(port, desktop, "1102", SIGN_IN)
        dialog = post(desktop, "/lab/calls", {"agent": "1001", "podId": "cc_CustomerId=C-10042"})["dialogId"]
        pulse = ("pulse", "/gadgets/pulse?filterTags=cc_TeamId&period=30d", supervisor)
        journey = ("journey", f"/gadgets/journey?dialogId={dialog}", agent | {"X-Finesse-Authorization": AGENT})
        yield Node(port, family[0], settings.database, (pulse, journey))
    finally:
        children.end(family)


def counted(url: str) -> dict[Table, int]:
    """The rows of each table."""
    database = Database(url)
    with database.read() as connection:
        wanted = {table: select(func.count()).select_from(table) for table in metadata.sorted_tables}
        counts = {table: int(connection.execute(statement).scalar_one()) for table, statement in wanted.items()}
    database.close()
    return counts


def bare(url: str, grown: Mapping[Table, int], surveys: int) -> float:
    """Surveys a second whose rows, as they are kept, are inserted into another database, a transaction a survey."""
    source = Database(url)
    with source.read(60.0) as connection:
        rows = {
            table: [row._asdict() for row in connection.execute(select(table).limit(count))]
            for table, count in grown.items()
        }
    source.close()
    with other_database(source.dialect) as target:
        began = time.perf_counter()
        for place in range(surveys):
            with target.write() as connection:
                for table, all_of_it in rows.items():
                    share = partial(portion, len(all_of_it), surveys)
                    if part := all_of_it[share(place) : share(place + 1)]:
                        connection.execute(table.insert(), part)
        return surveys / (time.perf_counter() - began)


def portion(count: int, surveys: int, place: int) -> int:
    return count * place // surveys


@contextmanager
def other_database(dialect: str) -> Iterator[Database]:
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory())
        is_file = dialect == "sqlite"
        url = f"sqlite:///{folder}/bare.db" if is_file else parts.enter_context(empty_schema())
        upgrade(url)
        database = Database(url)
        parts.callback(database.close)
        yield database


def show(step: Step) -> None:
    print(
        f"{step.rate:.0f} a second: {step.completed} completed, {step.completed / step.seconds:.1f} a second, errors "
        f"{dict(step.errors) or 0}; accepted to submitted {percentiles(step.waits)}; "
        f"{1000 * step.processor / max(1, step.completed):.1f} ms of processor a survey, gadgets' included; "
        f"{'held' if step.is_held else 'NOT held'}, the last batch took {step.behind:.1f} s, "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    show_reads("  meanwhile", step.reads)


def show_reads(when: str, reads: Reads) -> None:
    print(f"{when}: " + "; ".join(f"{name} {percentiles(waits)}" for name, waits in reads.items()), flush=True)


def percentiles(waits: list[float]) -> str:
    if not waits:
        return "none"
    return f"{waits[len(waits) // 2]:.1f} ms p50, {waits[int(len(waits) * 0.99)]:.1f} ms p99"


if __name__ == "__main__":
    main()
