"""Each Finesse node: reachable, its certificate, SystemInfo, its deployment, and the clocks of both machines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from commands.checks import finesse_clusters
from commands.checks.context import Scene
from commands.checks.origins import fleet_of
from commands.checks.reach import ask, reach, unexpected
from commands.checks.result import Finding, does_not_apply, failed, note, of_fault, ok
from commands.checks.system_info import SystemInfo
from foundation.http.upstream import Answer
from foundation.setting_rules import place_at
from foundation.tls.handshake import Fault, address_of

SYSTEM_INFO = "/finesse/api/SystemInfo"
DEPLOYMENTS = {"UCCE": "Unified CCE or Packaged CCE", "UCCX": "Unified CCX"}
# Sessions and tokens end by the clock: this far apart some would end before they begin to be of use.
CLOCK_NOTED, CLOCK_FAILED = 30, 120


def nodes(scene: Scene) -> Iterator[Finding]:
    fleet = fleet_of(scene)
    if fleet is None:
        yield does_not_apply("Finesse", "no Finesse node is set")
        yield does_not_apply("clock", "there is no Finesse to compare it with")
        return
    infos: dict[str, SystemInfo] = {}
    for cluster in fleet.all:
        for node in cluster.nodes:
            yield from _node(scene, node, infos)
    yield from finesse_clusters.judged(fleet.all, infos)


def _node(scene: Scene, base: str, infos: dict[str, SystemInfo]) -> Iterator[Finding]:
    """Of one node; what it says of itself is kept in `infos`."""
    name = "Finesse {}:{}".format(*address_of(base))
    findings, usable = reach(scene, name, base)
    yield from findings
    check = f"{name}: SystemInfo"
    if not usable:
        yield does_not_apply(check, "not asked")
        yield does_not_apply(f"{name}: clock", "not compared")
        return
    began = time.time()
    answer = ask(scene.http, base, SYSTEM_INFO, {"Accept": "application/xml"})
    if isinstance(answer, Fault):
        yield of_fault(check, answer)
        return
    if finding := _unusable(check, base, answer):
        yield finding
    elif info := SystemInfo.parse(answer.body):
        infos[base] = info
        yield _status(check, info)
        yield _deployment(f"{name}: deployment", info)
        yield _clock(f"{name}: clock", info, (began + time.time()) / 2)
        yield _time_zone(f"{name}: time zone", info, scene.settings.time_zone)
    else:
        cure = "check that FINESSE_NODES names Finesse with its port, usually 8445"
        yield failed(check, f"{base} answers, but not as Finesse does", cure, "not_finesse")


def _unusable(check: str, base: str, answer: Answer) -> Finding | None:
    if answer.status in {401, 403}:
        cure = "set FINESSE_NODES to the Finesse server itself, not to the reverse proxy in front of it"
        return failed(check, f"{base} wants a sign-in for SystemInfo, as Cisco's reverse proxy does", cure, "proxy")
    return None if answer.status == 200 else unexpected(check, base, SYSTEM_INFO, answer)


def _status(check: str, info: SystemInfo) -> Finding:
    status = info.get("status")
    if status == "IN_SERVICE":
        return ok(check, f"IN_SERVICE, sign-in {info.get('systemAuthMode') or 'not told'}")
    reason = f" ({info.get('statusReason')})" if info.get("statusReason") else ""
    cure = "its desktops use the other node meanwhile; see Finesse's administration"
    return note(check, f"{status or 'no status'}{reason}", cure, "out_of_service")


def _deployment(check: str, info: SystemInfo) -> Finding:
    kind = info.get("deploymentType")
    if kind in DEPLOYMENTS:
        return ok(check, f"{kind}: {DEPLOYMENTS[kind]}")
    cause = f"deploymentType is {kind or 'missing'}, so agent ids cannot be told"
    return failed(check, cause, "check the release of Finesse: 12.5 or newer", "deployment")


def _clock(check: str, info: SystemInfo, moment: float) -> Finding:
    try:
        theirs = datetime.fromisoformat(info.get("currentTimestamp"))
    except ValueError:
        return does_not_apply(check, "this Finesse does not tell its time")
    apart = moment - theirs.replace(tzinfo=theirs.tzinfo or UTC).timestamp()
    message = f"{abs(apart):.1f} s {'ahead of' if apart > 0 else 'behind'} Finesse"
    if abs(apart) > CLOCK_FAILED:
        return failed(check, f"the clock here is {message}", "set both machines by the same NTP servers", "clock")
    if abs(apart) > CLOCK_NOTED:
        return note(check, f"the clock here is {message}", "set both machines by the same NTP servers", "clock")
    return ok(check, message)


def _time_zone(check: str, info: SystemInfo, ours: str) -> Finding:
    """Figures of a day are compared with Finesse's own reports of that day."""
    now = datetime.now(UTC)
    try:
        theirs = timezone(timedelta(minutes=int(info.get("timezoneOffset"))))
    except ValueError:
        return does_not_apply(check, "this Finesse does not tell its time zone")
    here = timezone(now.astimezone(ZoneInfo(ours)).utcoffset() or timedelta())
    if here == theirs:
        return ok(check, f"{theirs}, as TIME_ZONE = {ours}")
    cause = f"its clocks are at {theirs}; days here begin by TIME_ZONE = {ours}, which is at {here}"
    place = place_at(theirs.utcoffset(None), now)
    cure = f"if its agents work by those clocks: PULSE_TIME_ZONE={place}, or another place in that zone"
    return note(check, cause, cure, "time_zone")
