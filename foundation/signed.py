"""Claims that we sign and later read back: short-lived tokens of one purpose each, opaque to who holds them."""

import time
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from foundation.keys import derived

ISSUER = "finesse-pulse"
ALGORITHM = "HS256"
# The clocks of two nodes may differ by so much: what one signs with a time in it, the other accepts.
SKEW_SECONDS = 60


def is_over(end: float) -> bool:
    """Whether a moment that some node wrote, in seconds since 1970, is past by the clocks of all."""
    return end <= time.time() - SKEW_SECONDS


class SignedClaims:
    """JWTs for one purpose: the first key signs, all verify; a token made for another purpose is none here."""

    def __init__(self, keys: tuple[bytes, ...], purpose: str, audience: str) -> None:
        self._keys = KeySet([OctKey.import_key(derived(key, purpose), {"kid": str(n)}) for n, key in enumerate(keys)])
        self._signer = self._keys.keys[0]
        self._audience = audience
        self._rules = jwt.JWTClaimsRegistry(
            leeway=SKEW_SECONDS,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )

    def sign(self, claims: dict[str, Any], seconds: int) -> tuple[str, int]:
        """A token of these claims, and the moment it expires, in seconds since 1970."""
        now = int(time.time())
        facts = {"iss": ISSUER, "aud": self._audience, "iat": now, "exp": now + seconds}
        return jwt.encode({"alg": ALGORITHM}, claims | facts, self._signer, algorithms=[ALGORITHM]), now + seconds

    def read(self, token: str) -> dict[str, Any] | None:
        """The claims; None of a token that is forged, expired or not ours."""
        for key in self._keys.keys:
            try:
                claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
                self._rules.validate(claims)
            except (JoseError, ValueError):
                continue
            return claims
        return None
