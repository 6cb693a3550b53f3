"""Every line of the log is a JSON object, granian's own lines too, and it is on standard error."""

import json
import logging
import logging.config
import subprocess
import sys
from pathlib import Path

from foundation.web.logs import LOGGING
from tests.commands.test_lab import SECONDS
from tests.support.services import ORIGIN, ROOT, ServedNode, clean_environ, free_port, tied

FIELDS = {"event", "level", "timestamp"}


def events(log: str) -> list[str]:
    lines = [json.loads(line) for line in log.splitlines()]
    assert all(set(line) >= FIELDS for line in lines), log
    return [line["event"] for line in lines]


def test_of_serve(tmp_path: Path) -> None:
    environ = {
        "PULSE_PUBLIC_URL": "https://pulse.bora.com",
        "PULSE_ALLOWED_ORIGINS": ORIGIN,
        "PULSE_FINESSE_NODES": ORIGIN,
    }
    with ServedNode(tmp_path, environ) as node:
        node.request("GET", "/cherrypoint/authtoken", {"Authorization": "Basic eDp5"})
    written = events(node.log.read_text())
    assert any(event.startswith("Listening at") for event in written)
    assert "refused_sign_in" in written


def test_of_the_lab(tmp_path: Path) -> None:
    ports = [f"--{name}={free_port()}" for name in ("port", "desktop-port", "second-port", "mail-port")]
    command = tied(sys.executable, "app.py", "lab", "--data", str(tmp_path / "data"), *ports)
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=clean_environ(), stdout=subprocess.PIPE, stderr=log, text=True
        ) as running,
    ):
        assert running.stdout is not None
        first = running.stdout.readline()
        running.terminate()
        rest = running.stdout.read()
        assert running.wait(SECONDS) == 0
    assert "is ready" in first, first
    assert "Listening" not in rest
    assert any(event.startswith("Listening at") for event in events((tmp_path / "log").read_text()))


def test_of_any_library() -> None:
    formatter = logging.config.DictConfigurator(LOGGING).configure_formatter(LOGGING["formatters"]["json"])
    try:
        raise ValueError("no\nway")
    except ValueError:
        record = logging.LogRecord("x", logging.WARNING, "", 1, "two %s\n", ("lines",), sys.exc_info())
    line = formatter.format(record)
    facts = json.loads(line)
    assert (facts["event"], facts["level"], "\n" in line) == ("two lines\n", "warning", False)
    assert "ValueError: no" in facts["exception"]
