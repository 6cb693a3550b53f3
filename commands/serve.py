"""serve: the service in production, on granian; the very code that the lab starts too."""

import gc
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
from functools import partial
from pathlib import Path

import click
from flask import Flask
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from commands import admin, startup
from commands.listener import end_stalled_readers
from foundation import data_folder
from foundation.server.adapter import Adapter
from foundation.server.repeated import repeat
from foundation.settings import Settings, SettingsError, read
from foundation.web.logs import LOGGING, configure_logs

# Connections at once; more wait until one of these ends. A reload storm is spread over 90 s.
BACKPRESSURE = 4096
# An agent's gadget asks every 60 to 72 s, on the connection that it has: one that is silent for longer is ended.
# Headers take no more than the buffer.
HTTP1 = HTTP1Settings(header_read_timeout=90_000, max_buffer_size=64 * 1024)

# A neighbour that hangs may hold `THREADS` calls; so many threads more, as a part of it, stay for all other work.
SPARE = 4

PORT = click.IntRange(1, 65535)

SHARED_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
COUNTS_PREFIX = "pulse-metrics-"

COLLECT_AFTER = (20_000, 20, 20)

# How often calls that have ended are looked for; each node looks.
SWEEP_SECONDS = 1.0

# Whoever takes nothing of an answer for so long will not take the rest.
STALLED_SECONDS = 60.0


@click.command("serve")
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, default=8446, show_default=True, help="Port to listen on.")
def command(host: str, port: int) -> None:
    """Serve the gadgets in production. Every fault in the settings is named before anything starts."""
    settings = judged(*read())
    refuse_taken(host, port)
    if settings.admin_port == port:
        raise click.UsageError(f"--port and PULSE_ADMIN_PORT are both {port}: give one of them another")
    if settings.admin_port:
        refuse_taken(admin.HOST, settings.admin_port)
    startup.refuse_lab(settings)
    startup.refuse_published_keys(settings)
    startup.prepare(settings)
    # A lab may have been quicker in a new folder; from now on it leaves this database alone.
    startup.refuse_lab(settings)
    run(settings, host, port)


def judged(settings: Settings, faults: list[str]) -> Settings:
    """Settings without any fault; SettingsError names all of them."""
    from cherrypoint.config import completed
    from commands.setting_faults import judge

    unusable = data_folder.faults(settings)
    if not unusable:
        settings = completed(settings)
    faults = judge(settings, [*faults, *unusable])
    if faults:
        raise SettingsError(faults)
    return settings


def refuse_taken(host: str, port: int) -> None:
    """Say so where another process listens: granian would share the port, and requests would reach either."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error


def run(settings: Settings, host: str, port: int, quiet: bool = False) -> None:
    """Serve until a signal ends it; each worker builds its own parts."""
    if settings.workers > 1:
        _count_together()
    server = Server(
        "finesse-pulse",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        # HTTP/2 would let one connection ask for more than it costs its sender: streams broken off, headers unpacked.
        http=HTTPModes.http1,
        http1_settings=HTTP1,
        workers=settings.workers,
        backpressure=BACKPRESSURE,
        websockets=False,
        log_level=LogLevels.error if quiet else LogLevels.info,
        log_dictconfig=LOGGING,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        ssl_cert=settings.tls_cert,
        ssl_key=settings.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
    )
    try:
        server.serve(target_loader=partial(load, settings, port), wrap_loader=False)
    finally:
        _forget_counts()


def _count_together() -> None:
    """Have workers count in files of one folder.

    prometheus_client looks for the folder when it is imported, as it has been here: workers begin afresh.
    """
    if SHARED_COUNTS not in os.environ:
        os.environ[SHARED_COUNTS] = tempfile.mkdtemp(prefix=COUNTS_PREFIX)
    multiprocessing.set_start_method("spawn", force=True)


def _forget_counts() -> None:
    """The folder that was made for them; one that an administrator named is his."""
    folder = Path(os.environ.get(SHARED_COUNTS, ""))
    if folder.name.startswith(COUNTS_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def load(settings: Settings, port: int) -> Adapter:
    """The application of one worker, as granian calls it."""
    app = load_app(settings)
    threads = settings.threads + max(SPARE, settings.threads // SPARE)
    load, largest = app.extensions["pulse"]["load"], app.extensions["pulse"]["largest_body"]
    return Adapter(app, threads, load, largest, listening=partial(end_stalled_readers, port, STALLED_SECONDS))


def load_app(settings: Settings) -> Flask:
    """What a worker serves, in a process that is made ready to serve it."""
    from app import create_app
    from commands import children, delivery

    # Ctrl-C reaches the worker too, and then its parent ends it: told twice, granian may wait until it is killed.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    children.follow_parent()
    configure_logs(settings.log_level)
    app = create_app(settings)
    delivery.start(settings, app.extensions["pulse"]["platform"])
    if settings.admin_port:
        admin.serve(settings.admin_port, app, app.extensions["pulse"]["load"])
    repeat("calls", app.extensions["pulse"]["sweep_calls"], SWEEP_SECONDS)
    # What is built now lives as long as the worker: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    return app
