"""Bearer tokens of the WxM API: opaque to callers, signed, for at most 12 hours, bound to what one person may see."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from foundation.signed import SignedClaims

LIFETIME = 43_200
AUDIENCE = "api"


@dataclass(frozen=True, slots=True)
class Reach:
    """Answers that carry one of `teams` (None: any) and `agent` (None: any): all that a bound token may see."""

    teams: frozenset[str] | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the WxM API. `token` names the bearer token, None where the call came with Basic; `reach` binds it."""

    user: str
    role: str
    reach: Reach | None = None
    token: str | None = None
    expires_at: int = 0

    @property
    def may_write(self) -> bool:
        return self.role == "system" and self.reach is None


class ApiTokens:
    """Issues and reads tokens: the first key signs, all verify."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._signed = SignedClaims(keys, "api", AUDIENCE)

    def issue(self, user: str, role: str, *, lifetime: int = LIFETIME, reach: Reach | None = None) -> tuple[str, int]:
        """A token and the moment it expires, in seconds since 1970."""
        claims: dict[str, Any] = {"sub": user, "role": role, "jti": secrets.token_urlsafe(12)}
        if reach is not None:
            claims["reach"] = {"teams": None if reach.teams is None else sorted(reach.teams), "agent": reach.agent}
        return self._signed.sign(claims, min(lifetime, LIFETIME))

    def read(self, token: str) -> Caller | None:
        """Whose token this is; None for one that is forged, expired or not ours."""
        claims = self._signed.read(token)
        return None if claims is None else _caller(claims)


def _caller(claims: dict[str, Any]) -> Caller:
    return Caller(claims["sub"], claims["role"], _reach(claims.get("reach")), claims["jti"], claims["exp"])


def _reach(told: dict[str, Any] | None) -> Reach | None:
    if told is None:
        return None
    teams = told["teams"]
    return Reach(None if teams is None else frozenset(teams), told["agent"])
