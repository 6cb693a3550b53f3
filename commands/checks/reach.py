"""Whether a host can be reached and its certificate be trusted, as two findings; and one question asked of it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from commands.checks.context import Scene
from commands.checks.result import Finding, does_not_apply, failed, note, of_fault, ok
from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from foundation.http.upstream import Answer
from foundation.tls import handshake
from foundation.tls.certificates import Certificate
from foundation.tls.handshake import Fault

NOT_REACHED = {"unknown_name", "refused", "timed_out", "no_connection", "proxy"}
SECONDS = 10.0
RENEW_BEFORE = timedelta(days=30)


def reach(scene: Scene, name: str, base: str, *, rsa_only: bool = False) -> tuple[list[Finding], bool]:
    """Whether a host is there, and whether its certificate holds; and whether it can be asked anything."""
    if handshake.needs_no_certificate(base):
        return _reach_plainly(name, base)
    seen = handshake.examine(base, scene.trusted, proxy=scene.settings.proxy, rsa_only=rsa_only)
    if seen.fault and seen.fault.code in NOT_REACHED:
        unknown = does_not_apply(f"{name}: certificate", "not seen, for it cannot be reached")
        return [of_fault(f"{name}: reachable", seen.fault), unknown], False
    there = ok(f"{name}: reachable", f"{seen.address} answers")
    if seen.fault or seen.own is None:
        fault = seen.fault or Fault("bad_certificate", f"{seen.address} presents no certificate", "check its TLS")
        return [there, of_fault(f"{name}: certificate", fault)], seen.fault is not None and seen.fault.code == "ec_key"
    return [there, _judged(f"{name}: certificate", seen.own)], True


def ask(http: HttpClient, base: str, path: str, headers: Mapping[str, str]) -> Answer | Fault:
    """What a host answers; a Fault where it does not."""
    try:
        return http.get(base, path, headers, SECONDS)
    except NeighbourDown as error:
        return Fault(error.code, f"{base}{path}: {error.detail}", "check that host's own log, and the network to it")


def unexpected(check: str, base: str, path: str, answer: Answer) -> Finding:
    cause = f"{base}{path} answered {answer.status}, where 200 was expected"
    return failed(check, cause, "check that the setting names the right host and port, and that host's log", "status")


def _reach_plainly(name: str, base: str) -> tuple[list[Finding], bool]:
    host, port = handshake.address_of(base)
    without = does_not_apply(f"{name}: certificate", "plain http on this machine has none")
    try:
        socket.create_connection((host, port), handshake.SECONDS).close()
    except OSError as error:
        return [of_fault(f"{name}: reachable", handshake.unreachable(error, f"{host}:{port}")), without], False
    return [ok(f"{name}: reachable", f"{host}:{port} answers"), without], True


def _judged(check: str, own: Certificate) -> Finding:
    message = f"for {', '.join(own.names)}; until {own.not_after:%Y-%m-%d}; {own.key}"
    if own.not_after - datetime.now(UTC) < RENEW_BEFORE:
        return note(check, message, "it ends soon: have it renewed in time", "ends_soon")
    return ok(check, message)
