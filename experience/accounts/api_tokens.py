"""Bearer tokens of the WxM API: opaque to callers, signed, and of no use once their user's secret is another.

One who logs in has a token for at most 12 hours. One that is bound to what a person may see lives as long as a session.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, String, Table, bindparam, delete, exists, select

from experience.accounts.users import User, users
from experience.model.scope import NOBODY, Scope
from foundation.db.database import Database, metadata
from foundation.db.prepared import Prepared
from foundation.signed import SKEW_SECONDS, SignedClaims, is_over

LIFETIME = 43_200  # docs/cisco/wxm-api.md §2
BOUND_LIFETIME = 900
AUDIENCE = "api"

ended_tokens = Table(
    "ended_tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the WxM API. `token` names the bearer token, None where the call came with Basic; `scope` binds it."""

    user: str
    role: str
    scope: Scope | None = None
    token: str | None = None
    expires_at: int = 0
    generation: str = ""

    @property
    def may_write(self) -> bool:
        return self.role == "system" and self.scope is None


class ApiTokens:
    """Issues and reads tokens: the first key signs, all verify."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._signed = SignedClaims(keys, "api", AUDIENCE)

    def issue(self, user: User, *, lifetime: int = LIFETIME, scope: Scope | None = None) -> tuple[str, int]:
        """A token and the moment it expires, in seconds since 1970."""
        claims: dict[str, Any] = {
            "sub": user.name,
            "role": user.role,
            "gen": user.generation,
            "jti": secrets.token_urlsafe(12),
        }
        if scope is not None:
            claims["reach"] = {"teams": None if scope.teams is None else sorted(scope.teams), "agent": scope.agent}
        return self._signed.sign(claims, min(lifetime, LIFETIME if scope is None else BOUND_LIFETIME))

    def read(self, token: str) -> Caller | None:
        """Whose token this is; None for one that is forged, expired or not ours."""
        claims = self._signed.read(token)
        caller = None if claims is None else _caller(claims)
        return None if caller is None or is_over(caller.expires_at) else caller


class TokenRow(NamedTuple):
    """The user of a token that is still good."""

    name: str
    role: str


class Bearers:
    """Finds callers by their token, and ends tokens; on all nodes of one database."""

    def __init__(self, database: Database, tokens: ApiTokens) -> None:
        self._database = database
        self._tokens = tokens

    def find(self, token: str) -> Caller | None:
        """The caller in the role that he has today; None where the token was ended, or what it was given out for."""
        caller = self._tokens.read(token)
        if caller is None:
            return None
        values = {"name": caller.user, "generation": caller.generation, "token": caller.token}
        with self._database.read() as connection:
            rows = _good().rows(connection, values)
        return replace(caller, role=rows[0].role) if rows else None

    def end(self, caller: Caller) -> None:
        """Let the caller's token in no more. What has expired by now is forgotten."""
        if caller.token is None:
            return
        ending = self._database.dialect_insert(ended_tokens).values(id=caller.token, expires_at=caller.expires_at)
        with self._database.write() as connection:
            connection.execute(delete(ended_tokens).where(ended_tokens.c.expires_at <= _expired()))
            connection.execute(ending.on_conflict_do_nothing())


@cache
def _good() -> Prepared[TokenRow]:
    """One statement tells of the user and of the token: each call with a token asks it."""
    is_ended = exists().where(ended_tokens.c.id == bindparam("token"))
    named = users.c.name == bindparam("name"), users.c.generation == bindparam("generation")
    return Prepared(select(users.c.name, users.c.role).where(*named, ~users.c.disabled, ~is_ended), TokenRow)


def _expired() -> int:
    return int(time.time()) - SKEW_SECONDS


def _caller(claims: dict[str, Any]) -> Caller:
    """Of a token that an earlier version gave out, which names no generation; bound ones lived too long there."""
    scope, expires_at = _scope(claims.get("reach")), claims["exp"]
    if scope is not None:
        expires_at = min(expires_at, claims["iat"] + BOUND_LIFETIME)
    return Caller(claims["sub"], claims["role"], scope, claims["jti"], expires_at, claims.get("gen", ""))


def _scope(bound: dict[str, Any] | None) -> Scope | None:
    """What a token is bound to, None where to nothing; claims that name nobody let nobody's answers be seen."""
    if bound is None:
        return None
    teams = bound["teams"]
    try:
        return Scope(None if teams is None else frozenset(teams), bound["agent"])
    except ValueError:
        return NOBODY
