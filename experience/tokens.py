"""Bearer tokens of the WxM API: opaque to callers, signed, for at most 12 hours, bound to what one person may see."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from foundation.keys import derived

LIFETIME = 43_200
ISSUER = "finesse-pulse"
AUDIENCE = "api"
ALGORITHM = "HS256"


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
        self._keys = KeySet([OctKey.import_key(derived(key, "api"), {"kid": str(n)}) for n, key in enumerate(keys)])
        self._signer = self._keys.keys[0]
        self._rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
        )

    def issue(self, user: str, role: str, *, lifetime: int = LIFETIME, reach: Reach | None = None) -> tuple[str, int]:
        """A token and the moment it expires, in seconds since 1970."""
        now = int(time.time())
        expires_at = now + min(lifetime, LIFETIME)
        claims: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": expires_at}
        claims |= {"sub": user, "role": role, "jti": secrets.token_urlsafe(12)}
        if reach is not None:
            claims["reach"] = {"teams": None if reach.teams is None else sorted(reach.teams), "agent": reach.agent}
        return jwt.encode({"alg": ALGORITHM}, claims, self._signer, algorithms=[ALGORITHM]), expires_at

    def read(self, token: str) -> Caller | None:
        """Whose token this is; None for one that is forged, expired or not ours."""
        for key in self._keys.keys:
            try:
                claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
                self._rules.validate(claims)
            except (JoseError, ValueError):
                continue
            return _caller(claims)
        return None


def _caller(claims: dict[str, Any]) -> Caller:
    return Caller(claims["sub"], claims["role"], _reach(claims.get("reach")), claims["jti"], claims["exp"])


def _reach(told: dict[str, Any] | None) -> Reach | None:
    if told is None:
        return None
    teams = told["teams"]
    return Reach(None if teams is None else frozenset(teams), told["agent"])
