"""What was asked in vain is kept for `doctor`: refused origins with the entry that would allow them, unknown paths."""

import time
from collections.abc import Callable

from cherrypoint.unknown_paths import UnknownPaths
from gadgets.origins.refused_origins import RefusedOrigins
from tests.support.machines import Machine
from tests.support.services import Service


def test_nothing_seen_is_green(machine: Machine) -> None:
    report = machine.doctor()
    assert report.of("refused origins")["state"] == "ok"
    assert report.of("unknown paths")["state"] == "ok"


def test_a_refused_origin_is_named_with_the_entry_that_would_allow_it(
    machine: Machine, start: Callable[..., Service]
) -> None:
    service = start(data_dir=machine.data)
    for _ in range(3):
        assert service.get("/gadgets/pulse", origin="https://finesse9.chang.com:8445").status_code == 403
    kept = RefusedOrigins(service.app.extensions["pulse"]["database"])
    deadline = time.monotonic() + 10
    while not kept.all() and time.monotonic() < deadline:
        time.sleep(0.02)
    check = machine.doctor().of("refused origins")
    assert check["state"] == "note"
    assert check["says"].startswith("https://finesse9.chang.com:8445; minutes with refusals: 1;")
    assert "add https://finesse9.chang.com:8445 to PULSE_ALLOWED_ORIGINS" in check["cure"]


def test_an_unknown_path_is_named_with_its_method_and_size(machine: Machine, start: Callable[..., Service]) -> None:
    service = start(data_dir=machine.data)
    UnknownPaths(service.app.extensions["pulse"]["database"]).note("POST", "/cherrypoint/reporting", 1234)
    check = machine.doctor().of("unknown paths")
    assert "POST /cherrypoint/reporting, at most 1234 bytes; times: 1;" in check["says"]


def test_what_strangers_wrote_is_shown_and_never_obeyed(machine: Machine, start: Callable[..., Service]) -> None:
    service = start(data_dir=machine.data)
    UnknownPaths(service.app.extensions["pulse"]["database"]).note("GET", "/cherrypoint/:AB:[red]\x1b[2K\nok", 0)
    printed = machine.run("doctor").stdout
    assert r"GET /cherrypoint/:AB:[red]\x1b[2K\nok, at most" in " ".join(printed.split())
    assert "\x1b" not in printed
