"""Whose answers: those of some teams, of one agent, or both; pure. "Is this answer in this scope?" is said here.

`conditions` in `experience/answers/schema.py` says the same in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Answers that carry one of `teams` (None: any team or none) and `agent` (None: any agent or none).

    Never both None; a scope of no teams holds nothing.
    """

    teams: frozenset[str] | None
    agent: str | None

    def __post_init__(self) -> None:
        if self.teams is None and not self.agent:
            raise ValueError("a scope names teams or an agent")
        if self.agent == "" or "" in (self.teams or ()):
            raise ValueError("a scope names no team and no agent by the empty string")

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing, whatever answers there are."""
        return self.teams is not None and not self.teams

    def holds(self, team_id: str | None, agent_id: str | None) -> bool:
        """Whether an answer with this team and agent is in the scope; None and the empty string stand for none."""
        return (self.teams is None or team_id in self.teams) and (self.agent is None or agent_id == self.agent)


NOBODY = Scope(frozenset(), None)
