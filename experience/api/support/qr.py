"""A QR code as a picture of a fixed size; pure."""

from __future__ import annotations

import struct
import zlib

import segno

QUIET = 4
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def picture(text: str, size: int) -> bytes:
    """A PNG of `size` by `size` pixels. Segno draws whole modules only: the rest of the pixels is white around it."""
    modules = [[bool(dark) for dark in row] for row in segno.make_qr(text, error="m").matrix]
    scale = max(1, size // (len(modules) + 2 * QUIET))
    before = (size - scale * len(modules)) // 2
    blank = b"\xff" * size
    lines = [blank] * before
    for row in modules:
        drawn = b"".join((b"\x00" if dark else b"\xff") * scale for dark in row)
        lines += [(b"\xff" * before + drawn).ljust(size, b"\xff")] * scale
    lines += [blank] * (size - len(lines))
    pixels = b"".join(b"\x00" + line for line in lines)
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(pixels, 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
