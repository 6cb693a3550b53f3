"""Delivery on SQLite and on PostgreSQL: workers killed at random, how fast mail goes, and how long a claim takes.

    python -m bench.delivery [--recipients 10000] [--kills 50] [--waiting 1000000] [--only kills,speed,claims]

Workers are processes of their own, which send to a mail server on loopback. PostgreSQL is that of the tests.
"""

import argparse
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import func, select, text

from experience.dispatch import outbox
from experience.platform import Platform
from foundation.db.database import Database
from foundation.db.deadlines import UNLIMITED
from foundation.db.schema_version import upgrade
from tests.support import delivery_workers
from tests.support.databases import empty_schema
from tests.support.delivering import accept, keep_dispatch, worker
from tests.support.scripted_smtp import scripted_smtp

LEASE_SECONDS = 4.0
CLAIMS = 60
BATCH = 2000
ROWS = "INSERT INTO outbox (id, dispatch_id, channel, sequence, due_at, tries, state) "
VALUES = "SELECT 'AA-' || i, 'after-call', 'email', 0, i, 0, 'waiting' FROM "
NUMBERS = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) SELECT i FROM n)",
    "postgresql": "generate_series(1, :count) AS n(i)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--only", default="kills,speed,claims")
    arguments = parser.parse_args()
    for kind in ("sqlite", "postgresql"):
        for part in arguments.only.split(","):
            with new_database(kind) as platform:
                print(f"{kind}, {part}:", flush=True)
                {"kills": kills, "speed": speed, "claims": claims}[part](platform, arguments)


@contextmanager
def new_database(kind: str) -> Iterator[Platform]:
    """A database at its newest state with a dispatch in it; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, empty_schema() as schema:
        url = schema if kind == "postgresql" else f"sqlite:///{Path(folder) / 'pulse.db'}"
        upgrade(url)
        platform = Platform(Database(url), "Asia/Taipei", "TW", ("0",))
        keep_dispatch(platform)
        yield platform
        platform.database.close()


def fill(platform: Platform, count: int) -> None:
    """Accept so many recipients, in batches."""
    for first in range(0, count, BATCH):
        numbers = range(first, min(count, first + BATCH))
        known = ({"customer": f"C-{number}", "email": f"c{number}@example.com"} for number in numbers)
        accept(platform, *known, batch=f"batch-{first}")


def waiting(platform: Platform) -> int:
    with platform.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(outbox.outbox)).scalar_one())


def kills(platform: Platform, arguments: argparse.Namespace) -> None:
    """Who was accepted, and how often each was written to."""
    fill(platform, arguments.recipients)
    url, dice = platform.database.url.render_as_string(hide_password=False), random.Random(7)
    with scripted_smtp() as smtp:
        workers = [delivery_workers.start(url, smtp.port, LEASE_SECONDS) for _ in range(2)]
        began, killed = time.monotonic(), 0
        while left := waiting(platform):
            # One kill for each share of the messages, at a random moment in it.
            if killed < arguments.kills and left <= arguments.recipients * (1 - killed / arguments.kills):
                time.sleep(dice.uniform(0, 0.1))
                place = dice.randrange(2)
                workers[place].kill()
                workers[place].join()
                workers[place] = delivery_workers.start(url, smtp.port, LEASE_SECONDS)
                killed += 1
            time.sleep(0.02)
        for process in workers:
            process.kill()
            process.join()
        times = Counter(Counter(smtp.recipients).values())
        never = arguments.recipients - sum(times.values())
        print(
            f"  {killed} kills, {time.monotonic() - began:.0f} s; accepted {arguments.recipients}, never {never}, "
            f"by times: {dict(sorted(times.items()))}",
            flush=True,
        )


def speed(platform: Platform, arguments: argparse.Namespace) -> None:
    """Seconds for all messages with one worker, in this process beside the mail server."""
    fill(platform, arguments.recipients)
    with scripted_smtp() as smtp:
        delivery = worker(platform, smtp.port)
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        while delivery.deliver_due():
            smtp.contents.clear()
        took = time.monotonic() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"  {len(smtp.recipients)} in {took:.1f} s, memory grew by {grown:.0f} MiB", flush=True)
        delivery.close()


def settle(database: Database) -> None:
    """As after a while: rows that come in one stroke leave PostgreSQL without statistics, SQLite with a long log."""
    if database.dialect == "postgresql":
        with database.write(UNLIMITED) as connection:
            connection.execute(text("ANALYZE outbox"))
        return
    with closing(sqlite3.connect(str(database.url.database))) as driver:
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def claims(platform: Platform, arguments: argparse.Namespace) -> None:
    """Median milliseconds of a claim."""
    for count in (1000, arguments.waiting):
        with platform.database.write(UNLIMITED) as connection:
            connection.execute(outbox.outbox.delete())
            connection.execute(text(ROWS + VALUES + NUMBERS[platform.database.dialect]), {"count": count})
        settle(platform.database)
        seconds = []
        for _ in range(min(CLAIMS, count // 20)):
            began = time.perf_counter()
            with platform.database.write() as connection:
                rows = outbox.claim(connection, "email", count + 1, 10**15, 20)
            seconds.append(time.perf_counter() - began)
            assert len(rows) == 20
        print(f"  {count} waiting: {statistics.median(seconds) * 1000:.2f} ms a claim of 20", flush=True)


if __name__ == "__main__":
    main()
