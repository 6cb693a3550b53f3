"""Customers of the loop's benchmark: each opens the link of its mail and sends the survey, as without JavaScript."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin

import urllib3

from tests.support.answering import SCALES, TEXTS
from tests.support.scripted_smtp import ScriptedSmtp, scripted_smtp

AT_ONCE = 16
LOOK_SECONDS = 0.005
LINK = re.compile(rb"http://localhost:\d+(/s/[\w-]+)\s")
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ENTERED = {f"q:{SCALES['nps']}": "9", f"q:{SCALES['csat']}": "4", f"q:{TEXTS['comment']}": "Quick and friendly"}


class Failed(Exception):
    """What a customer was answered instead of a survey or of thanks."""


@dataclass
class Customers:
    """`submitted` is when each customer, by number, had its survey taken; times are those of `time.monotonic`."""

    port: int = 0
    submitted: dict[int, float] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    smtp_port: int = 0

    @property
    def done(self) -> int:
        return len(self.submitted) + self.errors.total()

    def answer(self, number: int, content: bytes) -> None:
        try:
            link = LINK.search(content)
            if link is None:
                raise Failed("a mail without a link")
            submit(self.port, link[1].decode(), number)
            self.submitted[number] = time.monotonic()
        except (Failed, urllib3.exceptions.HTTPError) as error:
            self.errors[str(error) if isinstance(error, Failed) else type(error).__name__] += 1


@contextmanager
def waiting_customers() -> Iterator[Customers]:
    """Customers behind a mail server of their own, who answer at once, a few at the same time."""
    customers, stop = Customers(), threading.Event()
    with scripted_smtp() as smtp, ThreadPoolExecutor(AT_ONCE) as pool:
        customers.smtp_port = smtp.port
        thread = threading.Thread(target=follow, args=(smtp, customers, pool, stop))
        thread.start()
        try:
            yield customers
        finally:
            stop.set()
            thread.join()


def follow(smtp: ScriptedSmtp, customers: Customers, pool: ThreadPoolExecutor, stop: threading.Event) -> None:
    """Have each mail answered once it has come."""
    taken = 0
    while not stop.wait(LOOK_SECONDS):
        for place in range(taken, len(smtp.recipients)):
            pool.submit(customers.answer, number_of(smtp.recipients[place]), smtp.contents[place])
            smtp.contents[place] = b""
            taken = place + 1


def address_of(number: int) -> str:
    return f"c{number}@example.com"


def number_of(address: str) -> int:
    return int(address.partition("@")[0].removeprefix("c"))


def submit(port: int, path: str, number: int) -> None:
    """One customer's visit, on a connection and from an address of its own. Raises Failed."""
    headers = {"X-Forwarded-For": f"10.{number // 62_500}.{number // 250 % 250}.{number % 250}"}
    with urllib3.HTTPConnectionPool("127.0.0.1", port, headers=headers, retries=False, timeout=20) as browser:
        page = browser.request("GET", path)
        expect("the survey", page.status, 200)
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(page.data.decode())}
        sent = browser.request("POST", path, fields={**hidden, **ENTERED, "go": "send"}, redirect=False)
        expect("sending it", sent.status, 303)
        where = sent.headers["Location"]
        if "done=1" not in where:
            raise Failed("sending it leads to another page")
        expect("the thanks", browser.request("GET", urljoin(path, where)).status, 200)


def expect(what: str, status: int, wanted: int) -> None:
    if status != wanted:
        raise Failed(f"{what}: {status}")
