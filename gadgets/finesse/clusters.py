"""Which Finesse cluster a browser's origin belongs to; pure."""

from dataclasses import dataclass
from functools import cache
from typing import Self
from urllib.parse import urlsplit

from foundation.setting_rules import web_base


@dataclass(frozen=True, slots=True)
class Cluster:
    """One or two nodes (publisher first) that share users; `id` names it in sessions and in the directory."""

    nodes: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.nodes[0]

    def nodes_for(self, origin: str | None) -> tuple[str, ...]:
        """The node that the agent's desktop runs on first: it is the one known to be up."""
        return tuple(sorted(self.nodes, key=lambda node: origin_of(node) != origin))


@dataclass(frozen=True, slots=True)
class Clusters:
    """All clusters, and the cluster that each origin names: its own nodes' origins and those of `FINESSE_ORIGINS`."""

    all: tuple[Cluster, ...]
    by_origin: dict[str, Cluster]

    @classmethod
    def of(cls, nodes: tuple[str, ...], origins: tuple[str, ...] = ()) -> Self:
        """From settings that `faults` found nothing wrong with."""
        clusters = tuple(Cluster(tuple(web_base(node.strip()) for node in entry.split("+"))) for entry in nodes)
        by_node = {node: cluster for cluster in clusters for node in cluster.nodes}
        by_origin = {origin_of(node): cluster for node, cluster in by_node.items()}
        mapped = (entry.partition("=") for entry in origins)
        return cls(clusters, by_origin | {origin: by_node[web_base(node)] for origin, _, node in mapped})

    def for_origin(self, origin: str | None) -> Cluster | None:
        """The cluster to ask for a browser at `origin`: with one configured, always that one; else the one named."""
        return self.all[0] if len(self.all) == 1 else self.by_origin.get(origin or "")


def faults(nodes: tuple[str, ...], origins: tuple[str, ...]) -> list[str]:
    """One line for each entry of FINESSE_NODES and FINESSE_ORIGINS that cannot be used."""
    problems = [f"PULSE_FINESSE_NODES: {entry}: {why}" for entry in nodes if (why := _cluster_fault(entry))]
    known = {web_base(node.strip()) for entry in nodes if not _cluster_fault(entry) for node in entry.split("+")}
    twice = len(known) < sum(len(entry.split("+")) for entry in nodes if not _cluster_fault(entry))
    problems += ["PULSE_FINESSE_NODES: a node stands in it twice"] if twice else []
    problems += [f"PULSE_FINESSE_ORIGINS: {entry}: {why}" for entry in origins if (why := _map_fault(entry, known))]
    return problems


@cache
def origin_of(base: str) -> str:
    """The `Origin` that browsers send for pages of `base`: the default port is left out."""
    parts = urlsplit(base)
    default = {"https": 443, "http": 80}[parts.scheme]
    host = parts.hostname or ""
    return f"{parts.scheme}://{host}" if parts.port in {None, default} else f"{parts.scheme}://{host}:{parts.port}"


def _cluster_fault(entry: str) -> str:
    nodes = entry.split("+")
    if len(nodes) > 2:
        return "a cluster has two nodes at most"
    which = "{} {}" if len(nodes) > 1 else "{1}"
    if not all(node.strip() for node in nodes):
        return "a + stands between two nodes"
    return next((which.format(node.strip(), why) for node in nodes if (why := _base_fault(node.strip()))), "")


def _map_fault(entry: str, known: set[str]) -> str:
    origin, equals, node = entry.partition("=")
    if not equals or _base_fault(origin) or _base_fault(node):
        return "must be https://proxy=https://node:8445"
    return "" if web_base(node) in known else f"{node} is no node of PULSE_FINESSE_NODES"


def _base_fault(url: str) -> str:
    try:
        web_base(url)
    except ValueError as error:
        return str(error)
    return ""
