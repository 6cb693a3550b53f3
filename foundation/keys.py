"""The service's own secrets: signing keys, keys derived from them, and sealed references that a browser may hold."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.settings import Settings

KEY_FILE = "secret.key"
NONCE_BYTES = 12


def signing_keys(settings: Settings) -> tuple[bytes, ...]:
    """The keys of `SECRET_KEY`, else the one generated once in `DATA_DIR`; the first signs, all verify."""
    if settings.secret_key:
        return tuple(key.encode() for key in settings.secret_key)
    return (_generated(settings.data_dir / KEY_FILE),)


def derived(key: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose alone, so that no value made for one use is of any use elsewhere."""
    return hmac.digest(key, purpose.encode(), hashlib.sha256)


class Seal:
    """Encrypts and signs short values into `[A-Za-z0-9_-]`, bound to a context that must be named to open them."""

    def __init__(self, keys: tuple[bytes, ...], purpose: str) -> None:
        self._ciphers = [AESGCM(derived(key, purpose)) for key in keys]

    def close(self, value: bytes, context: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._ciphers[0].encrypt(nonce, value, context.encode())
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, sealed: str, context: str) -> bytes | None:
        """The value, or None where the seal is broken, of another context, or of a key that we no longer hold."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        except ValueError:
            return None
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
            except (InvalidTag, ValueError):
                continue
        return None


def _generated(path: Path) -> bytes:
    """The key in `path`; made there first, readable by its owner alone, where there is none."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip().encode()
