"""Who belongs to a supervisor's teams: read at the sign-in, with the supervisor's own credential, and never a burden.

All of it has a second at most, a team is asked for once in some minutes whoever signs in, and what does not answer is
left alone as long: the sign-in goes on as if nobody had asked.
"""

import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from foundation.cache.cache import Cache
from foundation.errors import PulseError
from gadgets.finesse.client import Finesse
from gadgets.finesse.clusters import Cluster
from gadgets.finesse.credentials import Credential
from gadgets.signin.directory import Directory, Entry
from gadgets.signin.person import Person

log = structlog.get_logger(__name__)

SECONDS = 1.0
LEFT_ALONE = 300
MOST_TEAMS = 20  # docs/cisco/finesse.md §8.2


class Rosters:
    """Learns names; `finesse` has an HTTP client of its own, so that a slow roster never stands for a slow node."""

    def __init__(self, finesse: Finesse, directory: Directory, cache: Cache) -> None:
        self._finesse = finesse
        self._directory = directory
        self._cache = cache

    def read(self, cluster: Cluster, origin: str | None, person: Person, credential: Credential) -> None:
        """Learn who is in the teams that this person supervises."""
        deadline = time.monotonic() + SECONDS
        for team_id, _ in person.supervises[:MOST_TEAMS]:
            if time.monotonic() >= deadline or self._cache.get(_failed(cluster)) is not None:
                return
            if not self._cache.add(f"roster:{cluster.id}|{team_id}", 1, LEFT_ALONE):
                continue
            try:
                self._learn(cluster, origin, team_id, credential, deadline)
            except (PulseError, SQLAlchemyError) as error:
                self._cache.set(_failed(cluster), 1, LEFT_ALONE)
                log.info("no_roster", cluster=cluster.id, team=team_id, reason=type(error).__name__)
                return

    def _learn(
        self, cluster: Cluster, origin: str | None, team_id: str, credential: Credential, deadline: float
    ) -> None:
        name, members = self._finesse.team(cluster, origin, team_id, credential, _left(deadline))
        is_uccx = self._finesse.is_uccx(cluster, origin, _left(deadline))
        entries = [
            Entry(
                member.login_id,
                member.name,
                # On UCCE Finesse tells an agent's skill target id to the agent alone: sign-ins and imports know it.
                agent_id=member.login_id if is_uccx else member.skill_target_id or None,
                team_id=team_id,
                team_name=name or None,
            )
            for member in members
        ]
        self._directory.enter(cluster.id, entries)
        if name:
            self._directory.name_team(team_id, name)


def _left(deadline: float) -> float:
    """Seconds for one call: two nodes may have to be tried."""
    return max(0.001, deadline - time.monotonic()) / 2


def _failed(cluster: Cluster) -> str:
    return f"roster_failed:{cluster.id}"
