"""Whether the desktops of every Finesse node are let in, and whether every origin let in leads to a node."""

from __future__ import annotations

from collections.abc import Iterator

from commands.checks.context import Scene
from commands.checks.result import Finding, does_not_apply, failed, note, ok
from gadgets.finesse import clusters
from gadgets.finesse.clusters import Clusters, origin_of
from gadgets.origins import allow_list
from gadgets.origins.allow_list import AllowList


def origins_allowed(scene: Scene) -> Iterator[Finding]:
    fleet = fleet_of(scene)
    if fleet is None:
        yield does_not_apply("origins", "no Finesse node is set")
        return
    settings = scene.settings
    good = tuple(entry for entry in settings.allowed_origins if not allow_list.faults((entry,)))
    allowed = AllowList.of(good, settings.loopback_origins)
    for cluster in fleet.all:
        for node in cluster.nodes:
            yield _let_in(origin_of(node), allowed)
    for origin in sorted(allowed.exact - fleet.by_origin.keys() - set(settings.loopback_origins)):
        yield _without_a_node(origin, several=len(fleet.all) > 1)


def _let_in(origin: str, allowed: AllowList) -> Finding:
    check = f"origins: {origin}"
    if allowed.allows(origin):
        return ok(check, "desktops of this node are let in")
    entry = allow_list.entry_for(origin) or origin
    cause = "desktops of this Finesse node are refused: its origin is not in ALLOWED_ORIGINS"
    return failed(check, cause, f"add {entry} to PULSE_ALLOWED_ORIGINS", "origin_missing")


def _without_a_node(origin: str, several: bool) -> Finding:
    """With one cluster every origin leads to it; with several, one that no node has leads nowhere."""
    check = f"origins: {origin}"
    cure = f"map it: PULSE_FINESSE_ORIGINS={origin}=<a node of its cluster>, or take it out of PULSE_ALLOWED_ORIGINS"
    if several:
        cause = "it is allowed, but belongs to no node: whoever signs in there gets unknown_cluster"
        return failed(check, cause, cure, "origin_without_node")
    return note(check, "it is allowed, and no Finesse node has it", f"if it is no proxy: {cure}", "origin_without_node")


def fleet_of(scene: Scene) -> Clusters | None:
    """The clusters, as far as their settings can be read; `settings` names what is wrong with them."""
    settings = scene.settings
    nodes = tuple(entry for entry in settings.finesse_nodes if not clusters.faults((entry,), ()))
    if not nodes:
        return None
    mapped = tuple(entry for entry in settings.finesse_origins if not clusters.faults(nodes, (entry,)))
    return Clusters.of(nodes, mapped)
