"""A signed-in person: who Finesse says is at the desktop; pure."""

from dataclasses import dataclass
from typing import Any, Self

Team = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """An agent or supervisor, keyed by cluster and id. Teams are (id, name); `supervises` is empty for agents."""

    cluster: str
    id: str
    login_name: str
    name: str
    agent_id: str
    roles: tuple[str, ...]
    team: Team
    supervises: tuple[Team, ...]
    extension: str

    @property
    def key(self) -> str:
        return f"{self.cluster}|{self.id}"

    @property
    def is_supervisor(self) -> bool:
        return "Supervisor" in self.roles

    def claims(self) -> dict[str, Any]:
        """What a session token carries; short names keep the header short."""
        return {
            "sub": self.id,
            "cl": self.cluster,
            "ln": self.login_name,
            "nm": self.name,
            "ag": self.agent_id,
            "ro": self.roles,
            "te": self.team,
            "su": self.supervises,
            "ex": self.extension,
        }

    @classmethod
    def of_claims(cls, claims: dict[str, Any]) -> Self:
        return cls(
            cluster=claims["cl"],
            id=claims["sub"],
            login_name=claims["ln"],
            name=claims["nm"],
            agent_id=claims["ag"],
            roles=tuple(claims["ro"]),
            team=(claims["te"][0], claims["te"][1]),
            supervises=tuple((team[0], team[1]) for team in claims["su"]),
            extension=claims["ex"],
        )

    def to_dict(self) -> dict[str, Any]:
        """The `person` of the session answer (docs/api.md, Session)."""
        return {
            "id": self.id,
            "loginName": self.login_name,
            "name": self.name,
            "agentId": self.agent_id,
            "roles": list(self.roles),
            "team": _team(self.team),
            "supervises": [_team(team) for team in self.supervises],
        }


def _team(team: Team) -> dict[str, str]:
    return {"id": team[0], "name": team[1]}
