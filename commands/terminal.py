"""What others wrote, made fit for a terminal: paths, origins and names in certificates are chosen by strangers."""

from __future__ import annotations


def plain(text: str) -> str:
    r"""The text with whatever a terminal would obey instead of showing (`\x1b`, U+202E, line ends) spelled out."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
