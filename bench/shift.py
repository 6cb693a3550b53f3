"""A shift: two desktops for half an hour, a call every 20 s, a failover every 5 minutes; is anything growing?

    python -m bench.shift [--minutes 30]

An agent's and a supervisor's desktop in Chromium, in the lab. Each minute, of each desktop: the page's memory after a
collection, its nodes and listeners, and the requests of its gadgets to the service in that minute.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import urllib3
from playwright.sync_api import Browser, Error, Request

from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, started
from tests.support import chromium

CALL_EVERY, CALL_LASTS, FAILOVER_EVERY, SAMPLE_EVERY = 20.0, 12.0, 300.0, 60.0
CUSTOMERS = ("C-10042", "C-10043", "C-10044", "C-10077", "C-99999")


@dataclass(frozen=True, slots=True)
class Sample:
    """One desktop's minute."""

    minute: int
    megabytes: float
    nodes: int
    listeners: int
    requests: int
    faults: int


@dataclass(slots=True)
class Seat:
    """A person's desktop, and what its gadgets asked of the service."""

    name: str
    desktop: Desktop
    service: str
    requests: int = 0
    samples: list[Sample] = field(default_factory=list)

    def watch(self) -> None:
        """Count from now on."""

        def count_request(request: Request) -> None:
            self.requests += request.url.startswith(self.service)

        self.desktop.page.on("request", count_request)

    def sample(self, minute: int) -> None:
        session = self.desktop.context.new_cdp_session(self.desktop.page)
        session.send("HeapProfiler.collectGarbage")
        session.send("Performance.enable")
        metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
        session.detach()
        megabytes = metrics["JSHeapUsedSize"] / 1e6
        counts = int(metrics["Nodes"]), int(metrics["JSEventListeners"]), self.requests, len(self.desktop.faults)
        self.samples.append(Sample(minute, megabytes, *counts))
        self.requests = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, started(Path(folder)) as lab, chromium.launched() as browser:
        seats = [
            open_seat(browser, lab, "agent", "1001", "home"),
            open_seat(browser, lab, "supervisor", "1102", "teamData"),
        ]
        work(lab, seats, arguments.minutes)
        for seat in seats:
            print_seat(seat)


def open_seat(browser: Browser, lab: Lab, name: str, user: str, tab: str) -> Seat:
    seat = Seat(name, Desktop(browser, lab), lab.service)
    seat.watch()
    seat.desktop.sign_in(user)
    seat.desktop.tab(tab)
    return seat


def work(lab: Lab, seats: list[Seat], minutes: int) -> None:
    """Do what is due until the shift is over; a page that reloads at that moment is sampled two seconds later."""
    began = time.monotonic()
    calls = call_after_call(lab)
    plan: list[tuple[float, float, Callable[[], object]]] = [
        (5.0, CALL_EVERY, lambda: next(calls)),
        (5.0 + CALL_LASTS, CALL_EVERY, lab.end_calls),
        (FAILOVER_EVERY - 10.0, FAILOVER_EVERY, lambda: fail_over(lab)),
    ]
    due = [first for first, _, _ in plan]
    for minute in range(1, minutes + 1):
        while (now := time.monotonic() - began) < minute * SAMPLE_EVERY:
            for number, (_, every, act) in enumerate(plan):
                if now >= due[number]:
                    due[number] += every
                    act()
            seats[0].desktop.page.wait_for_timeout(200)
        for seat in seats:
            sampled(seat, minute)


def sampled(seat: Seat, minute: int) -> None:
    try:
        seat.sample(minute)
    except Error:
        seat.desktop.page.wait_for_timeout(2000)
        seat.sample(minute)


def call_after_call(lab: Lab) -> Iterator[str]:
    """Each to the agent and, beside it, one to the supervisor."""
    for customer in itertools.cycle(CUSTOMERS):
        lab.call("1102", f"cc_CustomerId={customer}")
        yield lab.call("1001", f"cc_CustomerId={customer}")


def fail_over(lab: Lab) -> None:
    urllib3.request("POST", f"{lab.desktop}/lab/failover", json={})


def print_seat(seat: Seat) -> None:
    print(f"{seat.name}\n    minute   memory MB   nodes   listeners   requests/min   console faults")
    for sample in seat.samples:
        print(
            f"{sample.minute:10d}{sample.megabytes:12.1f}{sample.nodes:8d}{sample.listeners:12d}{sample.requests:15d}"
            f"{sample.faults:17d}"
        )
    third = max(1, len(seat.samples) // 3)
    early, late = seat.samples[:third], seat.samples[-third:]
    print(
        f"    median of the first and the last third: memory {middle(early, 'megabytes'):.1f} → "
        f"{middle(late, 'megabytes'):.1f} MB, requests {middle(early, 'requests'):.0f} → {middle(late, 'requests'):.0f}"
    )
    for fault in seat.desktop.faults[:10]:
        print(f"    {fault}")


def middle(samples: list[Sample], name: str) -> float:
    return statistics.median(float(getattr(sample, name)) for sample in samples)


if __name__ == "__main__":
    main()
