"""The survey page of a served node: bytes in all, and the first byte at 50 requests a second, from many addresses.

`python -m bench.page [--seconds 20] [--rate 50]`; each request opens another link, on SQLite.
"""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.questionnaires.yaml_format import read_draft
from experience.surveys import survey_tokens
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from tests.support.services import ServedNode
from tests.support.survey_page import EVERY_KIND

LINKS = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=50)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        tokens = prepare(folder)
        environ = {"PULSE_FACES": "survey,api", "PULSE_PUBLIC_URL": "http://127.0.0.1"}
        environ |= {"PULSE_TRUSTED_PROXIES": "127.0.0.1"}
        with ServedNode(folder, environ) as node:
            print(f"{whole_page(node, tokens[0])} bytes: the page, its style sheet and its script, not compressed")
            times = load(node.port, tokens, options.rate, options.seconds)
        p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
        print(f"first byte at {options.rate} a second, {len(times)} links: {p50:.1f} ms p50, {p99:.1f} ms p99")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare(folder: Path) -> list[str]:
    """A database with links to a questionnaire of every kind of question."""
    url = f"sqlite:///{folder / 'pulse.db'}"
    upgrade(url)
    database = Database(url)
    Platform(database)
    draft = read_draft(EVERY_KIND)
    with database.write() as connection:
        catalogue.keep(database, connection, draft.documents, [draft.questionnaire])
        made = survey_tokens.make_many(connection, [{} for _ in range(LINKS)], draft.questionnaire.name)
    database.close()
    return [str(token["id"]) for token in made]


def whole_page(node: ServedNode, token: str) -> int:
    page = node.request("GET", f"/s/{token}")
    assert page.status_code == 200
    files = re.findall(rb'(?:href|src)="(static/[^"]+)"', page.data)
    return len(page.data) + sum(len(node.request("GET", f"/s/{file.decode()}").data) for file in files)


def load(port: int, tokens: list[str], rate: int, seconds: int) -> list[float]:
    """Milliseconds until the first byte, sorted; each request on a connection and from an address of its own."""
    began = time.perf_counter() + 0.5
    with ThreadPoolExecutor(16) as pool:
        return sorted(
            pool.map(lambda number: first_byte(port, tokens, number, began + number / rate), range(rate * seconds))
        )


def first_byte(port: int, tokens: list[str], number: int, at: float) -> float:
    address = f"10.{number // 62_500}.{number // 250 % 250}.{number % 250}"
    request = f"GET /s/{tokens[number % len(tokens)]} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {address}\r\n\r\n"
    time.sleep(max(0.0, at - time.perf_counter()))
    sent = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        wire.sendall(request.encode())
        received = wire.recv(1 << 16)
    took = (time.perf_counter() - sent) * 1000
    assert received.startswith(b"HTTP/1.1 200"), received[:80]
    return took


if __name__ == "__main__":
    main()
