"""The service's own secrets: signing keys, keys derived from them, and sealed references that a browser may hold."""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.setting_rules import SHORTEST_KEY
from foundation.settings import PREFIX, Settings, SettingsError

KEY_FILE = "secret.key"
NONCE_BYTES = 12


class KeyFileError(ValueError):
    """The file of the generated key cannot be used; the message names it and says what to do."""


def signing_keys(settings: Settings) -> tuple[bytes, ...]:
    """This node's keys, else the one generated once in `DATA_DIR`; the first signs, all verify.

    Raises SettingsError where that one cannot be read or made.
    """
    if settings.node_key:
        return tuple(key.encode() for key in settings.node_key)
    return (_generated(settings.data_dir / KEY_FILE),)


def survey_keys(settings: Settings) -> tuple[bytes, ...]:
    """What all nodes with the survey face sign with: `SURVEY_KEY` where it is set. Raises SettingsError."""
    return tuple(key.encode() for key in settings.survey_key) or signing_keys(settings)


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


def generate_key(path: Path, prefix: str = "") -> None:
    """Make the key in `path`, readable by its owner alone, where there is none; of several that do, the first wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(prefix + secrets.token_urlsafe(48))
            file.flush()
            # It is on the disk before it has its name: a machine that stops leaves no empty key behind.
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)


def read_key(path: Path) -> str | None:
    """The key in `path`; None where there is no such file. Raises KeyFileError."""
    try:
        key = path.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise KeyFileError(f"{path.name} cannot be read ({why}): give this account the right to") from error
    if len(key) < SHORTEST_KEY:
        raise KeyFileError(
            f"{path.name} holds no key of {SHORTEST_KEY} characters: restore it, or remove it to have a new one made, "
            "which ends all sessions"
        )
    return key


def _generated(path: Path) -> bytes:
    """The key in `path`; made there first where there is none. Raises SettingsError."""
    try:
        key = read_key(path)
        if key is None:
            generate_key(path)
            key = read_key(path)
    except (KeyFileError, OSError) as error:
        raise SettingsError([f"{PREFIX}DATA_DIR = {path.parent}: {error}"]) from error
    return (key or "").encode()
