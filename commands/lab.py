"""lab: everything on this machine with nothing configured: the service, a stand-in Finesse, a year of answers."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from datetime import datetime
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
import urllib3
from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func, select

from commands import children, lab_database, lab_note, lab_surveys, serve, startup
from commands.lab_note import Addresses
from commands.lab_settings import FOLDER, HOST, lab_settings
from foundation import published
from foundation.db import database
from foundation.keys import KEY_FILE, generate_key
from foundation.settings import Settings
from foundation.web.logs import LOGGING

if TYPE_CHECKING:
    from experience.accounts.users import Role, Users
    from experience.platform import Platform
    from gadgets.signin.directory import Directory

DESKTOP_THREADS = 128
# In the data folder while the year of answers is made.
BEGUN = "year.begun"

WORDS = """
  Open {desktop} and sign in, password "lab":
    1001  an agent        1101, 1102  supervisors
  End a call: CVP asks for its survey within a minute, and the message arrives in {desktop}/lab/inbox
  Place a call:  curl -X POST {desktop}/lab/calls -H "Content-Type: application/json" \\
                   -d '{{"agent": "1001", "podId": "cc_CustomerId=C-10042"}}'
  The second node is {second}; docs/lab.md tells what can happen to a call, a node and the network.
"""


@click.command("lab")
@click.option("--port", type=serve.PORT, default=8446, show_default=True, help="Port of the service.")
@click.option("--desktop-port", type=serve.PORT, default=8445, show_default=True, help="Port of the desktop.")
@click.option("--second-port", type=serve.PORT, help="Port of the desktop's second node; --desktop-port plus 2.")
@click.option("--mail-port", type=serve.PORT, help="Port of the customers' mail server; --desktop-port plus 3.")
@click.option("--data", type=click.Path(path_type=Path), default=FOLDER, show_default=True, help="Its data folder.")
@click.option("--quiet", is_flag=True, help="The ready line only, and no calls by themselves.")
def command(
    port: int, desktop_port: int, second_port: int | None, mail_port: int | None, data: Path, quiet: bool
) -> None:
    """Start the service, a Finesse-like desktop and an inbox on this machine; Ctrl-C ends them.

    It reads no pulse.toml, and no setting of a database, a cache or a neighbour.
    """
    ports = (desktop_port, second_port or desktop_port + 2)
    mail_port = mail_port or desktop_port + 3
    if len({port, *ports, mail_port}) < 4:
        raise click.UsageError("--port, --desktop-port, --second-port and --mail-port must differ")
    base, (desktop, second) = f"http://localhost:{port}", (f"http://localhost:{own_port}" for own_port in ports)
    at = Addresses(base, f"{desktop}+{second}", mail_port)
    settings = serve.judged(*lab_settings(at, data))
    for own_port in (port, *ports, mail_port):
        serve.refuse_taken(HOST, own_port)
    # Until there are children to end: what is half done is in a database, or is begun again.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    prepare(settings)
    fill(settings, quiet)
    # What production counts in such a folder is its own; prometheus_client has looked for it here already.
    afresh = os.environ.pop(serve.SHARED_COUNTS, None) is not None
    lab_note.leave(settings.data_dir, at)
    stop = threading.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda *_: stop.set())
    family = [
        children.start("service", serve.run, settings, HOST, port, quiet, afresh=afresh),
        children.start("desktop", run_desktop, base, ports, not quiet, settings.time_zone, mail_port, afresh=afresh),
    ]
    if ready(family, [f"{base}/readyz", *(f"{node}/finesse/api/SystemInfo" for node in (desktop, second))], stop):
        click.echo(f"Finesse Pulse lab is ready: {desktop}")
        if not quiet:
            click.echo(WORDS.format(desktop=desktop, second=second))
    children.wait_for_first_end(family, stop)
    lab_note.take_back(settings.data_dir)
    sys.exit(0 if stop.is_set() else 1)


def prepare(settings: Settings) -> None:
    """The lab's database, marked before anything is in it, and a signing key that no service takes."""
    lab_database.claim(settings)
    generate_key(settings.data_dir / KEY_FILE, published.SIGNING_KEY_PREFIX)
    startup.prepare(settings)


def fill(settings: Settings, quiet: bool) -> None:
    """Names of the lab's people, and a year of plausible answers, where the database holds none yet."""
    from experience.accounts.users import Users
    from experience.answers.schema import answers
    from experience.platform import Platform
    from gadgets.signin.directory import Directory

    store = database.Database(settings.database)
    try:
        introduce(Directory(store), settings.finesse_nodes[0].partition("+")[0])
        admit(Users(store))
        platform = Platform(store, settings.time_zone, settings.phone_region or None, settings.phone_prefixes)
        with store.read() as connection:
            empty = connection.execute(select(func.count()).select_from(answers)).scalar_one() == 0
        # A start that was broken off has left some of them.
        begun = settings.data_dir / BEGUN
        if empty or begun.exists():
            begun.touch()
            take_a_year(platform, quiet)
            begun.unlink()
        lab_surveys.introduce(platform)
    finally:
        store.close()


def introduce(directory: Directory, cluster: str) -> None:
    """Tell the directory who works in the lab, as `directory import` would."""
    from gadgets.finesse.xml import full_name
    from gadgets.signin.person import Person
    from lab.people.cast import CAST, TEAMS

    for member in CAST:
        name = full_name(member.first_name, member.last_name)
        supervises = tuple((team, TEAMS[team]) for team in member.supervises)
        team = (member.team, member.team_name)
        ids = (cluster, member.id, member.login_name, name, member.skill_target_id)
        directory.learn(Person(*ids, member.roles, team, supervises, member.extension))


def admit(users: Users) -> None:
    """Let the lab's two WxM users in, as `user add` and `user key` would."""
    known = {user.name for user in users.list()}
    keys: dict[Role, str] = {"desktop": published.DESKTOP_KEY, "system": published.SYSTEM_KEY}
    for role, key in keys.items():
        if role not in known:
            users.add(role, role)
            users.set_key(role, key)


def take_a_year(platform: Platform, quiet: bool) -> None:
    from lab.people.answers import year_of_answers

    year = list(year_of_answers(datetime.now(ZoneInfo(platform.time_zone))))
    with Progress(console=Console(stderr=True), disable=quiet or not sys.stderr.isatty()) as progress:
        task = progress.add_task("A year of answers", total=len(year))
        for start in range(0, len(year), 500):
            platform.take(year[start : start + 500])
            progress.advance(task, 500)


def run_desktop(
    base: str, ports: tuple[int, ...], calls: bool, time_zone: str = "UTC", mail_port: int | None = None
) -> None:
    """Serve the stand-ins, Finesse's by one worker for all nodes: what they know lives in memory."""
    Server(
        "lab-desktop",
        address=HOST,
        port=ports[0],
        interface=Interfaces.WSGI,
        blocking_threads=DESKTOP_THREADS,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
        workers_kill_timeout=5,
    ).serve(target_loader=partial(load_desktop, base, ports, calls, time_zone, mail_port), wrap_loader=False)


def load_desktop(base: str, ports: tuple[int, ...], calls: bool, time_zone: str, mail_port: int | None) -> Flask:
    """The application of the desktop's worker, which is itself the second node's server, CVP and the mail server."""
    from lab.desktop.app import create_desktop
    from lab.finesse.second_node import listen
    from lab.inbox import smtp

    children.follow_parent()
    nodes = tuple(f"http://localhost:{port}" for port in ports)
    app = create_desktop(base, calls=calls, nodes=nodes, time_zone=time_zone)
    parts = app.extensions["lab"]
    atexit.register(parts.close)
    parts.call_server.start()
    for port in ports[1:]:
        listen(app, HOST, port)
    if mail_port:
        atexit.register(smtp.listen(parts.inbox, parts.message_faults, HOST, mail_port).stop, no_assert=True)
    return app


def ready(family: list[BaseProcess], urls: list[str], stop: threading.Event) -> bool:
    """Whether all addresses answered, while every child lived and nobody asked to stop."""
    pool = urllib3.PoolManager(retries=False, timeout=2)
    waiting = list(urls)
    while waiting and not stop.is_set() and all(child.is_alive() for child in family):
        waiting = [url for url in waiting if not _answers(pool, url)]
        time.sleep(0.05)
    return not waiting


def _answers(pool: urllib3.PoolManager, url: str) -> bool:
    try:
        return pool.request("GET", url).status == 200
    except urllib3.exceptions.HTTPError:
        return False
