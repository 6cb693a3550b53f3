"""How long an agent waits: from a call's event on the desktop to the customer's journey on screen.

    python -m bench.desktop [--calls 20]

In Chromium, in the lab, with 0 and with 400 ms round trip between browser and servers, for every byte, preflights too;
beside it stand the requests that CEJ made meanwhile. What is more than round trips is work of the desktop, the service
and the page. The first call, which is preceded by a preflight, is listed separately.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Frame

from bench.distance import Distance, far
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab, started
from tests.support import chromium

ROUND_TRIPS = (0, 400)
CUSTOMERS = ("C-10042", "C-10043", "C-10044", "C-10045")
# In CEJ's frame: the moment at which the name of another customer and a first answer stand on the page.
WATCH = """() => {
  const now = () => performance.timeOrigin + performance.now();
  const seen = () => document.querySelector('.customer h2')?.textContent ?? '';
  new MutationObserver(() => {
    const name = seen();
    if (!document.querySelector('li.answer') || name === window.shownName) return;
    window.shownName = name;
    window.shownAt = now();
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
CALLS_SINCE = """(since) => performance.getEntriesByType('resource')
  .filter((one) => one.name.includes('/gadgets/') && performance.timeOrigin + one.startTime >= since).length"""
# On the desktop's page: when the last answer of its stream of events had come in, before `until`.
RECEIVED_AT = """(until) => Math.max(...performance.getEntriesByType('resource')
  .filter((one) => one.name.includes('/desktop/events'))
  .map((one) => performance.timeOrigin + one.responseEnd).filter((moment) => moment <= until))"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        lab = stack.enter_context(started(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        ways = {port: stack.enter_context(far(port)) for port in (port_of(lab.desktop), port_of(lab.service))}
        rules = ", ".join(f"MAP localhost:{port} 127.0.0.1:{way.relay}" for port, way in ways.items())
        browser = stack.enter_context(chromium.launched(f"--host-resolver-rules={rules}"))
        print("round trip ms   event to journey: first ms   p50 ms   most ms   requests   beyond round trips, p50 ms")
        for round_trip in ROUND_TRIPS:
            desktop = Desktop(browser, lab)
            (first, *waits), requests = waited(desktop, lab, list(ways.values()), round_trip, arguments.calls)
            usual = statistics.median(waits)
            beyond = usual - round_trip * statistics.median(requests)
            print(
                f"{round_trip:13d}{first:29.0f}{usual:9.0f}{max(waits):10.0f}"
                f"{statistics.median(requests):11.0f}{beyond:30.0f}"
            )
            desktop.close()


def port_of(base: str) -> int:
    port = urlsplit(base).port
    assert port is not None, base
    return port


def waited(
    desktop: Desktop, lab: Lab, ways: list[Distance], round_trip: int, calls: int
) -> tuple[list[float], list[int]]:
    """Milliseconds of each call, and the requests that CEJ made for it."""
    for way in ways:
        way.round_trip = round_trip / 1000
    desktop.sign_in("1001").sees("No call")
    frame = journey_frame(desktop)
    frame.evaluate(WATCH)
    measurements: list[tuple[float, int]] = []
    for customer in itertools.islice(itertools.cycle(CUSTOMERS), calls):
        dialog = lab.call("1001", f"cc_CustomerId={customer}")
        desktop.sees_customer(customer)
        measurements.append(measured(desktop, frame))
        lab.hang_up(dialog)
        time.sleep(0.5 + 2 * round_trip / 1000)
    return [wait for wait, _ in measurements], [requests for _, requests in measurements]


def journey_frame(desktop: Desktop) -> Frame:
    handle = desktop.page.wait_for_selector("iframe[data-gadget=cej]")
    frame = handle.content_frame() if handle else None
    assert frame is not None, "the desktop has no CEJ"
    frame.wait_for_selector("pulse-journey")
    return frame


def measured(desktop: Desktop, frame: Frame) -> tuple[float, int]:
    desktop.journey.locator("li.answer").first.wait_for()
    shown: float = frame.evaluate("() => window.shownAt")
    received: float = desktop.page.evaluate(RECEIVED_AT, shown)
    return shown - received, frame.evaluate(CALLS_SINCE, received)


if __name__ == "__main__":
    main()
