"""The system's Chromium, for tests and benchmarks."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# A closed network answers Chromium's own calls home with errors that no test is about.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SWITCHES += ["--disable-component-update", "--disable-sync"]


# The same engine without windows opens a page in half the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def path() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched(*switches: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=[*SWITCHES, *switches])
        yield browser
        browser.close()
