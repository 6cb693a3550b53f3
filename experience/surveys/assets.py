"""Files that questionnaires need, prompts and pictures: kept in the database under a name that nobody guesses."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, func, select

from foundation.db.database import Database, metadata
from foundation.errors import BadRequest

LARGEST = 4 * 1024 * 1024
MOST = 1000
MOST_OF_A_TOKEN = 10
# By its ending: how a file begins, and its media type. What a browser would run as a page is not among them.
KINDS: dict[str, tuple[tuple[bytes, ...], str]] = {
    "wav": ((b"RIFF",), "audio/wav"),
    "mp3": ((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"), "audio/mpeg"),
    "ogg": ((b"OggS",), "audio/ogg"),
    "au": ((b".snd",), "audio/basic"),
    "png": ((b"\x89PNG\r\n\x1a\n",), "image/png"),
    "jpg": ((b"\xff\xd8\xff",), "image/jpeg"),
    "gif": ((b"GIF87a", b"GIF89a"), "image/gif"),
    "pdf": ((b"%PDF-",), "application/pdf"),
}
_SAME = {"jpeg": "jpg", "wave": "wav"}

assets = Table(
    "assets",
    metadata,
    Column("id", String, primary_key=True),
    Column("made_at", BigInteger, nullable=False),
    Column("media", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
)


class AssetFault(BadRequest):
    """A file cannot be kept; the detail says why."""

    code = "bad_asset"
    title = "This file cannot be kept"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served: its name here, its media type and its bytes."""

    name: str
    media: str
    content: bytes

    @property
    def is_shown(self) -> bool:
        """Whether it may be played or shown in place; all else is saved to disk."""
        return self.media.startswith(("audio/", "image/"))


def keep(database: Database, filename: str, content: bytes, token: str = "") -> Asset:
    """Keep a file; it gets a new name with the ending of its own. Of a survey token few are kept. Raises AssetFault."""
    suffix = filename.rpartition(".")[2].lower()
    ending = _SAME.get(suffix, suffix)
    if ending not in KINDS:
        raise AssetFault(f"files: a name that ends in one of {', '.join(KINDS)}")
    signs, media = KINDS[ending]
    if not content.startswith(signs):
        raise AssetFault(f"files: this is no {ending}, whatever its name says")
    if len(content) > LARGEST:
        raise AssetFault(f"files: at most {LARGEST // 1024 // 1024} MiB")
    # By the beginning of its name it is known whose it is; the rest nobody guesses.
    whose = hashlib.sha256(token.encode()).hexdigest()[:8] if token else ""
    asset = Asset(f"{whose}{secrets.token_hex(16)[len(whose) :]}.{ending}", media, content)
    with database.write() as connection:
        own = select(func.count()).select_from(assets).where(assets.c.id.startswith(whose))
        if whose and connection.execute(own).scalar_one() >= MOST_OF_A_TOKEN:
            raise AssetFault(f"{MOST_OF_A_TOKEN} files are kept of a survey token, and no more")
        if connection.execute(select(func.count()).select_from(assets)).scalar_one() >= MOST:
            raise AssetFault(f"{MOST} files are kept, and no more")
        row = {"id": asset.name, "made_at": int(time.time()), "media": media, "content": content}
        connection.execute(assets.insert().values(**row))
    return asset


def find(database: Database, name: str) -> Asset | None:
    """The file of a name, or of a name with `-` for the point, as WxM's clients write it in paths."""
    plain, dash, ending = name.rpartition("-")
    named = f"{plain}.{ending}" if dash and "." not in name else name
    if "\0" in named:
        return None
    with database.read() as connection:
        row = connection.execute(select(assets).where(assets.c.id == named)).one_or_none()
    return None if row is None else Asset(row.id, row.media, row.content)
