"""Secrets as the database keeps them: passwords under scrypt, generated keys under HMAC; pure.

A generated key has 256 random bits, so its hash need not be slow. A key that somebody chose is a password. Each hash
carries its own cost: `scrypt$N$r$p$salt$digest` or `hmac-sha256$salt$digest`. `scrypt$salt$digest`, which earlier
versions wrote, is scrypt at a fifth of today's cost.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass

_EARLIER = ("16384", "8", "1")
_MAX_MEMORY = 64 * 1024 * 1024
_KEY = "hmac-sha256"


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes passwords at one cost: `n` and `r` set the memory, `p` how many times it is worked through."""

    n: int
    r: int
    p: int

    def hash(self, password: str, beside: str | None = None) -> str:
        """A new hash; with the salt of `beside`, the user's other hash, where it can be: one computation tests both."""
        salt = _parse(beside)[1] if beside and self.is_current(beside) else os.urandom(16)
        digest = _scrypt(password, salt, self.n, self.r, self.p)
        return f"scrypt${self.n}${self.r}${self.p}${_encode(salt)}${_encode(digest)}"

    def is_current(self, stored: str) -> bool:
        """Whether a hash was made at this cost."""
        return _parse(stored)[0] == (self.n, self.r, self.p)

    def match(self, secret: str, stored: Sequence[str]) -> str | None:
        """The hash that a secret fits. A secret that fits none takes as long for no hash as for one of today's cost."""
        computed: dict[tuple[tuple[int, int, int], bytes], str] = {}
        for stored_hash in stored:
            cost, salt, digest = _parse(stored_hash)
            if (cost, salt) not in computed:
                computed[cost, salt] = _encode(_scrypt(secret, salt, *cost))
            if hmac.compare_digest(computed[cost, salt], digest):
                return stored_hash
        missing = self.p - sum(p for (_, _, p), _ in computed)
        if missing > 0:
            _scrypt(secret, bytes(16), self.n, self.r, missing)
        return None


# As strong as OWASP asks of scrypt, in the 16 MiB that let several be tested at once.
STRONG = Passwords(n=2**14, r=8, p=5)


def hash_key(key: str) -> str:
    """A hash of a generated key."""
    salt = os.urandom(16)
    return f"{_KEY}${_encode(salt)}${_encode(_hmac(key, salt))}"


def is_of_key(stored: str) -> bool:
    """Whether this is the quick hash of a generated key."""
    return stored.startswith(f"{_KEY}$")


def fits_key(key: str, stored: str) -> bool:
    """Whether a key fits its quick hash."""
    _, salt, digest = stored.split("$")
    return hmac.compare_digest(_encode(_hmac(key, _decode(salt))), digest)


def _parse(stored: str) -> tuple[tuple[int, int, int], bytes, str]:
    """The cost, the salt and the digest of a password's hash."""
    _, *cost, salt, digest = stored.split("$")
    n, r, p = map(int, cost or _EARLIER)
    return (n, r, p), _decode(salt), digest


def _scrypt(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(_bytes(secret), salt=salt, n=n, r=r, p=p, maxmem=_MAX_MEMORY, dklen=32)


def _hmac(key: str, salt: bytes) -> bytes:
    return hmac.digest(salt, _bytes(key), hashlib.sha256)


def _bytes(secret: str) -> bytes:
    return secret.encode("utf-8", "replace")


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
