"""Whether FINESSE_NODES joins with `+` what Finesse itself calls one cluster, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from commands.checks.result import Finding, does_not_apply, failed, note, ok
from commands.checks.system_info import SystemInfo
from foundation.tls.handshake import address_of
from gadgets.finesse.clusters import Cluster

CHECK = "Finesse: clusters"


def judged(clusters: tuple[Cluster, ...], infos: Mapping[str, SystemInfo]) -> list[Finding]:
    """`infos` holds what each node that answered says of itself."""
    if not any(info.names(base) for base, info in infos.items()):
        return [does_not_apply(CHECK, "no Finesse names its nodes by the names that FINESSE_NODES has")]
    findings = [
        *(_one(pair, clusters) for pair in combinations(clusters, 2) if _are_one(*pair, infos)),
        *(_two(cluster, clusters) for cluster in clusters if _is_two(cluster, infos)),
    ]
    if not findings:
        findings += _alone(clusters, infos)
    return findings or [ok(CHECK, "joined as Finesse names them")]


def _are_one(first: Cluster, second: Cluster, infos: Mapping[str, SystemInfo]) -> bool:
    """A node of one names itself and a node of the other."""
    pairs = [(a, b) for a in first.nodes for b in second.nodes]
    pairs += [(b, a) for a, b in pairs]
    return any(a in infos and infos[a].names(a) and infos[a].names(b) for a, b in pairs)


def _is_two(cluster: Cluster, infos: Mapping[str, SystemInfo]) -> bool:
    """Each of both nodes names itself, and neither names the other."""
    if len(cluster.nodes) < 2 or not set(cluster.nodes) <= infos.keys():
        return False
    a, b = cluster.nodes
    return infos[a].names(a) and infos[b].names(b) and not infos[a].names(b) and not infos[b].names(a)


def _one(pair: tuple[Cluster, Cluster], clusters: tuple[Cluster, ...]) -> Finding:
    first, second = pair
    cause = f"{first.id} and {second.id} are listed as two clusters, and SystemInfo names both as nodes of one"
    joined = Cluster((*first.nodes, *second.nodes))
    others = [joined if cluster is first else cluster for cluster in clusters if cluster is not second]
    cure = f"a + joins the two nodes of a cluster, a comma parts clusters: {_setting(others)}"
    return failed(CHECK, cause, cure, "one_cluster")


def _two(wrong: Cluster, clusters: tuple[Cluster, ...]) -> Finding:
    """Their people would be taken for one another."""
    cause = f"{' and '.join(wrong.nodes)} are joined as one cluster, and each names itself without the other"
    parted = [
        part
        for cluster in clusters
        for part in ([Cluster((node,)) for node in wrong.nodes] if cluster is wrong else [cluster])
    ]
    return failed(CHECK, cause, f"a comma parts clusters: {_setting(parted)}", "two_clusters")


def _alone(clusters: tuple[Cluster, ...], infos: Mapping[str, SystemInfo]) -> Iterator[Finding]:
    """After a failover its desktops come from the node that is not listed."""
    for cluster in clusters:
        info = infos.get(cluster.id)
        if len(cluster.nodes) > 1 or info is None or not info.names(cluster.id):
            continue
        for other in (node for node in info.nodes if not node.is_at(cluster.id)):
            base = f"https://{other.host}:{other.port or address_of(cluster.id)[1]}"
            cause = f"{cluster.id} names {other.host} as its other node, which FINESSE_NODES lacks"
            whole = [Cluster((cluster.id, base)) if known is cluster else known for known in clusters]
            cure = f"{_setting(whole)}, and add {base} to PULSE_ALLOWED_ORIGINS"
            yield note(CHECK, cause, cure, "second_node")


def _setting(clusters: list[Cluster]) -> str:
    return f"PULSE_FINESSE_NODES={','.join('+'.join(cluster.nodes) for cluster in clusters)}"
