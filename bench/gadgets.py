"""Pulse and journey beside bare Flask routes on the same server: requests per second, in one run.

    python -m bench.gadgets [--repeats 3] [--seconds 5]

`/gadgets/pulse`, signed in, while an answer lands each second, beside a bare route with a body of the same size.
`/gadgets/journey` of a call, beside a bare route that makes one pooled urllib3 call to the same Finesse.
"""

import argparse
import base64
import os
import socket
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import urllib3
from flask import Flask, Response
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from bench.load import Result, get
from commands import children, lab, serve
from commands.lab_note import Addresses
from commands.lab_settings import HOST, lab_settings
from experience.platform import Platform
from foundation.db.database import Database
from foundation.settings import Settings

CONNECTIONS = 32
SIGN_IN = f"Basic {base64.b64encode(b'1102:lab').decode()}"
AGENT = f"Basic {base64.b64encode(b'1001:lab').decode()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as (service, desktop, bare, platform):
        run(service, desktop, bare, platform, arguments.repeats, arguments.seconds)


def run(service: int, desktop: int, bare: int, platform: Platform, repeats: int, seconds: float) -> None:
    agent, supervisor = session(service, desktop, "1001", AGENT), session(service, desktop, "1102", SIGN_IN)
    dialog = post(desktop, "/lab/calls", {"agent": "1001", "podId": "cc_CustomerId=C-10042"})["dialogId"]
    pulse = "/gadgets/pulse?filterTags=cc_TeamId&period=30d"
    journey = f"/gadgets/journey?dialogId={dialog}"
    asking = agent | {"X-Finesse-Authorization": AGENT}
    load = partial(get, connections=CONNECTIONS, seconds=seconds)
    body = get(service, pulse, supervisor, connections=1, seconds=0.2).body
    page = get(service, journey, asking, connections=1, seconds=0.2).body
    rounds = range(repeats)
    with answers_landing(platform):
        pulses = [(load(service, pulse, supervisor), load(bare, f"/body/{body}", supervisor)) for _ in rounds]
    journeys = [(load(service, journey, asking), load(bare, f"/asked/{page}", asking)) for _ in rounds]
    show(f"pulse ({body} bytes)", pulses)
    show(f"journey ({page} bytes)", journeys)


def show(name: str, pairs: list[tuple[Result, Result]]) -> None:
    print(f"{name:24}    ours/s  p50 ms  p99 ms    bare/s  p50 ms  p99 ms   ratio")
    for ours, bare in pairs:
        figures = f"{ours.rate:10.0f}{ours.p50:8.1f}{ours.p99:8.1f}{bare.rate:10.0f}{bare.p50:8.1f}{bare.p99:8.1f}"
        print(f"{'':24}{figures}{ours.rate / bare.rate:8.2f}")
    print(f"{'median of ratios':24}{statistics.median(ours.rate / bare.rate for ours, bare in pairs):62.2f}")


@contextmanager
def house(folder: Path) -> Iterator[tuple[int, int, int, Platform]]:
    """The service, the lab's Finesse and the bare application, each in its own process; their ports, and the store."""
    service, desktop, bare = free_port(), free_port(), free_port()
    settings, faults = lab_settings(Addresses(f"http://localhost:{service}", f"http://localhost:{desktop}"), folder)
    if faults:
        raise SystemExit("\n".join(faults))
    lab.prepare(settings)
    lab.fill(settings, quiet=True)
    family = [
        children.start("service", pinned, partial(serve.run, settings, HOST, service, True)),
        children.start("bare", pinned, partial(run_bare, bare, desktop, settings)),
        children.start("desktop", lab.run_desktop, f"http://localhost:{service}", (desktop,), False),
    ]
    try:
        await_ready(family, service, desktop, bare)
        database = Database(settings.database)
        yield service, desktop, bare, Platform(database, settings.time_zone)
        database.close()
    finally:
        children.end(family)


def await_ready(family: list[BaseProcess], service: int, desktop: int, bare: int) -> None:
    urls = [f"http://127.0.0.1:{service}/readyz", f"http://127.0.0.1:{desktop}/finesse/api/SystemInfo"]
    if not lab.ready(family, [*urls, f"http://127.0.0.1:{bare}/body/2"], threading.Event()):
        raise SystemExit("the service, the lab or the bare application did not start")


def pinned(server: partial[None]) -> None:
    """Both applications have the same one core; the load and Finesse have the other."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(os.getppid()) | {0})})
    server()


def run_bare(port: int, desktop: int, settings: Settings) -> None:
    Server(
        "bare",
        address=HOST,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=settings.threads,
        backpressure=serve.BACKPRESSURE,
        websockets=False,
        log_level=LogLevels.error,
    ).serve(target_loader=partial(load_bare, desktop), wrap_loader=False)


def load_bare(desktop: int) -> Flask:
    """What the service is compared to: Flask alone, and Flask with one pooled call."""
    children.follow_parent()
    app = Flask("bare")
    pool = urllib3.HTTPConnectionPool("127.0.0.1", desktop, maxsize=128)
    headers = {"Authorization": AGENT, "Accept": "application/xml"}

    @app.get("/body/<int:size>")
    def body(size: int) -> Response:
        return Response(b"x" * size, mimetype="application/json")

    @app.get("/asked/<int:size>")
    def answer(size: int) -> Response:
        pool.request("GET", "/finesse/api/User/1001/Dialogs", headers=headers)
        return Response(b"x" * size, mimetype="application/json")

    return app


@contextmanager
def answers_landing(platform: Platform) -> Iterator[None]:
    """One answer of team 5001 a second, for as long as the block runs."""
    stop = threading.Event()

    def land() -> None:
        while not stop.wait(1.0):
            platform.take([answer()])

    thread = threading.Thread(target=land)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def answer() -> dict[str, Any]:
    def response(question: str, text: str | None, number: int) -> dict[str, Any]:
        return {"questionId": f"64b0000000000000000000{question}", "textInput": text, "numberInput": number}

    return {
        "id": uuid.uuid4().hex[:24],
        "locationId": "Post call survey",
        "responseDateTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "surveyClient": "sms",
        "responses": [
            response("01", None, 9),
            response("02", None, 4),
            response("a2", "6001", 0),
            response("a3", "5001", 0),
        ],
    }


def session(service: int, desktop: int, user: str, credential: str) -> dict[str, str]:
    """The headers of a signed-in gadget, as a browser sends them."""
    origin = {"Origin": f"http://localhost:{desktop}"}
    body = post(service, "/gadgets/session", {"user": user}, origin | {"Authorization": credential})
    return origin | {"Authorization": f"Bearer {body['access_token']}"}


def post(port: int, path: str, body: dict[str, str], headers: dict[str, str] | None = None) -> dict[str, Any]:
    answered = urllib3.request("POST", f"http://127.0.0.1:{port}{path}", json=body, headers=headers or {})
    made: dict[str, Any] = answered.json()
    return made


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{time.monotonic() - began:.0f} s in all")
